//! Range.

use serde_json::Value;

use super::quantity::{number, unit};

/// "1–2 tablet".
pub fn range(range: &Value) -> Option<String> {
    let (low, high) = (&range["low"], &range["high"]);
    let unit = unit(if high.is_object() { high } else { low });
    let number = match (number(&low["value"]), number(&high["value"])) {
        (Some(low), Some(high)) => format!("{low}–{high}"),
        (Some(low), None) => format!("≥{low}"),
        (None, Some(high)) => format!("≤{high}"),
        (None, None) => return None,
    };
    Some(format!("{number} {unit}").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn open_ends_are_told() {
        let of = |value: Value| range(&value);
        assert_eq!(of(json!({"low": {"value": 1}, "high": {"value": 2, "unit": "tablet"}})).as_deref(), Some("1–2 tablet"));
        assert_eq!(of(json!({"low": {"value": 1, "unit": "mg"}})).as_deref(), Some("≥1 mg"));
        assert_eq!(of(json!({"high": {"value": 2, "unit": "mg"}})).as_deref(), Some("≤2 mg"));
        assert_eq!(of(json!({})), None);
    }
}
