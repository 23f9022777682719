//! Annotation.

use serde_json::Value;

use super::list::items;

/// What was said beside the value.
pub fn notes(value: &Value) -> Option<String> {
    let said: Vec<&str> = items(&value["note"]).filter_map(|note| note["text"].as_str()).collect();
    (!said.is_empty()).then(|| said.join("\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_stands_in_a_line_of_its_own() {
        assert_eq!(notes(&json!({"note": [{"text": "a"}, {"time": "2020"}, {"text": "b"}]})).as_deref(), Some("a\nb"));
        assert_eq!(notes(&json!({"note": []})), None);
    }
}
