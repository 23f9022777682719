//! States of requests, and the days on which staff answer.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    Open,
    /// Somebody looks into it.
    Review,
    /// Answered, accepted or done.
    Accepted,
    Declined,
    /// Taken back by whoever asked.
    Withdrawn,
}

stored_as_text!(RequestState {
    Open = "open",
    Review = "review",
    Accepted = "accepted",
    Declined = "declined",
    Withdrawn = "withdrawn",
});

impl RequestState {
    /// Nothing was decided yet.
    pub const PENDING: [RequestState; 2] = [RequestState::Open, RequestState::Review];

    pub fn is_pending(self) -> bool {
        Self::PENDING.contains(&self)
    }
}

/// The day that is so many business days after `from`.
pub fn business_days_after(from: NaiveDate, count: u32) -> NaiveDate {
    let mut day = from;
    let mut left = count;
    while left > 0 {
        day = day.checked_add_days(Days::new(1)).unwrap_or(day);
        if is_business_day(day) {
            left -= 1;
        }
    }
    day
}

/// How many business days after `from` a day is: the day itself counts, where it is one.
pub fn business_days_between(from: NaiveDate, day: NaiveDate) -> u32 {
    let days = from.iter_days().skip(1).take_while(|between| *between <= day).take(366);
    u32::try_from(days.filter(|between| is_business_day(*between)).count()).unwrap_or(u32::MAX)
}

pub fn is_business_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(day)
}

/// Whether somebody answers the support phone: Monday to Friday, 8 am to 5 pm, but not on holidays.
pub fn support_is_open<Tz: TimeZone>(at: DateTime<Utc>, zone: &Tz) -> bool {
    let local = at.with_timezone(zone);
    is_business_day(local.date_naive()) && (8..17).contains(&local.hour())
}

/// Federal holidays of the United States on which offices close, on the day they are observed: the Friday before a Saturday, the
/// Monday after a Sunday (5 U.S.C. 6103).
pub fn is_holiday(day: NaiveDate) -> bool {
    let nth = |month: u32, weekday: Weekday, n: u8| NaiveDate::from_weekday_of_month_opt(day.year(), month, weekday, n);
    let fixed = |month: u32, of: u32| {
        [day.year(), day.year() + 1].into_iter().any(|year| NaiveDate::from_ymd_opt(year, month, of).map(observed) == Some(day))
    };
    let last_monday_of_may = nth(5, Weekday::Mon, 5).or_else(|| nth(5, Weekday::Mon, 4));
    fixed(1, 1)
        || nth(1, Weekday::Mon, 3) == Some(day)
        || nth(2, Weekday::Mon, 3) == Some(day)
        || last_monday_of_may == Some(day)
        || fixed(6, 19)
        || fixed(7, 4)
        || nth(9, Weekday::Mon, 1) == Some(day)
        || nth(11, Weekday::Thu, 4) == Some(day)
        || fixed(12, 25)
}

fn observed(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day.pred_opt(),
        Weekday::Sun => day.succ_opt(),
        _ => Some(day),
    }
    .unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn three_business_days_skip_weekends_and_holidays() {
        assert_eq!(business_days_after(day("2026-11-09"), 3), day("2026-11-12"));
        // Tuesday before Thanksgiving: Wednesday, Friday, Monday.
        assert_eq!(business_days_after(day("2026-11-24"), 3), day("2026-11-30"));
        // New Year's Day 2028 is a Saturday, observed on the Friday before.
        assert_eq!(business_days_after(day("2027-12-30"), 1), day("2028-01-03"));
        // The Fourth of July 2026 is a Saturday.
        assert!(is_holiday(day("2026-07-03")) && !is_holiday(day("2026-07-06")));
        assert!(is_holiday(day("2026-05-25")), "Memorial Day is the last Monday of May");
        assert!(is_holiday(day("2027-05-31")), "the fifth Monday, when there is one");
    }

    #[test]
    fn the_phone_is_answered_in_office_hours() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        assert!(support_is_open(at("2026-11-24T13:00:00Z"), &New_York), "8 am on a Tuesday");
        assert!(!support_is_open(at("2026-11-24T12:59:00Z"), &New_York));
        assert!(!support_is_open(at("2026-11-24T22:00:00Z"), &New_York), "5 pm");
        assert!(!support_is_open(at("2026-11-26T17:00:00Z"), &New_York), "Thanksgiving");
        assert!(!support_is_open(at("2026-11-28T17:00:00Z"), &New_York), "Saturday");
    }
}
