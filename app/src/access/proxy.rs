//! The proxy rules: relationship + date of birth + now → what one person may see of another's chart.
//!
//! Source of the ages: the hospital's proxy policy (0-12 full; 13-17 demographics only, read only; ended at midnight of
//! the 18th birthday; emancipated minors; adult to adult by level). Nothing here is stored: it is computed on every request.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::deceased::Died;
use crate::{
    base::{clock::Now, end_reason::EndReason},
    people::relation::{AdultLevel, Basis},
};

/// From this birthday on, a parent sees demographics only.
pub const TEEN_AGE: i32 = 13;
/// From this birthday on, a person decides alone; also the least age for an own account and for being a proxy.
pub const ADULT_AGE: i32 = 18;

/// What a proxy may see of a chart today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Parent of a child of 0-12 years: everything.
    Full,
    /// Parent of a teen of 13-17 years: name, birth date, address and the like, read only. Nothing clinical.
    Demographics,
    Adult(AdultLevel),
}

impl Level {
    /// Dates, places and clinicians of visits.
    pub fn sees_schedule(self) -> bool {
        self != Level::Demographics
    }

    /// Reasons, notes, summaries and everything else a clinician wrote.
    pub fn sees_clinical(self) -> bool {
        matches!(self, Level::Full | Level::Adult(AdultLevel::AllButSensitive | AdultLevel::All))
    }

    /// Messages say what is said at visits: whoever was let see the schedule alone was promised no more.
    pub fn reads_messages(self) -> bool {
        self.sees_clinical()
    }

    /// Bills of the person responsible for them, and paying them. Whoever sees the schedule alone was promised no more.
    pub fn sees_bills(self) -> bool {
        !matches!(self, Level::Demographics | Level::Adult(AdultLevel::ScheduleMessages))
    }

    /// May ask for changes of address and the like.
    pub fn edits(self) -> bool {
        self.sees_clinical()
    }

    /// What carries a sensitivity label: mental health, substance use, sexual health, HIV, genetics.
    pub fn sees_sensitive(self) -> bool {
        matches!(self, Level::Full | Level::Adult(AdultLevel::All))
    }
}

/// Everything that decides about one proxy and one patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub basis: Basis,
    /// Of the patient.
    pub birth_date: NaiveDate,
    /// The last day that it may be, where the record does not say the day: each rule takes the day that protects the patient.
    pub born_by: Option<NaiveDate>,
    /// The day staff recorded the patient as an emancipated minor.
    pub emancipated_on: Option<NaiveDate>,
    /// Chosen by the patient; counts for adult to adult only.
    pub level: Option<AdultLevel>,
    /// The patient lets them share the record with others.
    pub may_share: bool,
    pub expires_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub end_reason: Option<EndReason>,
    /// Of a patient who has died.
    pub died: Option<Died>,
}

/// The level at `now`, or why there is none any more.
///
/// An adult's level never reaches into the chart of a minor who is not emancipated: whatever is stored, the parents' ages apply.
pub fn level(facts: &Facts, now: Now) -> Result<Level, EndReason> {
    if facts.ended_at.is_some_and(|at| at <= now.instant) {
        return Err(facts.end_reason.unwrap_or(EndReason::Revoked));
    }
    if facts.expires_at.is_some_and(|at| at <= now.instant) {
        return Err(EndReason::Expired);
    }
    if facts.died.is_some_and(|died| died.open_until < now.today) {
        return Err(EndReason::Deceased);
    }
    let day = Died::day_of_age(facts.died, now.today);
    let adult = is_adult(facts.born_by.unwrap_or(facts.birth_date), day);
    let may_be_adult = is_adult(facts.birth_date, day);
    let emancipated = facts.emancipated_on.is_some_and(|day| day <= now.today);
    match (facts.basis, facts.level) {
        (Basis::ParentChild, _) if may_be_adult => Err(EndReason::TurnedEighteen),
        (Basis::ParentChild, _) if emancipated => Err(EndReason::Emancipated),
        (Basis::AdultAdult, Some(level)) if adult || emancipated => Ok(Level::Adult(level)),
        (Basis::AdultAdult, None) if adult || emancipated => Err(EndReason::Revoked),
        (Basis::Papers, level) if adult => Ok(Level::Adult(level.unwrap_or(AdultLevel::All))),
        (Basis::Papers, _) if emancipated => Err(EndReason::Emancipated),
        _ if age_on(facts.birth_date, day) >= TEEN_AGE => Ok(Level::Demographics),
        (Basis::ParentChild | Basis::Papers, _) => Ok(Level::Full),
        (Basis::AdultAdult, _) => Ok(Level::Demographics),
    }
}

