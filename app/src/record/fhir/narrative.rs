//! Narrative, and the HTML of notes.

use std::collections::HashSet;

use serde_json::Value;

use crate::record::note::model::{Format, paragraphs};

/// What remains of HTML: words, headings, lists and tables. No script, picture, link, style or attribute.
pub fn sanitised(html: &str) -> String {
    let tags = [
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "br",
        "hr",
        "div",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "sub",
        "sup",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "blockquote",
        "pre",
    ];
    ammonia::Builder::empty()
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style", "title"]))
        .clean(html)
        .to_string()
}

/// The words of a resource's narrative, a line for each piece.
pub fn narrative(resource: &Value) -> Option<String> {
    let text = &resource["text"];
    let words = paragraphs(Format::Html, &sanitised(text["div"].as_str()?)).join("\n");
    (text["status"] != "empty" && !words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn html_keeps_its_words_and_loses_what_could_harm() {
        let html = "<h2 onclick=\"x()\" style=\"color:red\">Plan</h2><script>alert(1)</script><p>Rest <a href=\"javascript:x\">now</a><img src=x onerror=y></p>";
        assert_eq!(sanitised(html), "<h2>Plan</h2><p>Rest now</p>");
    }

    #[test]
    fn a_narrative_is_told_in_its_words() {
        let with = |status: &str| {
            narrative(
                &json!({"text": {"status": status, "div": "<div xmlns=\"x\"><p><b>Assessment</b></p>&#9;<p>Rest &amp; fluids</p></div>"}}),
            )
        };
        assert_eq!(with("additional").as_deref(), Some("Assessment\nRest & fluids"));
        assert_eq!((with("empty"), narrative(&json!({}))), (None, None));
    }
}
