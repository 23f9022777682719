//! The growth charts of a child, with a table behind each.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::reference::{CDC_FROM, CDC_TO, DAYS_IN_MONTH, Measure, Reference, Sex, Standing};
use crate::{
    access::{Grant, allow, policy::ViewHealthSummary},
    base::{
        error::Error,
        i18n::{Locale, Texts},
        ids::PatientId,
    },
    features::{health, results::store},
    record::result::entity::measurement,
    view::{
        charts::{Point, Series, line_chart},
        screens::model::{Part, Screen},
    },
};

/// LOINC codes, the exact one first.
const WEIGHT: [&str; 2] = ["http://loinc.org|29463-7", "http://loinc.org|3141-9"];
const HEIGHT: [&str; 2] = ["http://loinc.org|8306-3", "http://loinc.org|8302-2"];
const HEAD: [&str; 2] = ["http://loinc.org|9843-4", "http://loinc.org|8287-5"];
const BMI: [&str; 1] = ["http://loinc.org|39156-5"];

/// The z-scores of the curves, and their percentiles.
const CURVES: [(f64, u8); 5] = [(-1.6449, 5), (-0.6745, 25), (0.0, 50), (0.6745, 75), (1.6449, 95)];

/// The end of the curves below two years.
const LAST_OF_WHO: f64 = 23.999;

/// One measurement of a child.
#[derive(Clone, Copy)]
struct Taken {
    day: NaiveDate,
    /// Completed months of life.
    age: u32,
    /// As the references count.
    months: f64,
    value: f64,
}

