//! Address.

use serde_json::Value;

use super::list::items;

/// "28 Crescent Street, Middletown, CT 06457".
pub fn address(address: &Value) -> Option<String> {
    let text = |member: &str| address[member].as_str().map(str::to_owned);
    let street: Vec<String> = items(&address["line"]).filter_map(Value::as_str).map(str::to_owned).collect();
    let region = [text("state"), text("postalCode")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let parts: Vec<String> = street.into_iter().chain(text("city")).chain(Some(region)).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { text("text") } else { Some(parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn its_parts_stand_in_a_line_and_its_text_where_it_has_none() {
        let parts = json!({"line": ["28 Crescent Street"], "city": "Middletown", "state": "CT", "postalCode": "06457", "text": "x"});
        assert_eq!(address(&parts).as_deref(), Some("28 Crescent Street, Middletown, CT 06457"));
        assert_eq!(address(&json!({"text": "At the corner"})).as_deref(), Some("At the corner"));
        assert_eq!(address(&json!({})), None);
    }
}
