//! date, dateTime and instant.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use serde_json::Value;

/// An instant; a date without a time counts as noon UTC, which is the same day all over the Americas and Europe.
pub fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Some(at.with_timezone(&Utc)),
        Err(_) => Some(Utc.from_utc_datetime(&date(value)?.and_hms_opt(12, 0, 0)?)),
    }
}

/// The day as written; a year or a month alone counts as its first day.
pub fn date(value: &Value) -> Option<NaiveDate> {
    let text = value.as_str()?;
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.get(..10)?.to_owned(),
    };
    day.parse().ok()
}

/// The year or the month, where a date says no more.
pub fn partial(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| matches!(text.len(), 4 | 7) && date(value).is_some())
}

/// The day, or the year or month alone, as it was written.
pub fn day(value: &Value) -> Option<String> {
    partial(value).map(str::to_owned).or_else(|| date(value).map(|day| day.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_of_every_precision_are_read() {
        assert_eq!(instant(&json!("2020-03")).map(|at| at.to_rfc3339()).as_deref(), Some("2020-03-01T12:00:00+00:00"));
        assert_eq!(instant(&json!("2020-03-04T10:00:00-05:00")).map(|at| at.to_rfc3339()).as_deref(), Some("2020-03-04T15:00:00+00:00"));
        assert_eq!(date(&json!("2020-03-04T23:00:00-05:00")).map(|day| day.to_string()).as_deref(), Some("2020-03-04"));
        assert_eq!(instant(&json!("yesterday")), None);
        assert_eq!((partial(&json!("2019")), partial(&json!("2019-03"))), (Some("2019"), Some("2019-03")));
        assert_eq!((partial(&json!("2019-03-04")), partial(&json!("once")), partial(&json!(2019))), (None, None, None));
    }
}
