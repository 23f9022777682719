//! The record as one web page that needs nothing else.

use std::fmt::Write;

use app::{base::text::escaped, features::sharing::fhir::narrative, record::chapter::Chapter};

use super::Cover;

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1.5rem;color:#1d2733;background:#fff}\
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:2px solid #00545f;color:#00545f}h3{margin-bottom:.2rem}h4{margin:1rem 0 0}p{margin:.2rem 0}\
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.95em}th,td{border:1px solid #d8d3c8;padding:.3rem .5rem;text-align:left;vertical-align:top}\
blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #d8d3c8;white-space:pre-line}nav ul{columns:2}\
body{overflow-wrap:anywhere}@media screen and (max-width:40rem){body{padding:1rem}nav ul{columns:1}table{display:block;overflow-x:auto;overflow-wrap:normal}}\
@media print{h2{break-after:avoid}tr,h4{break-inside:avoid}}";

pub fn write(cover: &Cover, chapters: &[Chapter]) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title><style>{STYLE}</style></head><body><h1>{}</h1>",
        cover.language,
        escaped(&cover.name),
        escaped(&cover.name)
    );
    for line in &cover.lines {
        let _ = write!(page, "<p>{}</p>", escaped(line));
    }
    page.push_str("<nav><ul>");
    for chapter in chapters {
        let _ = write!(page, "<li><a href=\"#{}\">{}</a></li>", chapter.section.as_str(), escaped(&chapter.heading));
    }
    page.push_str("</ul></nav>");
    for chapter in chapters {
        let _ = write!(page, "<section id=\"{}\"><h2>{}</h2>", chapter.section.as_str(), escaped(&chapter.heading));
        for part in &chapter.parts {
            narrative(part, &mut page);
        }
        page.push_str("</section>");
    }
    page.push_str("</body></html>\n");
    page
}

#[cfg(test)]
mod tests {
    use super::super::tests::{chapter, cover};

    #[test]
    fn the_page_holds_everything_and_loads_nothing() {
        let page = super::write(&cover(), &[chapter()]);
        assert!(page.contains("<html lang=\"en\">") && page.contains("Ana Núñez") && page.contains("Two &amp; &lt;three&gt;"));
        for outside in ["src=", "http:", "https:", "<script", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
