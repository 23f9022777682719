//! Parts of a document as XHTML.

use std::fmt::Write as _;

use crate::{
    base::text::escaped,
    record::note::model::{Format, paragraphs},
    view::document::Part,
};

/// The words of a part as XHTML.
pub fn narrative(part: &Part, html: &mut String) {
    let list = |lines: &[String]| lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect::<String>();
    let _ = match part {
        Part::Text(text) | Part::Small(text) => write!(html, "<p>{}</p>", escaped(text)),
        Part::Quote(text) => write!(html, "<blockquote>{}</blockquote>", escaped(text)),
        Part::Heading(text) => write!(html, "<h3>{}</h3>", escaped(text)),
        Part::Lines(lines) => write!(html, "<ul>{}</ul>", list(lines)),
        Part::Facts(facts) => {
            let rows: String =
                facts.iter().map(|(label, value)| format!("<tr><th>{}</th><td>{}</td></tr>", escaped(label), escaped(value))).collect();
            write!(html, "<table><tbody>{rows}</tbody></table>")
        }
        Part::Table { head, rows, .. } => {
            let head: String = head.iter().map(|cell| format!("<th>{}</th>", escaped(cell))).collect();
            let row = |row: &Vec<String>| row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect::<String>();
            let rows: String = rows.iter().map(|cells| format!("<tr>{}</tr>", row(cells))).collect();
            write!(html, "<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        }
        Part::Entry { title, tag, lines, parts } => {
            let tag = tag.as_ref().map_or_else(String::new, |tag| format!(" ({})", escaped(&tag.text)));
            let lines: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
            let _ = write!(html, "<h4>{}{tag}</h4>{lines}", escaped(title));
            parts.iter().for_each(|part| narrative(part, html));
            Ok(())
        }
        // Sanitised when it came in, as HTML and not as XML: its words are enough for a narrative.
        Part::Html(found) => {
            let words = paragraphs(Format::Html, found);
            words.iter().try_for_each(|words| write!(html, "<p>{}</p>", escaped(words)))
        }
        Part::Aside(_) | Part::Buttons(_) | Part::Chart { .. } | Part::Legend(_) | Part::Code { .. } | Part::More { .. } => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narratives_hold_no_markup_of_others() {
        let mut html = String::new();
        let entry = Part::Entry {
            title: "<b>".into(),
            tag: None,
            lines: vec!["a & b\u{1}".into()],
            parts: vec![Part::Html("<p>x<br>y</p>".into())],
        };
        narrative(&entry, &mut html);
        assert_eq!(html, "<h4>&lt;b&gt;</h4><p>a &amp; b</p><p>x</p><p>y</p>");
    }
}
