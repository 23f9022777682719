//! Times that working hours make: pure, no database, no clock.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use uuid::Uuid;

use super::entity::working_hours;
use crate::record::visit::taken::Stretch;

/// The minutes of a day.
pub const DAY_MINUTES: i32 = 24 * 60;

/// A time at which a visit may be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub clinician: Uuid,
    pub department: Uuid,
    /// The time of another system's calendar.
    pub slot_id: Option<Uuid>,
}

impl Slot {
    pub fn stretch(&self) -> Stretch {
        Stretch { clinician: self.clinician, starts_at: self.starts_at, ends_at: self.ends_at }
    }
}

/// A day as somebody types it, of a year in which somebody lives.
pub fn day(typed: &str) -> Option<NaiveDate> {
    typed.trim().parse::<NaiveDate>().ok().filter(|day| (1900..2200).contains(&day.year()))
}

/// The instant of a minute of a place's day; `None` for one that the clock leaps over. Of one that comes twice it is the first.
pub fn instant<Tz: TimeZone>(day: NaiveDate, minute: i32, zone: &Tz) -> Option<DateTime<Utc>> {
    let time = NaiveTime::MIN + TimeDelta::minutes(minute.into());
    let day = day.checked_add_signed(TimeDelta::days((minute / DAY_MINUTES).into()))?;
    zone.from_local_datetime(&day.and_time(time)).earliest().map(|at| at.with_timezone(&Utc))
}

/// Whether these hours hold on a day.
pub fn hold_on(hours: &working_hours::Model, day: NaiveDate) -> bool {
    let weekday = i32::try_from(day.weekday().number_from_monday()).unwrap_or_default();
    hours.weekday == weekday && hours.first_on <= day && hours.last_on.is_none_or(|last| day <= last)
}

/// The times of so many minutes that these hours make on a day, one after another from the beginning of the hours on.
pub fn slots_on<Tz: TimeZone>(hours: &working_hours::Model, day: NaiveDate, minutes: i32, zone: &Tz) -> Vec<Slot> {
    if minutes <= 0 || !hold_on(hours, day) {
        return Vec::new();
    }
    let starts = (0..).map(|count| hours.from_minute + count * minutes).take_while(|start| start + minutes <= hours.until_minute);
    let slots = starts.filter_map(|start| {
        let starts_at = instant(day, start, zone)?;
        let ends_at = starts_at + TimeDelta::minutes(minutes.into());
        Some(Slot { starts_at, ends_at, clinician: hours.clinician_id, department: hours.department_id, slot_id: None })
    });
    slots.collect()
}

/// Whether a stretch of time lies within the hours of its day.
pub fn is_within<Tz: TimeZone>(hours: &[working_hours::Model], slot: &Slot, zone: &Tz) -> bool {
    let day = slot.starts_at.with_timezone(zone).date_naive();
    hours.iter().filter(|hours| hours.clinician_id == slot.clinician && hold_on(hours, day)).any(|hours| {
        let from = instant(day, hours.from_minute, zone);
        let until = instant(day, hours.until_minute, zone);
        from.is_some_and(|from| from <= slot.starts_at) && until.is_some_and(|until| slot.ends_at <= until)
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;
    use proptest::prelude::*;

    use super::*;

    fn hours(weekday: i32, from: i32, until: i32) -> working_hours::Model {
        working_hours::Model {
            id: Uuid::nil(),
            clinician_id: Uuid::from_u128(1),
            department_id: Uuid::from_u128(2),
            weekday,
            from_minute: from,
            until_minute: until,
            first_on: "2026-01-01".parse().expect("a date"),
            last_on: None,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn clock(slots: &[Slot]) -> Vec<String> {
        slots.iter().map(|slot| slot.starts_at.with_timezone(&New_York).format("%-H:%M").to_string()).collect()
    }

    #[test]
    fn nine_is_nine_before_and_after_the_clock_changes() {
        // The Mondays around November 1, 2026 and March 14, 2027.
        for monday in ["2026-10-26", "2026-11-02", "2027-03-08", "2027-03-15"] {
            assert_eq!(clock(&slots_on(&hours(1, 540, 600), day(monday), 20, &New_York)), ["9:00", "9:20", "9:40"], "{monday}");
        }
        let before = slots_on(&hours(1, 540, 600), day("2026-10-26"), 20, &New_York)[0].starts_at;
        let after = slots_on(&hours(1, 540, 600), day("2026-11-02"), 20, &New_York)[0].starts_at;
        assert_eq!(after - before, TimeDelta::hours(7 * 24 + 1), "an hour more lies between");
    }

    #[test]
    fn an_hour_that_is_leapt_over_has_no_times_and_one_that_comes_twice_has_them_once() {
        // Sunday, March 14, 2027: 2:00 to 3:00 is not.
        let spring = slots_on(&hours(7, 60, 240), day("2027-03-14"), 30, &New_York);
        assert_eq!(clock(&spring), ["1:00", "1:30", "3:00", "3:30"]);
        // Sunday, November 1, 2026: 1:00 to 2:00 comes twice.
        let autumn = slots_on(&hours(7, 60, 180), day("2026-11-01"), 30, &New_York);
        assert_eq!(clock(&autumn), ["1:00", "1:30", "2:00", "2:30"]);
    }

    #[test]
    fn days_that_nobody_lives_in_are_none() {
        assert_eq!(super::day(" 2026-12-01 "), Some(day("2026-12-01")));
        for typed in ["+262142-12-31", "-262143-01-01", "0001-01-01", "9999-12-31", "", "tomorrow"] {
            assert_eq!(super::day(typed), None, "{typed}");
        }
        assert_eq!(instant(NaiveDate::MAX, DAY_MINUTES, &New_York), None);
    }

    #[test]
    fn hours_hold_on_their_weekday_within_their_dates() {
        let mut monday = hours(1, 540, 560);
        assert!(slots_on(&monday, day("2026-10-27"), 20, &New_York).is_empty(), "a Tuesday");
        monday.last_on = Some(day("2026-10-19"));
        assert!(slots_on(&monday, day("2026-10-26"), 20, &New_York).is_empty());
        assert_eq!(slots_on(&monday, day("2026-10-19"), 20, &New_York).len(), 1, "the last day counts");
        assert!(slots_on(&monday, day("2026-10-19"), 25, &New_York).is_empty(), "what does not fit is no time");
    }

    proptest! {
        #[test]
        fn times_never_overlap_and_lie_within_the_hours(
            offset in 0i64..800, from in 0i32..287, length in 1i32..200, step in 1i32..24,
        ) {
            let on = day("2026-01-01") + TimeDelta::days(offset);
            let weekday = i32::try_from(on.weekday().number_from_monday()).expect("a weekday");
            let hours = hours(weekday, from * 5, (from * 5 + length * 5).min(DAY_MINUTES));
            let slots = slots_on(&hours, on, step * 5, &New_York);
            for pair in slots.windows(2) {
                prop_assert!(pair[0].starts_at < pair[1].starts_at);
            }
            for slot in &slots {
                prop_assert_eq!(slot.starts_at.timestamp() % 300, 0);
                prop_assert_eq!(slot.starts_at.with_timezone(&New_York).date_naive(), on);
            }
        }
    }
}
