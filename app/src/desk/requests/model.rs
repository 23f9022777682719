//! Kinds of requests, and by when staff answer.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::{base::stored::stored_as_text, people::relation::StaffRole};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Technical help with the portal.
    Help,
    /// "This was not me", in the access log.
    NotMe,
    /// A sign-up that matched no record.
    SignUp,
    /// A parent asks for access to a child's chart.
    ChildAccess,
    /// Power of attorney or guardianship papers.
    Papers,
    /// A change of address or phone.
    Details,
    /// "Something is wrong here", in the record.
    Correction,
}

stored_as_text!(Kind {
    Help = "help",
    NotMe = "not_me",
    SignUp = "sign_up",
    ChildAccess = "child_access",
    Papers = "papers",
    Details = "details",
    Correction = "correction",
});

impl Kind {
    /// Whose queue it is in.
    pub fn role(self) -> StaffRole {
        match self {
            Kind::Help | Kind::NotMe => StaffRole::Support,
            Kind::SignUp | Kind::ChildAccess | Kind::Papers | Kind::Details => StaffRole::FrontDesk,
            Kind::Correction => StaffRole::Records,
        }
    }

    /// The letter that its number begins with.
    pub fn letter(self) -> char {
        match self {
            Kind::Help => 'H',
            Kind::NotMe => 'N',
            Kind::SignUp => 'S',
            Kind::ChildAccess => 'C',
            Kind::Papers => 'P',
            Kind::Details => 'D',
            Kind::Correction => 'W',
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    /// Somebody looks into it.
    Review,
    /// Answered, accepted or done.
    Accepted,
    Declined,
}

stored_as_text!(State { Open = "open", Review = "review", Accepted = "accepted", Declined = "declined" });

impl State {
    /// Nothing was decided yet.
    pub const PENDING: [State; 2] = [State::Open, State::Review];

    pub fn is_pending(self) -> bool {
        Self::PENDING.contains(&self)
    }
}

/// The hospital acts on a request for a correction within so many days (45 CFR 164.526(b)(2)).
pub const CORRECTION_DAYS: u64 = 60;

/// By when a request of today is answered.
pub fn due_on(kind: Kind, today: NaiveDate) -> NaiveDate {
    match kind {
        Kind::Correction => today.checked_add_days(Days::new(CORRECTION_DAYS)).unwrap_or(today),
        _ => business_days_after(today, ANSWER_DAYS),
    }
}

/// Support answers within so many business days (the hospital's promise).
pub const ANSWER_DAYS: u32 = 3;

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