/// The next day on which age alone changes what a parent may see, and what it will be: `None` means that access ends.
pub fn next_change_by_age(facts: &Facts, now: Now) -> Option<(NaiveDate, Option<Level>)> {
    if facts.basis != Basis::ParentChild || facts.died.is_some() {
        return None;
    }
    match level(facts, now).ok()? {
        Level::Full => Some((birthday(facts.birth_date, TEEN_AGE), Some(Level::Demographics))),
        Level::Demographics => Some((birthday(facts.birth_date, ADULT_AGE), None)),
        Level::Adult(_) => None,
    }
}

pub fn is_adult(birth_date: NaiveDate, today: NaiveDate) -> bool {
    today >= birthday(birth_date, ADULT_AGE)
}

/// Completed years of age on a calendar day; negative before birth.
pub fn age_on(birth_date: NaiveDate, day: NaiveDate) -> i32 {
    let years = day.year() - birth_date.year();
    if day < birthday(birth_date, years) { years - 1 } else { years }
}

/// The calendar day on which a person completes `years`. Who was born on 29 February has it on 1 March in common years.
pub fn birthday(birth_date: NaiveDate, years: i32) -> NaiveDate {
    let year = birth_date.year().saturating_add(years);
    birth_date.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};
    use chrono_tz::{America::New_York, Tz};
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn child(birth_date: NaiveDate) -> Facts {
        Facts {
            basis: Basis::ParentChild,
            birth_date,
            born_by: None,
            emancipated_on: None,
            may_share: false,
            level: None,
            expires_at: None,
            ended_at: None,
            end_reason: None,
            died: None,
        }
    }

    fn adult(level: AdultLevel) -> Facts {
        Facts { basis: Basis::AdultAdult, level: Some(level), ..child(day("1950-05-05")) }
    }

    fn noon(today: NaiveDate) -> Now {
        Now::at(today.and_hms_opt(17, 0, 0).expect("a time").and_utc(), &New_York)
    }

    /// `seconds` after local midnight (before, when negative) at the start of `today`.
    fn around_midnight(today: NaiveDate, seconds: i64, zone: Tz) -> Now {
        let midnight = zone.from_local_datetime(&today.and_hms_opt(0, 0, 0).expect("a time")).earliest().expect("a midnight");
        Now::at(midnight.with_timezone(&Utc) + TimeDelta::seconds(seconds), &zone)
    }

    #[test]
    fn of_a_year_each_rule_takes_the_day_that_protects_the_patient() {
        let at = |today: &str, facts: Facts| level(&facts, noon(day(today)));
        let born = Facts { born_by: Some(day("2013-12-31")), ..child(day("2013-01-01")) };
        assert_eq!((at("2025-12-31", born), at("2026-01-01", born)), (Ok(Level::Full), Ok(Level::Demographics)), "may be thirteen");
        assert_eq!(at("2031-01-01", born), Err(EndReason::TurnedEighteen), "may be an adult");
        let let_in = Facts { basis: Basis::AdultAdult, level: Some(AdultLevel::All), ..born };
        assert_eq!(at("2031-12-30", let_in), Ok(Level::Demographics), "may be a minor");
        assert_eq!(at("2031-12-31", let_in), Ok(Level::Adult(AdultLevel::All)));
    }

    #[test]
    fn a_parent_sees_everything_until_the_second_before_the_13th_birthday() {
        let facts = child(day("2013-11-26"));
        assert_eq!(level(&facts, around_midnight(day("2026-11-26"), -1, New_York)), Ok(Level::Full));
        assert_eq!(level(&facts, around_midnight(day("2026-11-26"), 0, New_York)), Ok(Level::Demographics));
    }

    #[test]
    fn access_ends_at_midnight_of_the_18th_birthday() {
        let facts = child(day("2008-11-26"));
        assert_eq!(level(&facts, around_midnight(day("2026-11-26"), -1, New_York)), Ok(Level::Demographics));
        assert_eq!(level(&facts, around_midnight(day("2026-11-26"), 0, New_York)), Err(EndReason::TurnedEighteen));
    }

    #[test]
    fn midnight_is_the_organisations_also_in_daylight_saving_nights() {
        // 2026-03-08 and 2026-11-01 are the nights on which New York changes its clocks.
        for (born, today) in [("2008-03-08", "2026-03-08"), ("2008-11-01", "2026-11-01"), ("2008-03-09", "2026-03-09")] {
            let facts = child(day(born));
            assert_eq!(level(&facts, around_midnight(day(today), -1, New_York)), Ok(Level::Demographics), "{today}");
            assert_eq!(level(&facts, around_midnight(day(today), 0, New_York)), Err(EndReason::TurnedEighteen), "{today}");
        }
        // In UTC it is already the birthday at 7 pm of the evening before in New York.
        let evening = Utc.with_ymd_and_hms(2026, 11, 26, 0, 30, 0).single().expect("an instant");
        assert_eq!(level(&child(day("2008-11-26")), Now::at(evening, &New_York)), Ok(Level::Demographics));
    }

    #[test]
    fn born_on_29_february_counts_from_1_march_in_common_years() {
        let born = day("2008-02-29");
        assert_eq!(birthday(born, 18), day("2026-03-01"));
        assert_eq!(birthday(born, 20), day("2028-02-29"));
        assert_eq!(age_on(born, day("2026-02-28")), 17);
        assert_eq!(age_on(born, day("2026-03-01")), 18);
        assert_eq!(level(&child(born), noon(day("2026-02-28"))), Ok(Level::Demographics));
        assert_eq!(level(&child(born), noon(day("2026-03-01"))), Err(EndReason::TurnedEighteen));
    }

    #[test]
    fn emancipation_ends_a_parents_access_on_the_day_it_is_recorded() {
        let facts = Facts { emancipated_on: Some(day("2026-06-10")), ..child(day("2009-01-01")) };
        assert_eq!(level(&facts, noon(day("2026-06-09"))), Ok(Level::Demographics));
        assert_eq!(level(&facts, noon(day("2026-06-10"))), Err(EndReason::Emancipated));
    }

    #[test]
    fn an_adults_level_is_what_the_patient_chose_until_it_expires_or_is_revoked() {
        let now = noon(day("2026-06-10"));
        for chosen in [AdultLevel::ScheduleMessages, AdultLevel::ScheduleMessagesBilling, AdultLevel::AllButSensitive, AdultLevel::All] {
            assert_eq!(level(&adult(chosen), now), Ok(Level::Adult(chosen)));
        }
        let expired = Facts { expires_at: Some(now.instant), ..adult(AdultLevel::All) };
        assert_eq!(level(&expired, now), Err(EndReason::Expired));
        let later = Facts { expires_at: Some(now.instant + TimeDelta::seconds(1)), ..adult(AdultLevel::All) };
        assert_eq!(level(&later, now), Ok(Level::Adult(AdultLevel::All)));
        let revoked = Facts { ended_at: Some(now.instant), end_reason: Some(EndReason::Revoked), ..adult(AdultLevel::All) };
        assert_eq!(level(&revoked, now), Err(EndReason::Revoked));
    }

    #[test]
    fn an_adults_level_does_not_open_a_minors_chart() {
        let facts = Facts { birth_date: day("2012-01-01"), ..adult(AdultLevel::All) };
        assert_eq!(level(&facts, noon(day("2026-06-10"))), Ok(Level::Demographics));
        let emancipated = Facts { emancipated_on: Some(day("2026-01-01")), birth_date: day("2009-01-01"), ..adult(AdultLevel::All) };
        assert_eq!(level(&emancipated, noon(day("2026-06-10"))), Ok(Level::Adult(AdultLevel::All)));
    }

    #[test]
    fn papers_follow_the_ages_and_do_not_end_at_18() {
        let facts = Facts { basis: Basis::Papers, ..child(day("2008-11-26")) };
        assert_eq!(level(&facts, noon(day("2018-11-26"))), Ok(Level::Full));
        assert_eq!(level(&facts, noon(day("2026-11-25"))), Ok(Level::Demographics));
        assert_eq!(level(&facts, noon(day("2026-11-26"))), Ok(Level::Adult(AdultLevel::All)));
        let expired = Facts { expires_at: Some(noon(day("2026-11-27")).instant), ..facts };
        assert_eq!(level(&expired, noon(day("2026-11-27"))), Err(EndReason::Expired));
    }

    #[test]
    fn the_next_change_is_told_before_it_comes() {
        let facts = child(day("2013-11-26"));
        assert_eq!(next_change_by_age(&facts, noon(day("2026-11-20"))), Some((day("2026-11-26"), Some(Level::Demographics))));
        assert_eq!(next_change_by_age(&facts, noon(day("2026-11-26"))), Some((day("2031-11-26"), None)));
        assert_eq!(next_change_by_age(&facts, noon(day("2031-11-26"))), None);
    }

    fn any_day() -> impl Strategy<Value = NaiveDate> {
        (0i64..60_000).prop_map(|days| day("1920-01-01") + TimeDelta::days(days))
    }

    proptest! {
        #[test]
        fn age_grows_by_one_exactly_on_birthdays(born in any_day(), lived in 1i64..40_000) {
            let today = born + TimeDelta::days(lived);
            let age = age_on(born, today);
            prop_assert!(birthday(born, age) <= today && today < birthday(born, age + 1));
            let yesterday = age_on(born, today - TimeDelta::days(1));
            prop_assert_eq!(age - yesterday, i32::from(birthday(born, age) == today));
        }

        #[test]
        fn a_parents_level_only_ever_shrinks_with_time(born in any_day(), lived in 0i64..9_000, later in 0i64..9_000) {
            fn rank(level: Result<Level, EndReason>) -> u8 {
                match level { Ok(Level::Full) => 2, Ok(_) => 1, Err(_) => 0 }
            }
            let facts = child(born);
            let before = rank(level(&facts, noon(born + TimeDelta::days(lived))));
            let after = rank(level(&facts, noon(born + TimeDelta::days(lived + later))));
            prop_assert!(after <= before);
        }

        #[test]
        fn nobody_between_13_and_18_is_ever_open_to_a_proxy(
            born in any_day(), years in 13i32..18, into in 0i64..365, parent in any::<bool>(), chosen in 0usize..5,
        ) {
            let today = (birthday(born, years) + TimeDelta::days(into)).min(birthday(born, years + 1) - TimeDelta::days(1));
            let levels = [None, Some(AdultLevel::ScheduleMessages), Some(AdultLevel::ScheduleMessagesBilling),
                Some(AdultLevel::AllButSensitive), Some(AdultLevel::All)];
            let basis = if parent { Basis::ParentChild } else { Basis::AdultAdult };
            let facts = Facts { basis, level: levels[chosen], ..child(born) };
            let level = level(&facts, noon(today));
            prop_assert_eq!(level, Ok(Level::Demographics));
            prop_assert!(level.is_ok_and(|l| !l.sees_clinical() && !l.sees_schedule() && !l.sees_sensitive()));
        }

        #[test]
        fn an_expired_or_ended_grant_never_comes_back(born in any_day(), lived in 0i64..40_000, seconds in 0i64..10_000_000) {
            let now = noon(born + TimeDelta::days(lived));
            let past = now.instant - TimeDelta::seconds(seconds);
            let expired = Facts { expires_at: Some(past), ..child(born) };
            let ended = Facts { ended_at: Some(past), end_reason: Some(EndReason::Revoked), ..child(born) };
            prop_assert!(level(&expired, now).is_err());
            prop_assert!(level(&ended, now).is_err());
        }
    }
}
