//! Ratio.

use serde_json::Value;

use super::quantity::dose;

/// "100 mL/1 h".
pub fn ratio(ratio: &Value) -> Option<String> {
    Some(format!("{}/{}", dose(&ratio["numerator"])?, dose(&ratio["denominator"])?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_keep_their_units() {
        let rate = json!({"numerator": {"value": 100, "unit": "mL"}, "denominator": {"value": 1, "unit": "h"}});
        assert_eq!(ratio(&rate).as_deref(), Some("100 mL/1 h"));
        assert_eq!(ratio(&json!({"numerator": {"value": 100}})), None);
    }
}
