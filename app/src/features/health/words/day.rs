//! Days and moments, as exact as the source says them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::base::i18n::Texts;

/// "March 4, 2020"; "March 2020" where no more is known. A year is a year in every language.
pub(super) fn day(t: Texts, said: &str) -> Option<String> {
    if said.len() == 7 {
        let first: NaiveDate = format!("{said}-01").parse().ok()?;
        let month = t.dates_months().split('|').nth(first.month0() as usize)?;
        return Some(t.health_month_year(month, &first.year().to_string()));
    }
    said.parse().ok().map(|day| t.date(day))
}

/// A day, or a moment in the time zone in which it was written.
pub(super) fn instant(t: Texts, said: &str) -> Option<String> {
    match DateTime::parse_from_rfc3339(said) {
        Ok(at) => Some(t.date_and_time(at.with_timezone(&Utc), at.offset())),
        Err(_) => said.parse().ok().map(|day: NaiveDate| t.date(day)),
    }
}
