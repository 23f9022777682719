//! How long a prescription lasts: pure, no database, no clock.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    entity::{dispense, prescription},
    model::DispenseState,
};

/// What is left of a prescription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// How often it may still be given; `None` where the prescription does not say it.
    pub refills_left: Option<i32>,
    /// When it was given last.
    pub given_on: Option<NaiveDate>,
    /// For how many days that lasts.
    pub days: Option<i32>,
    /// The days were computed from quantity and dose.
    pub computed: bool,
}

impl Supply {
    /// Of a prescription and what was given of it. Where no pharmacy tells what it gave, what was prescribed counts as given on its
    /// day. What is left over of the time before is not known and does not count.
    pub fn of(prescription: &prescription::Model, dispenses: &[&dispense::Model], day: impl Fn(DateTime<Utc>) -> NaiveDate) -> Self {
        let given: Vec<_> = dispenses.iter().filter(|found| found.state == DispenseState::Completed).collect();
        let at = |found: &dispense::Model| found.handed_over_at.or(found.prepared_at);
        let last = given.iter().filter_map(|found| Some((at(found)?, found))).max_by_key(|(at, _)| *at);
        let times = i32::try_from(given.len()).unwrap_or(i32::MAX);
        let told = last.and_then(|(_, found)| found.days);
        Self {
            refills_left: prescription.repeats.map(|repeats| (repeats - (times - 1).max(0)).max(0)),
            given_on: last.map(|(at, _)| at).or(prescription.authored_at).map(day),
            days: told.or(prescription.days),
            computed: told.is_none() && prescription.days_computed,
        }
    }

    /// The last day on which there is some left.
    pub fn until(&self) -> Option<NaiveDate> {
        self.given_on?.checked_add_signed(TimeDelta::days(i64::from(self.days? - 1)))
    }

    /// The first day on which so many percent of it are used.
    pub fn used_on(&self, percent: i32) -> Option<NaiveDate> {
        let days = i64::from(self.days?) * i64::from(percent);
        self.given_on?.checked_add_signed(TimeDelta::days((days + 99) / 100))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T12:00:00Z").parse().expect("an instant")
    }

    fn prescription(repeats: Option<i32>, days: Option<i32>) -> prescription::Model {
        prescription::Model {
            id: Uuid::nil(),
            patient_id: Uuid::nil(),
            clinician_id: None,
            visit_id: None,
            repeats,
            valid_until: None,
            days,
            days_computed: true,
            authored_at: Some(at("2026-01-01")),
            runs_out_on: None,
            answers: None,
            sensitive: false,
        }
    }

    fn given(state: DispenseState, on: &str, days: Option<i32>) -> dispense::Model {
        dispense::Model {
            id: Uuid::nil(),
            patient_id: Uuid::nil(),
            prescription_id: Uuid::nil(),
            state,
            days,
            quantity: None,
            prepared_at: None,
            handed_over_at: Some(at(on)),
            pharmacy: None,
        }
    }

    fn supply(prescription: &prescription::Model, given: &[dispense::Model]) -> Supply {
        Supply::of(prescription, &given.iter().collect::<Vec<_>>(), |at| at.date_naive())
    }

    #[test]
    fn the_first_time_is_no_refill_and_what_was_not_given_counts_nothing() {
        let all = [
            given(DispenseState::Completed, "2026-01-01", Some(30)),
            given(DispenseState::NotGiven, "2026-01-20", Some(30)),
            given(DispenseState::Completed, "2026-01-30", Some(30)),
            given(DispenseState::InProgress, "2026-03-01", Some(30)),
        ];
        let found = supply(&prescription(Some(3), None), &all);
        assert_eq!((found.refills_left, found.given_on, found.computed), (Some(2), Some(day("2026-01-30")), false));
        assert_eq!(found.until(), Some(day("2026-02-28")));
        assert_eq!(supply(&prescription(Some(3), None), &[]).refills_left, Some(3));
        assert_eq!(supply(&prescription(Some(0), None), &all).refills_left, Some(0));
        assert_eq!(supply(&prescription(None, None), &all).refills_left, None);
    }

    #[test]
    fn without_a_pharmacys_word_the_prescription_counts_as_given_and_computed_days_say_so() {
        let found = supply(&prescription(None, Some(90)), &[]);
        assert_eq!((found.until(), found.computed), (Some(day("2026-03-31")), true));
        assert_eq!(supply(&prescription(None, None), &[]).until(), None);
    }

    #[test]
    fn three_quarters_are_used_on_the_day_after_them() {
        let found = supply(&prescription(None, Some(30)), &[]);
        assert_eq!(found.used_on(75), Some(day("2026-01-24")));
        assert_eq!(found.used_on(100), Some(day("2026-01-31")));
    }
}
