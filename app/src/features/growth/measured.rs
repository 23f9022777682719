//! The measurements of a child: weight, height, head, body mass, by day and age.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use super::reference::{CDC_FROM, CDC_TO, DAYS_IN_MONTH};
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    base::{error::Error, when::When},
    features::results::store,
    record::result::entity::measurement,
};

/// LOINC codes, the exact one first.
const WEIGHT: [&str; 2] = ["http://loinc.org|29463-7", "http://loinc.org|3141-9"];
const HEIGHT: [&str; 2] = ["http://loinc.org|8306-3", "http://loinc.org|8302-2"];
const HEAD: [&str; 2] = ["http://loinc.org|9843-4", "http://loinc.org|8287-5"];
const BMI: [&str; 1] = ["http://loinc.org|39156-5"];

/// The end of the curves below two years.
pub(super) const LAST_OF_WHO: f64 = 23.999;

/// One measurement of a child.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub(super) day: NaiveDate,
    /// Completed months of life.
    pub(super) age: u32,
    /// As the references count.
    pub(super) months: f64,
    pub(super) value: f64,
}

/// Whether somebody born on this day has growth charts: until the 20th birthday, as far as the references reach.
pub(super) fn is_for(born: NaiveDate, today: NaiveDate) -> bool {
    completed_months(born, today).is_some_and(|age| age < 240)
}

/// Months of the calendar; nothing before the birth.
fn completed_months(born: NaiveDate, day: NaiveDate) -> Option<u32> {
    let whole = (day.year() - born.year()) * 12 + i32::try_from(day.month0()).ok()? - i32::try_from(born.month0()).ok()?;
    u32::try_from(whole - i32::from(day.day() < born.day())).ok()
}

/// The age in the references' months, whose birthdays are the calendar's: a child is two on the second birthday.
fn reference_months(born: NaiveDate, day: NaiveDate, age: u32) -> f64 {
    let months = f64::from(i32::try_from((day - born).num_days()).unwrap_or(i32::MAX)) / DAYS_IN_MONTH;
    if age < 24 { months.min(LAST_OF_WHO) } else { months.clamp(CDC_FROM, CDC_TO) }
}

/// What was measured of a child before the 20th birthday, oldest first; one a day.
pub(super) struct Measured {
    pub(super) weights: Vec<Taken>,
    pub(super) heights: Vec<Taken>,
    pub(super) heads: Vec<Taken>,
    /// The body mass index as it was recorded.
    pub(super) masses: Vec<Taken>,
}

impl Measured {
    /// # Errors
    /// When the database fails.
    pub(super) async fn read(grant: &Grant<ViewHealthSummary>, born: NaiveDate) -> Result<Self, Error> {
        let codes = [WEIGHT.as_slice(), &HEIGHT, &HEAD, &BMI].concat();
        let mut series = store::series_of(grant, &codes).await?.into_iter();
        let mut taken = |codes: &[&str], convert: fn(f64, &str) -> Option<f64>| {
            let mut found: BTreeMap<NaiveDate, Taken> = BTreeMap::new();
            for value in series.by_ref().take(codes.len()).flatten() {
                // Of a year, a month or a report nobody knows the age that it was measured at.
                let exact = Some(value.when()).filter(|when| matches!(when, When::Day(_) | When::Moment(_)));
                let day = exact.and_then(|when| when.day(grant.zone()));
                if let Some(taken) = day.and_then(|day| one(&value, born, day, convert)) {
                    found.entry(taken.day).or_insert(taken);
                }
            }
            found.into_values().collect()
        };
        Ok(Self {
            weights: taken(&WEIGHT, kilograms),
            heights: taken(&HEIGHT, centimeters),
            heads: taken(&HEAD, centimeters),
            masses: taken(&BMI, |value, _| Some(value)),
        })
    }
}

