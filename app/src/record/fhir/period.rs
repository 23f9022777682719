//! Period.

use chrono::{Days, Months, NaiveDate, Utc};
use serde_json::Value;

use super::date::date;

/// Whether a day lies in a period. An end that says no more than a year or a month lasts until its last day.
pub fn covers(period: &Value, day: NaiveDate) -> bool {
    let begun = date(&period["start"]).is_none_or(|start| start <= day);
    begun && last_day(&period["end"]).is_none_or(|end| end >= day)
}

/// The days after `day` on which a period begins or is over.
pub fn changes_after(period: &Value, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let over = last_day(&period["end"]).and_then(|end| end.checked_add_days(Days::new(1)));
    [date(&period["start"]), over].into_iter().flatten().filter(move |change| *change > day)
}

pub fn last_day(end: &Value) -> Option<NaiveDate> {
    let (text, first) = (end.as_str()?, date(end)?);
    let months = match text.len() {
        4 => 12,
        7 => 1,
        _ => return Some(first),
    };
    first.checked_add_months(Months::new(months))?.pred_opt()
}

/// The day of an import, in UTC: by it is decided what is current.
pub fn today() -> NaiveDate {
    Utc::now().date_naive()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_period_ends_with_its_last_day() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (period, from, to) in [
            (json!({"start": "2015-05-30", "end": "2019"}), "2015-05-30", "2019-12-31"),
            (json!({"start": "2015-05", "end": "2016-02"}), "2015-05-01", "2016-02-29"),
            (json!({"start": "2015", "end": "2016-02-03T10:00:00Z"}), "2015-01-01", "2016-02-03"),
        ] {
            let (from, to) = (day(from), day(to));
            assert!(covers(&period, from) && covers(&period, to), "{period}");
            assert!(!covers(&period, from.pred_opt().expect("a day")) && !covers(&period, to.succ_opt().expect("a day")), "{period}");
            assert_eq!(changes_after(&period, from).collect::<Vec<_>>(), [to.succ_opt().expect("a day")]);
        }
        assert!(covers(&json!(null), day("2020-01-01")) && covers(&json!({}), day("2020-01-01")));
    }
}
