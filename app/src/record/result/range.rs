//! Which of a value's reference ranges is the person's: by sex and by age at the time. FHIR R4, Observation.referenceRange.

use chrono::NaiveDate;
use serde_json::Value;

use crate::record::fhir;

/// What ranges ask of a person.
#[derive(Clone, Copy)]
pub struct Person {
    pub sex: Option<Sex>,
    /// Nothing where the record does not say the day.
    pub born: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    /// FHIR's administrative gender; nothing for others and unknown.
    pub fn of(gender: &str) -> Option<Self> {
        match gender {
            "female" => Some(Sex::Female),
            "male" => Some(Sex::Male),
            _ => None,
        }
    }
}

/// Numbers where one range is the person's; words where it is not clear which one is, and words of the source.
#[derive(Debug, Default, PartialEq)]
pub struct Range {
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Both ends with the digits as they were sent.
    pub sent: [Option<String>; 2],
    pub text: Option<String>,
}

/// Whether a range is for somebody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    /// It is for a group of which the record does not say who is in it.
    Unclear,
}

/// The ranges that may be this person's on that day, and whether they surely are; never one for a goal or a special group.
fn mine(part: &Value, person: Option<Person>, day: Option<NaiveDate>) -> Vec<(&Value, bool)> {
    let normal = || fhir::items(&part["referenceRange"]).filter(|range| is_normal(range));
    // "16 years" as an end holds until the 17th birthday where no other range begins before.
    let exact = fitting(normal(), person, day, true);
    if exact.is_empty() { fitting(normal(), person, day, false) } else { exact }
}

/// The one range that is surely this person's on that day, as it was sent.
pub fn own(part: &Value, person: Option<Person>, day: Option<NaiveDate>) -> Option<&Value> {
    match mine(part, person, day).as_slice() {
        [(range, true)] => Some(range),
        _ => None,
    }
}

/// The range as given for somebody like this person on that day.
pub fn of(part: &Value, person: Option<Person>, day: Option<NaiveDate>) -> Range {
    match mine(part, person, day).as_slice() {
        [] => Range::default(),
        [(range, true)] if !is_in_another_unit(range, part) => Range {
            low: limit(range, "low"),
            high: limit(range, "high"),
            sent: ["low", "high"].map(|name| fhir::digits(&range[name]["value"])),
            text: range["text"].as_str().map(str::to_owned),
        },
        several => {
            let told: Vec<String> = several.iter().map(|(range, _)| in_words(range)).filter(|told| !told.is_empty()).collect();
            Range { text: Some(told.join("; ")).filter(|text| !text.is_empty()), ..Range::default() }
        }
    }
}

/// Whether an end is in another unit than the value, so that nobody may compare them.
fn is_in_another_unit(range: &Value, part: &Value) -> bool {
    let own = &part["valueQuantity"];
    [&range["low"], &range["high"]].into_iter().any(|end| match (end["code"].as_str(), own["code"].as_str()) {
        (Some(end), Some(own)) if end == own => false,
        _ => {
            let (end, own) = (fhir::unit(end).to_lowercase(), fhir::unit(own).to_lowercase());
            !end.is_empty() && !own.is_empty() && end != own
        }
    })
}

fn is_normal(range: &Value) -> bool {
    let kind = &range["type"];
    let named = || fhir::concept(kind).is_some_and(|name| name.to_lowercase().starts_with("normal"));
    kind.is_null() || fhir::has_code(kind, &["normal"]) || named()
}

/// The ranges that may be the person's, each once, and whether they surely are.
fn fitting<'a>(
    ranges: impl Iterator<Item = &'a Value>,
    person: Option<Person>,
    day: Option<NaiveDate>,
    exactly: bool,
) -> Vec<(&'a Value, bool)> {
    let mut found: Vec<(&Value, bool)> = Vec::new();
    for range in ranges {
        let fits = [fits_group(range, person), fits_age(range, person, day, exactly)];
        let known = found.iter().any(|(other, _)| in_words(other) == in_words(range));
        if !fits.contains(&Fit::No) && !known {
            found.push((range, !fits.contains(&Fit::Unclear)));
        }
    }
    found
}

