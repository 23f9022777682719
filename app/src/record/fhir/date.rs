//! date, dateTime and instant.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use serde_json::Value;

use super::list::items;
use crate::base::when::When;

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

/// When, as exact as a date, dateTime or instant says it.
pub fn when(value: &Value) -> Option<When> {
    value.as_str().and_then(When::stored).filter(|when| !matches!(when, When::Unsaid | When::Span(..) | When::Reported(_)))
}

/// Period, which may have one end only.
pub fn period(value: &Value) -> Option<When> {
    let end = |name: &str| when(&value[name]).map(Box::new);
    let (start, end) = (end("start"), end("end"));
    (start.is_some() || end.is_some()).then_some(When::Span(start, end))
}

/// Timing: its moments, from the first to the last, else the period to which it is bound.
fn timing(value: &Value) -> Option<When> {
    let mut moments: Vec<When> = items(&value["event"]).filter_map(when).collect();
    moments.sort_by_key(When::sort_key);
    match (moments.first().cloned(), moments.pop()) {
        (Some(first), Some(last)) if first != last => Some(When::Span(Some(Box::new(first)), Some(Box::new(last)))),
        (first, _) => first.or_else(|| period(&value["repeat"]["boundsPeriod"])),
    }
}

/// A choice of types such as effective[x], by its stem.
pub fn choice(resource: &Value, stem: &str) -> Option<When> {
    let member = |kind: &str| &resource[format!("{stem}{kind}")];
    when(member("DateTime"))
        .or_else(|| when(member("Instant")))
        .or_else(|| period(member("Period")))
        .or_else(|| timing(member("Timing")))
        .or_else(|| when(member("Date")))
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

    #[test]
    fn every_choice_of_a_moment_is_read_as_exact_as_it_is() {
        for (sent, stored) in [
            (json!({"effectiveDateTime": "2026-10"}), Some("2026-10")),
            (json!({"effectiveInstant": "2026-10-05T07:00:00-04:00"}), Some("2026-10-05T07:00:00-04:00")),
            (json!({"effectivePeriod": {"start": "2026-10-04", "end": "2026-10-05"}}), Some("2026-10-04/2026-10-05")),
            (json!({"effectivePeriod": {"end": "2026-10-05"}}), Some("/2026-10-05")),
            (json!({"effectiveTiming": {"event": ["2026-10-05"]}}), Some("2026-10-05")),
            (json!({"effectiveTiming": {"event": ["2026-10-07", "2026-10-05"]}}), Some("2026-10-05/2026-10-07")),
            (json!({"effectiveTiming": {"repeat": {"boundsPeriod": {"start": "2026-10-05"}}}}), Some("2026-10-05/")),
            (json!({"effectivePeriod": {}}), None),
            (json!({}), None),
        ] {
            assert_eq!(choice(&sent, "effective").map(|when| when.to_stored()).as_deref(), stored, "{sent}");
        }
    }
}