fn one(value: &measurement::Model, born: NaiveDate, day: NaiveDate, convert: fn(f64, &str) -> Option<f64>) -> Option<Taken> {
    let age = completed_months(born, day).filter(|age| *age < 240)?;
    let value = convert(value.value?, value.unit.as_deref().unwrap_or_default())?;
    Some(Taken { day, age, months: reference_months(born, day, age), value })
}

/// The unit as it is shown; an unknown one is not guessed.
fn kilograms(value: f64, unit: &str) -> Option<f64> {
    match unit {
        "kg" => Some(value),
        "g" => Some(value / 1000.0),
        "lb" | "[lb_av]" | "lbs" => Some(value * 0.453_592_37),
        "oz" | "[oz_av]" => Some(value * 0.028_349_523_125),
        _ => None,
    }
}

fn centimeters(value: f64, unit: &str) -> Option<f64> {
    match unit {
        "cm" => Some(value),
        "m" => Some(value * 100.0),
        "mm" => Some(value / 10.0),
        "in" | "[in_i]" | "inches" => Some(value * 2.54),
        _ => None,
    }
}

/// The BMI that was recorded, else from weight and height of the same day; from the second birthday on.
pub(super) fn body_mass(weights: &[Taken], heights: &[Taken], recorded: Vec<Taken>) -> Vec<Taken> {
    let mut found: BTreeMap<NaiveDate, Taken> = recorded.into_iter().map(|taken| (taken.day, taken)).collect();
    for weight in weights {
        if let Some(height) = heights.iter().find(|height| height.day == weight.day) {
            let meters = height.value / 100.0;
            found.entry(weight.day).or_insert(Taken { value: weight.value / (meters * meters), ..*weight });
        }
    }
    found.into_values().filter(|taken| taken.months >= CDC_FROM).collect()
}

/// Weight and length of the same day, below the second birthday.
pub(super) fn by_length(weights: &[Taken], heights: &[Taken]) -> Vec<(Taken, f64)> {
    let young = weights.iter().filter(|weight| weight.months < CDC_FROM);
    young.filter_map(|weight| Some((*weight, heights.iter().find(|height| height.day == weight.day)?.value))).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::reference::Reference, *};

    #[test]
    fn units_are_converted_and_unknown_ones_are_not_guessed() {
        assert_eq!(kilograms(3500.0, "g"), Some(3.5));
        assert_eq!(kilograms(10.0, "lb").map(|kg| (kg * 1000.0).round()), Some(4536.0));
        assert_eq!(centimeters(20.0, "in"), Some(50.8));
        assert_eq!((kilograms(1.0, "stone"), centimeters(1.0, "")), (None, None));
    }

    #[test]
    fn growth_charts_end_with_the_twentieth_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert!(is_for(day("2016-03-01"), day("2036-02-29")) && !is_for(day("2016-03-01"), day("2036-03-01")));
    }

    #[test]
    fn a_child_is_two_on_the_second_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let at = |born, on| {
            let age = completed_months(day(born), day(on)).expect("after the birth");
            (age, Reference::at(reference_months(day(born), day(on), age)))
        };
        assert_eq!(at("2021-05-31", "2023-05-30"), (23, Some(Reference::Who)));
        assert_eq!(at("2021-05-31", "2023-05-31"), (24, Some(Reference::Cdc)));
        assert_eq!(at("2020-02-29", "2021-02-28"), (11, Some(Reference::Who)));
        assert_eq!(completed_months(day("2021-05-31"), day("2021-05-30")), None);
    }

    #[test]
    fn body_mass_comes_from_weight_and_height_of_one_day() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let at = |text, value| Taken { day: day(text), age: 100, months: 100.0, value };
        let found = body_mass(&[at("2026-01-01", 25.0), at("2026-02-01", 26.0)], &[at("2026-01-01", 125.0)], Vec::new());
        assert_eq!(found.iter().map(|taken| (taken.day, taken.value)).collect::<Vec<_>>(), [(day("2026-01-01"), 16.0)]);
    }
}
