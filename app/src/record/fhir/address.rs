//! Address.

use chrono::NaiveDate;
use serde_json::Value;

use super::{list::items, period::covers};

/// Where somebody lives on a day: at home, else where no use is told, else for a while. Where bills go is not where somebody lives.
/// FHIR R4, Address: `use`, `period`.
pub fn current(addresses: &Value, day: NaiveDate) -> Option<&Value> {
    let rank = |address: &&Value| match address["use"].as_str() {
        Some("home") => 0,
        None => 1,
        Some("work") => 3,
        Some("billing") => 4,
        Some(_) => 2,
    };
    items(addresses).filter(|address| address["use"] != "old" && covers(&address["period"], day)).min_by_key(rank)
}

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
    fn a_former_address_is_none() {
        let today = "2026-11-26".parse().expect("a day");
        let addresses = json!([
            {"use": "old", "city": "Hartford"},
            {"use": "home", "city": "Essex", "period": {"end": "2019-12-31"}},
            {"use": "temp", "city": "Deep River", "period": {"start": "2026-11-01", "end": "2026-12"}},
            {"use": "billing", "city": "Chester"},
            {"use": "home", "city": "Middletown", "period": {"start": "2020"}},
        ]);
        assert_eq!(current(&addresses, today).map(|found| &found["city"]), Some(&json!("Middletown")));
        let before = |day: &str| current(&addresses, day.parse().expect("a day")).map(|found| found["city"].clone());
        assert_eq!(before("2019-06-01"), Some(json!("Essex")));
        assert_eq!(current(&json!([{"use": "old", "city": "Hartford"}]), today), None);
    }

    #[test]
    fn its_parts_stand_in_a_line_and_its_text_where_it_has_none() {
        let parts = json!({"line": ["28 Crescent Street"], "city": "Middletown", "state": "CT", "postalCode": "06457", "text": "x"});
        assert_eq!(address(&parts).as_deref(), Some("28 Crescent Street, Middletown, CT 06457"));
        assert_eq!(address(&json!({"text": "At the corner"})).as_deref(), Some("At the corner"));
        assert_eq!(address(&json!({})), None);
    }
}