/// Whether somebody born on this day has growth charts: until the 20th birthday, as far as the references reach.
pub fn is_for(born: NaiveDate, today: NaiveDate) -> bool {
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

/// Every chart for which there are measurements.
///
/// # Errors
/// `NotFound` when the chart is nobody's or closed to the caller.
pub async fn page(patient: &str) -> Result<Screen, Error> {
    let id: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<ViewHealthSummary>(id).await?;
    let t = grant.texts();
    let (person, _) = health::store::person(&grant).await?;
    let screen = Screen::new(t.growth_title(), t.growth_lead()).narrow().back(format!("/p/{patient}/health/vitals"), t.health_vitals());
    let sex = match person.sex.as_deref() {
        Some("female") => Some(Sex::Female),
        Some("male") => Some(Sex::Male),
        _ => None,
    };
    let born = person.birth_date;
    let weights = taken(&grant, &WEIGHT, born, kilograms).await?;
    let heights = taken(&grant, &HEIGHT, born, centimeters).await?;
    let heads = taken(&grant, &HEAD, born, centimeters).await?;
    let masses = body_mass(&weights, &heights, taken(&grant, &BMI, born, |value, _| Some(value)).await?);
    let all = [
        (Measure::Weight, t.growth_weight(), "kg", weights.clone()),
        (Measure::Height, t.growth_height(), "cm", heights.clone()),
        (Measure::Head, t.growth_head(), "cm", heads),
        (Measure::Bmi, t.growth_bmi(), "kg/m²", masses),
    ];
    if all.iter().all(|(.., found)| found.is_empty()) {
        return Ok(screen.sheet("", vec![Part::text(t.growth_none())]));
    }
    let mut screen = match sex {
        Some(_) => screen.sheet("", vec![Part::text(t.growth_explained()), Part::small(t.growth_source())]),
        None => screen.sheet("", vec![Part::text(t.growth_no_sex())]),
    };
    for (measure, name, unit, found) in all {
        if found.is_empty() {
            continue;
        }
        let mut parts: Vec<Part> = Vec::new();
        for reference in [Reference::Who, Reference::Cdc] {
            let here: Vec<Taken> = found.iter().copied().filter(|taken| Reference::at(taken.months) == Some(reference)).collect();
            if let Some(svg) = chart(t, reference, measure, sex, name, unit, &here) {
                parts.push(Part::Heading(match reference {
                    Reference::Who => t.growth_until_two().to_owned(),
                    Reference::Cdc => t.growth_from_two().to_owned(),
                }));
                parts.push(Part::Chart { svg });
            }
        }
        parts.push(table(t, measure, sex, name, unit, &found));
        screen = screen.sheet(name, parts);
    }
    let by_length = by_length(&weights, &heights);
    if let (Some(sex), false) = (sex, by_length.is_empty()) {
        let rows = by_length
            .into_iter()
            .rev()
            .map(|(weight, length)| {
                let standing = Reference::Who.standing(Measure::WeightForLength, sex, length, weight.value);
                vec![
                    t.date(weight.day),
                    format!("{} cm", short(length)),
                    format!("{} kg", short(weight.value)),
                    percentile(t, standing),
                    score(standing),
                ]
            })
            .collect();
        let head = [t.results_day(), t.growth_height(), t.growth_weight(), t.growth_percentile_head(), t.growth_z()].map(str::to_owned);
        let table = Part::Table { caption: t.growth_by_length().to_owned(), head: head.into(), rows };
        screen = screen.sheet(t.growth_by_length(), vec![table]);
    }
    Ok(screen.sheet("", vec![Part::small(t.growth_ask()), Part::Print { label: t.health_print().into() }]))
}

/// All measurements of some codes before the 20th birthday, oldest first; one a day.
async fn taken(
    grant: &Grant<ViewHealthSummary>,
    codes: &[&str],
    born: NaiveDate,
    convert: fn(f64, &str) -> Option<f64>,
) -> Result<Vec<Taken>, Error> {
    let mut found: BTreeMap<NaiveDate, Taken> = BTreeMap::new();
    for code in codes {
        for value in store::series(grant, code).await? {
            if let Some(taken) = one(&value, born, local_day(grant, value.taken_at), convert) {
                found.entry(taken.day).or_insert(taken);
            }
        }
    }
    Ok(found.into_values().collect())
}

fn local_day(grant: &Grant<ViewHealthSummary>, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&grant.zone()).date_naive()
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
fn body_mass(weights: &[Taken], heights: &[Taken], recorded: Vec<Taken>) -> Vec<Taken> {
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
fn by_length(weights: &[Taken], heights: &[Taken]) -> Vec<(Taken, f64)> {
    let young = weights.iter().filter(|weight| weight.months < CDC_FROM);
    young.filter_map(|weight| Some((*weight, heights.iter().find(|height| height.day == weight.day)?.value))).collect()
}

fn chart(t: Texts, reference: Reference, measure: Measure, sex: Option<Sex>, name: &str, unit: &str, found: &[Taken]) -> Option<String> {
    let last = found.last()?.months;
    let (from, to) = match reference {
        Reference::Who => (0.0, CDC_FROM),
        // The next years too, so that one sees where the curves go.
        Reference::Cdc => (CDC_FROM, ((last / 12.0).ceil() * 12.0 + 24.0).clamp(72.0, CDC_TO)),
    };
    let mut series: Vec<Series> = Vec::new();
    for (z, percent) in CURVES.into_iter().filter(|_| sex.is_some()) {
        let step = (to - from) / 48.0;
        let points = (0..=48u8)
            .map(|index| (from + step * f64::from(index)).min(if reference == Reference::Who { LAST_OF_WHO } else { CDC_TO }))
            .filter_map(|months| Some(Point { x: months, y: reference.value(measure, sex?, months, z)?, says: String::new() }))
            .collect::<Vec<_>>();
        if !points.is_empty() {
            series.push(Series { name: percent.to_string(), points, band: None, reference: true });
        }
    }
    let points = found.iter().map(|taken| {
        let standing = sex.and_then(|sex| reference.standing(measure, sex, taken.months, taken.value));
        let age = age_in_words(t, taken.age);
        let measured = format!("{}, {age}: {} {unit}", t.date(taken.day), short(taken.value));
        let says = standing.map_or(measured.clone(), |standing| format!("{measured}, {}", percentile_in_words(t, standing)));
        Point { x: taken.months, y: taken.value, says }
    });
    series.push(Series { name: name.to_owned(), points: points.collect(), band: None, reference: false });
    let ticks = match reference {
        Reference::Who => [0.0, 6.0, 12.0, 18.0, 24.0].map(|months| (months, t.growth_months(&short(months)))).to_vec(),
        Reference::Cdc => {
            let years = [2u8, 4, 6, 8, 10, 12, 14, 16, 18, 20];
            let shown = years.into_iter().map(|years| (f64::from(years) * 12.0, t.growth_years(&years.to_string())));
            shown.filter(|(months, _)| *months <= to).collect()
        }
    };
    line_chart(&format!("{name}, {unit}"), &series, &ticks)
}

fn table(t: Texts, measure: Measure, sex: Option<Sex>, name: &str, unit: &str, found: &[Taken]) -> Part {
    let rows = found
        .iter()
        .rev()
        .map(|taken| {
            let standing = sex
                .zip(Reference::at(taken.months))
                .and_then(|(sex, reference)| reference.standing(measure, sex, taken.months, taken.value));
            vec![
                t.date(taken.day),
                age_in_words(t, taken.age),
                format!("{} {unit}", short(taken.value)),
                percentile(t, standing),
                score(standing),
            ]
        })
        .collect();
    let head = [t.results_day(), t.growth_age(), t.results_value(), t.growth_percentile_head(), t.growth_z()].map(str::to_owned).into();
    Part::Table { caption: name.to_owned(), head, rows }
}

fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.trim_end_matches(".0").to_owned()
}

/// "9 years 3 months"; months alone below two years.
fn age_in_words(t: Texts, months: u32) -> String {
    match (months / 12, months % 12) {
        (0 | 1, _) => t.growth_months(&months.to_string()),
        (years, 0) => t.growth_years(&years.to_string()),
        (years, rest) => format!("{} {}", t.growth_years(&years.to_string()), t.growth_months(&rest.to_string())),
    }
}

fn percentile(t: Texts, standing: Option<Standing>) -> String {
    standing.map_or_else(String::new, |standing| numbered(t, standing))
}

fn percentile_in_words(t: Texts, standing: Standing) -> String {
    t.growth_percentile(&numbered(t, standing))
}

/// "53rd", "below 1st", "above 99th": no child is more precise than that.
fn numbered(t: Texts, standing: Standing) -> String {
    let ordinal = |number: u32| match t.0 {
        Locale::En => format!("{number}{}", english_suffix(number)),
        Locale::Es => number.to_string(),
    };
    if standing.percentile < 1.0 {
        t.growth_below(&ordinal(1))
    } else if standing.percentile > 99.0 {
        t.growth_above(&ordinal(99))
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 99")]
        ordinal(standing.percentile.round() as u32)
    }
}

fn english_suffix(number: u32) -> &'static str {
    match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    }
}

fn score(standing: Option<Standing>) -> String {
    standing.map_or_else(String::new, |standing| format!("{:+.2}", standing.z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_and_unknown_ones_are_not_guessed() {
        assert_eq!(kilograms(3500.0, "g"), Some(3.5));
        assert_eq!(kilograms(10.0, "lb").map(|kg| (kg * 1000.0).round()), Some(4536.0));
        assert_eq!(centimeters(20.0, "in"), Some(50.8));
        assert_eq!((kilograms(1.0, "stone"), centimeters(1.0, "")), (None, None));
    }

    #[test]
    fn percentiles_are_said_as_people_say_them() {
        let at = |percentile| numbered(Texts(Locale::En), Standing { z: 0.0, percentile });
        assert_eq!([at(0.2), at(1.4), at(52.6), at(11.0), at(22.4), at(99.6)].join(" "), "below 1st 1st 53rd 11th 22nd above 99th");
        assert_eq!(numbered(Texts(Locale::Es), Standing { z: 0.0, percentile: 53.0 }), "53");
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
