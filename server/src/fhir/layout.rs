//! Resources without what does not matter in their JSON: spaces, escapes, the order of members.

use serde_json::Value;

/// The same text for the same content. Items of arrays keep their order, numbers their digits as far as they were read.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            separated(text, ['{', '}'], members, |(name, member), text| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(member, text);
            });
        }
        Value::Array(items) => separated(text, ['[', ']'], items, write),
        other => text.push_str(&other.to_string()),
    }
}

fn separated<T>(text: &mut String, brackets: [char; 2], items: impl IntoIterator<Item = T>, each: impl Fn(T, &mut String)) {
    text.push(brackets[0]);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        each(item, text);
    }
    text.push(brackets[1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_layout_is_the_same() {
        let read = |text: &str| canonical(&serde_json::from_str(text).expect("JSON"));
        let one = read(r#"{"id":"1","name":[{"family":"Å","given":["B","C"]}]}"#);
        assert_eq!(one, read("{\"name\" : [ {\"given\":[\"B\",\"C\"],\n\"family\":\"\\u00c5\"}],\"id\":\"1\"}"));
        assert_ne!(one, read(r#"{"id":"1","name":[{"family":"Å","given":["C","B"]}]}"#));
    }
}