fn fits_group(range: &Value, person: Option<Person>) -> Fit {
    let groups: Vec<Option<Sex>> = fhir::items(&range["appliesTo"]).map(sex).collect();
    let sexes: Vec<Sex> = groups.iter().copied().flatten().collect();
    match person.and_then(|person| person.sex) {
        _ if groups.is_empty() => Fit::Yes,
        Some(own) if !sexes.is_empty() && !sexes.contains(&own) => Fit::No,
        Some(_) if sexes.len() == groups.len() => Fit::Yes,
        _ => Fit::Unclear,
    }
}

/// SNOMED CT, HL7's administrative gender in both spellings, or plain words.
fn sex(group: &Value) -> Option<Sex> {
    if fhir::has_code(group, &["248152002", "female", "F"]) {
        return Some(Sex::Female);
    }
    if fhir::has_code(group, &["248153007", "male", "M"]) {
        return Some(Sex::Male);
    }
    match fhir::concept(group)?.to_lowercase().as_str() {
        "female" | "females" | "woman" | "women" | "girls" => Some(Sex::Female),
        "male" | "males" | "man" | "men" | "boys" => Some(Sex::Male),
        _ => None,
    }
}

fn fits_age(range: &Value, person: Option<Person>, day: Option<NaiveDate>, exactly: bool) -> Fit {
    if range["age"].is_null() {
        return Fit::Yes;
    }
    let (Some(born), Some(day)) = (person.and_then(|person| person.born), day) else { return Fit::Unclear };
    for (end, is_low) in [(&range["age"]["low"], true), (&range["age"]["high"], false)] {
        let Some(limit) = end["value"].as_f64() else { continue };
        let unit = end["code"].as_str().or_else(|| end["unit"].as_str()).unwrap_or("a");
        let Some(age) = age(unit, born, day) else { return Fit::Unclear };
        let inside = if is_low { age >= limit } else { age <= limit || (!exactly && age.floor() <= limit) };
        if !inside {
            return Fit::No;
        }
    }
    Fit::Yes
}

/// The age in a unit of UCUM; birthdays are the calendar's.
fn age(unit: &str, born: NaiveDate, day: NaiveDate) -> Option<f64> {
    let days = f64::from(i32::try_from((day - born).num_days()).ok().filter(|days| *days >= 0)?);
    Some(match unit {
        "a" | "y" | "yr" | "year" | "years" => {
            let whole = f64::from(day.years_since(born)?);
            whole + (days / 365.25 - whole).clamp(0.0, 0.99)
        }
        "mo" | "month" | "months" => days / 30.4375,
        "wk" | "week" | "weeks" => days / 7.0,
        "d" | "day" | "days" => days,
        "h" | "hour" | "hours" => days * 24.0,
        _ => return None,
    })
}

fn limit(range: &Value, name: &str) -> Option<f64> {
    range[name]["value"].as_f64()
}

