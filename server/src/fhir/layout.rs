//! Resources without what does not matter in their JSON: spaces, escapes, the order of members.

use serde::Serialize;
use serde_json::Value;

/// The same text for the same content. Items of arrays keep their order, numbers their digits as far as they were read.
pub fn canonical(value: &Value) -> String {
    let mut text = Vec::new();
    write(value, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            separated(text, [b'{', b'}'], members, |(name, member), text| {
                plain(name, text);
                text.push(b':');
                write(member, text);
            });
        }
        Value::Array(items) => separated(text, [b'[', b']'], items, write),
        other => plain(other, text),
    }
}

/// What holds nothing else; a vector takes whatever is written.
fn plain(value: &(impl Serialize + ?Sized), text: &mut Vec<u8>) {
    let _ = serde_json::to_writer(text, value);
}

fn separated<T>(text: &mut Vec<u8>, brackets: [u8; 2], items: impl IntoIterator<Item = T>, each: impl Fn(T, &mut Vec<u8>)) {
    text.push(brackets[0]);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
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
