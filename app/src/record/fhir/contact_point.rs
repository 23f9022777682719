//! ContactPoint.

use chrono::NaiveDate;
use serde_json::Value;

use super::{list::items, period::covers};

/// The phone or e-mail of a kind and, when given, of a use, by which somebody is reached on a day: by rank, then in the order sent.
/// What is over, or was only for a while, is none. FHIR R4, ContactPoint: `use`, `rank`, `period`.
pub fn telecom(list: &Value, system: &str, usage: Option<&str>, day: NaiveDate) -> Option<String> {
    let of = |point: &&Value| {
        point["system"] == system && is_current(point, day) && usage.is_none_or(|usage| point["use"] == usage) && value(point).is_some()
    };
    items(list).filter(of).min_by_key(|point| point["rank"].as_u64().unwrap_or(u64::MAX)).and_then(value).map(str::to_owned)
}

/// The phone whose use is not told.
pub fn phone_of_no_use(list: &Value, day: NaiveDate) -> Option<String> {
    let of = |point: &&Value| point["system"] == "phone" && point["use"].is_null() && is_current(point, day);
    items(list).filter(of).find_map(value).map(str::to_owned)
}

fn is_current(point: &Value, day: NaiveDate) -> bool {
    point["use"] != "old" && covers(&point["period"], day)
}

fn value(point: &Value) -> Option<&str> {
    point["value"].as_str().map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_over_is_left_out() {
        let today = "2026-11-26".parse().expect("a day");
        let points = json!([
            {"system": "phone", "use": "old", "value": "1"},
            {"system": "email", "value": "before@example.org", "period": {"end": "2018-01-01"}},
            {"system": "email", "value": " "},
            {"system": "email", "value": "second@example.org", "rank": 2},
            {"system": "email", "value": "now@example.org", "rank": 1},
            {"system": "email", "value": "soon@example.org", "period": {"start": "2027"}},
            {"system": "phone", "use": "work", "value": "2"},
            {"system": "phone", "use": "home", "value": "4", "period": {"end": "2017-01-01"}},
            {"system": "phone", "use": "home", "value": "3"},
            {"system": "phone", "value": "5"},
        ]);
        assert_eq!(telecom(&points, "email", None, today).as_deref(), Some("now@example.org"));
        assert_eq!(telecom(&points, "phone", None, today).as_deref(), Some("2"));
        assert_eq!(telecom(&points, "phone", Some("home"), today).as_deref(), Some("3"));
        assert_eq!(phone_of_no_use(&points, today).as_deref(), Some("5"));
        assert_eq!(telecom(&points, "fax", None, today), None);
    }
}