/// "female: 12–16 g/dL", with the source's words.
fn in_words(range: &Value) -> String {
    let end = |name: &str| fhir::digits(&range[name]["value"]);
    let unit = [&range["low"], &range["high"]].into_iter().map(fhir::unit).find(|unit| !unit.is_empty()).unwrap_or_default();
    let numbers = match (end("low"), end("high")) {
        (Some(low), Some(high)) => format!("{low}–{high} {unit}"),
        (Some(low), None) => format!("≥ {low} {unit}"),
        (None, Some(high)) => format!("≤ {high} {unit}"),
        (None, None) => String::new(),
    };
    let numbers = numbers.trim();
    let said = match range["text"].as_str().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) if numbers.is_empty() => text.to_owned(),
        Some(text) => format!("{numbers} ({text})"),
        None => numbers.to_owned(),
    };
    match fhir::concepts(&range["appliesTo"]) {
        Some(group) if !said.is_empty() => format!("{group}: {said}"),
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(sex: &str, born: &str) -> Option<Person> {
        Some(Person { sex: Sex::of(sex), born: born.parse().ok() })
    }

    fn on(day: &str) -> Option<NaiveDate> {
        Some(day.parse().expect("a day"))
    }

    fn numbers(low: f64, high: f64) -> Range {
        Range { low: Some(low), high: Some(high), sent: [low, high].map(|end| Some(end.to_string())), text: None }
    }

    #[test]
    fn a_range_for_a_special_group_is_nobodys_range() {
        let special = json!({"referenceRange": [{"type": {"coding": [{"code": "treatment"}]}, "low": {"value": 1}}, {"low": {"value": 3.1}, "high": {"value": 6.2}}]});
        assert_eq!(of(&special, None, on("2026-01-01")), numbers(3.1, 6.2));
        assert_eq!(of(&json!({}), None, on("2026-01-01")), Range::default());
        let named = json!({"referenceRange": [{"type": {"text": "Normal Range"}, "low": {"value": 3}, "high": {"value": 6}}]});
        assert_eq!(of(&named, None, on("2026-01-01")), numbers(3.0, 6.0));
    }

    #[test]
    fn a_man_has_the_mens_range() {
        let both = json!({"referenceRange": [
            {"appliesTo": [{"text": "female"}], "low": {"value": 12, "unit": "g/dL"}, "high": {"value": 16, "unit": "g/dL"}},
            {"appliesTo": [{"coding": [{"system": "http://snomed.info/sct", "code": "248153007"}], "text": "male"}],
             "low": {"value": 13.5, "unit": "g/dL"}, "high": {"value": 17.5, "unit": "g/dL"}},
        ]});
        let day = on("2026-01-01");
        assert_eq!(of(&both, person("male", "1980-01-01"), day), numbers(13.5, 17.5));
        assert_eq!(of(&both, person("female", "1980-01-01"), day), numbers(12.0, 16.0));
        let unknown = of(&both, person("other", "1980-01-01"), day);
        assert_eq!((unknown.low, unknown.text.as_deref()), (None, Some("female: 12–16 g/dL; male: 13.5–17.5 g/dL")));
    }

    #[test]
    fn what_may_be_for_somebody_else_is_told_in_words() {
        let pregnant = json!({"referenceRange": [
            {"low": {"value": 12}, "high": {"value": 16}},
            {"appliesTo": [{"text": "pregnant"}], "low": {"value": 11}},
        ]});
        let found = of(&pregnant, person("female", "1990-01-01"), on("2026-01-01"));
        assert_eq!((found.low, found.high, found.text.as_deref()), (None, None, Some("12–16; pregnant: ≥ 11")));
    }

    #[test]
    fn a_child_has_the_range_of_its_age_at_the_time() {
        let age = |low: u32, high: u32| json!({"low": {"value": low, "code": "a"}, "high": {"value": high, "code": "a"}});
        let ages = json!({"referenceRange": [
            {"age": age(0, 11), "low": {"value": 1}, "high": {"value": 2}},
            {"age": age(12, 17), "low": {"value": 3}, "high": {"value": 4}},
            {"age": {"low": {"value": 18, "code": "a"}}, "low": {"value": 5}, "high": {"value": 6}},
        ]});
        let child = person("female", "2010-06-15");
        assert_eq!(of(&ages, child, on("2015-01-01")), numbers(1.0, 2.0));
        assert_eq!(of(&ages, child, on("2022-06-14")), numbers(1.0, 2.0), "still 11");
        assert_eq!(of(&ages, child, on("2022-06-15")), numbers(3.0, 4.0), "the 12th birthday");
        assert_eq!(of(&ages, child, on("2028-06-14")), numbers(3.0, 4.0), "still 17");
        assert_eq!(of(&ages, child, on("2028-06-15")), numbers(5.0, 6.0));
    }

    #[test]
    fn a_range_in_another_unit_is_told_and_compared_with_nothing() {
        let glucose = |unit: &str, code: &str| {
            json!({"valueQuantity": {"value": 95, "unit": "mg/dL", "code": "mg/dL"},
                "referenceRange": [{"low": {"value": 3.9, "unit": unit, "code": code}, "high": {"value": 5.5, "unit": unit, "code": code}}]})
        };
        let found = of(&glucose("mmol/L", "mmol/L"), None, on("2026-01-01"));
        assert_eq!((found.low, found.high, found.text.as_deref()), (None, None, Some("3.9–5.5 mmol/L")));
        for (unit, code) in [("mg/dl", ""), ("", ""), ("milligrams", "mg/dL")] {
            assert_eq!(of(&glucose(unit, code), None, on("2026-01-01")), numbers(3.9, 5.5), "{unit} {code}");
        }
    }

    #[test]
    fn the_words_of_a_range_are_kept_beside_its_numbers() {
        let both = json!({"referenceRange": [{"low": {"value": 3}, "high": {"value": 6}, "text": "fasting"}]});
        assert_eq!(of(&both, None, on("2026-01-01")), Range { text: Some("fasting".into()), ..numbers(3.0, 6.0) });
    }
}
