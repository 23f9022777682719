//! When an answer is due: pure, no database, no clock.

use chrono::{DateTime, NaiveTime, TimeZone, Utc};

use crate::{
    base::clock::local_date,
    desk::requests::model::{business_days_after, is_business_day},
};

/// An office answers within so many business days, where nothing else is set for it.
pub const REPLY_DAYS: i32 = 3;
/// The hour of the organisation's day by which an answer is due.
const DUE_HOUR: u32 = 17;

/// When an answer is due to what was sent at `at`: at the end of the `days`-th business day after it. What comes after hours counts as
/// sent on the next business day.
pub fn due_at<Tz: TimeZone>(at: DateTime<Utc>, days: i32, zone: &Tz) -> DateTime<Utc> {
    let (day, hour) = (local_date(at, zone), at.with_timezone(zone).time());
    let end = NaiveTime::from_hms_opt(DUE_HOUR, 0, 0).unwrap_or_default();
    let begins = if is_business_day(day) && hour < end { day } else { business_days_after(day, 1) };
    let due = business_days_after(begins, u32::try_from(days.max(1)).unwrap_or(1)).and_time(end);
    zone.from_local_datetime(&due).earliest().map_or(at, |due| due.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn an_answer_is_due_at_the_end_of_the_third_business_day() {
        let due = |from: &str| due_at(at(from), 3, &New_York).to_rfc3339();
        // Monday noon: Thursday.
        assert_eq!(due("2026-11-16T17:00:00Z"), "2026-11-19T22:00:00+00:00");
        // Monday evening counts as Tuesday.
        assert_eq!(due("2026-11-16T23:00:00Z"), "2026-11-20T22:00:00+00:00");
        // Saturday counts as Monday; Thanksgiving is no business day.
        assert_eq!(due("2026-11-21T15:00:00Z"), "2026-11-27T22:00:00+00:00");
        // Over the change to summer time.
        assert_eq!(due("2027-03-12T15:00:00Z"), "2027-03-17T21:00:00+00:00");
    }
}
