//! ContactPoint.

use serde_json::Value;

use super::list::items;

/// The first phone or e-mail of a kind and, when given, of a use.
pub fn telecom(list: &Value, system: &str, usage: Option<&str>) -> Option<String> {
    items(list)
        .find(|point| point["system"] == system && point["use"] != "old" && usage.is_none_or(|usage| point["use"] == usage))
        .and_then(|point| point["value"].as_str())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn old_ones_are_left_out() {
        let points = json!([{"system": "phone", "use": "old", "value": "1"}, {"system": "email", "value": "a@b.c"},
            {"system": "phone", "use": "work", "value": "2"}, {"system": "phone", "use": "home", "value": "3"}]);
        assert_eq!(telecom(&points, "phone", None).as_deref(), Some("2"));
        assert_eq!(telecom(&points, "phone", Some("home")).as_deref(), Some("3"));
        assert_eq!(telecom(&points, "fax", None), None);
    }
}
