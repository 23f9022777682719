//! Texts, names, addresses and instants as FHIR spells them.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use serde_json::Value;

/// The words of a CodeableConcept: its text, else its first display.
pub fn concept(concept: &Value) -> Option<String> {
    let text = concept["text"].as_str().or_else(|| codings(concept).find_map(|coding| coding["display"].as_str()));
    text.map(plain).filter(|text| !text.is_empty())
}

/// The words of several concepts, joined.
pub fn concepts(list: &Value) -> Option<String> {
    let words: Vec<String> = items(list).filter_map(concept).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

pub fn codings(concept: &Value) -> impl Iterator<Item = &Value> {
    items(&concept["coding"])
}

/// Whether a concept, or one of a list of concepts, has one of these codes.
pub fn has_code(value: &Value, codes: &[&str]) -> bool {
    let concepts: Vec<&Value> = if value.is_array() { items(value).collect() } else { vec![value] };
    concepts.into_iter().flat_map(codings).any(|coding| coding["code"].as_str().is_some_and(|code| codes.contains(&code)))
}

pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// Without the tags that terminologies put behind their words: "Encounter for check up (procedure)".
fn plain(text: &str) -> String {
    let text = text.trim();
    for tag in ["(procedure)", "(finding)", "(disorder)", "(regime/therapy)", "(environment)", "(situation)", "(observable entity)"] {
        if let Some(rest) = text.strip_suffix(tag) {
            return rest.trim().to_owned();
        }
    }
    text.to_owned()
}

/// Given and family name: the official one, else the usual, else the first that is no maiden name. Digits that generators
/// put behind names are not shown.
pub fn name(names: &Value) -> Option<(String, String)> {
    let with_use = |kind: &str| items(names).find(|name| name["use"] == kind);
    let name = with_use("official").or_else(|| with_use("usual")).or_else(|| items(names).find(|name| name["use"] != "maiden"))?;
    let given: Vec<String> = items(&name["given"]).filter_map(Value::as_str).map(letters).collect();
    let family = name["family"].as_str().map(letters).unwrap_or_default();
    match (given.first(), family.is_empty()) {
        (Some(given), _) => Some((given.clone(), family)),
        (None, false) => Some((family, String::new())),
        (None, true) => name["text"].as_str().map(|text| (letters(text), String::new())).filter(|(text, _)| !text.is_empty()),
    }
}

/// "Susan Hale, MD", "Dr. Susan Hale" when there is no suffix.
pub fn clinician(names: &Value) -> Option<String> {
    let (given, family) = name(names)?;
    let entry = items(names).next()?;
    let part = |member: &str| items(&entry[member]).filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let (prefix, suffix) = (part("prefix"), part("suffix"));
    let name = format!("{given} {family}").trim().to_owned();
    Some(match (suffix.is_empty(), prefix.is_empty()) {
        (false, _) => format!("{name}, {suffix}"),
        (true, false) => format!("{prefix} {name}"),
        (true, true) => name,
    })
}

pub fn letters(text: &str) -> String {
    text.trim().trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// The first phone or e-mail of a kind and, when given, of a use.
pub fn telecom(list: &Value, system: &str, usage: Option<&str>) -> Option<String> {
    items(list)
        .find(|point| point["system"] == system && point["use"] != "old" && usage.is_none_or(|usage| point["use"] == usage))
        .and_then(|point| point["value"].as_str())
        .map(str::to_owned)
}

/// "28 Crescent Street, Middletown, CT 06457".
pub fn address(address: &Value) -> Option<String> {
    let text = |member: &str| address[member].as_str().map(str::to_owned);
    let street: Vec<String> = items(&address["line"]).filter_map(Value::as_str).map(str::to_owned).collect();
    let region = [text("state"), text("postalCode")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let parts: Vec<String> = street.into_iter().chain(text("city")).chain(Some(region)).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { text("text") } else { Some(parts.join(", ")) }
}

/// An instant; a date without a time counts as noon UTC, which is the same day all over the Americas and Europe.
pub fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Some(at.with_timezone(&Utc)),
        Err(_) => Some(Utc.from_utc_datetime(&date(value)?.and_hms_opt(12, 0, 0)?)),
    }
}

/// The day as written; a year or a month alone counts as its first day.
pub fn date(value: &Value) -> Option<NaiveDate> {
    let text = value.as_str()?;
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.get(..10)?.to_owned(),
    };
    day.parse().ok()
}

/// Two decimals at most: more is a machine's precision, not the instrument's.
pub fn number(value: &Value) -> Option<String> {
    let number = value.as_f64()?;
    let text = format!("{number:.2}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// UCUM as people write it.
pub fn unit(quantity: &Value) -> String {
    let unit = quantity["unit"].as_str().or_else(|| quantity["code"].as_str()).unwrap_or_default();
    match unit {
        "mm[Hg]" => "mmHg",
        "Cel" => "°C",
        "[degF]" => "°F",
        "[lb_av]" => "lb",
        "[in_i]" => "in",
        "/min" | "{beats}/min" => "per minute",
        "kg/m2" => "kg/m²",
        other => return readable(other),
    }
    .to_owned()
}

/// UCUM's brackets, braces and powers as people write them: "m[IU]/L" is mIU/L, "10*3/uL" is 10³/µL.
fn readable(unit: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in unit.chars() {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            '[' | ']' => {}
            _ if inside => {}
            other => text.push(other),
        }
    }
    let powers = [("10*3", "10³"), ("10*6", "10⁶"), ("10*9", "10⁹"), ("10*12", "10¹²")];
    let text = powers.into_iter().fold(text, |text, (plain, power)| text.replace(plain, power));
    let text = if text.contains('/') { text.replace("/uL", "/µL") } else { text };
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_shown_as_people_write_them() {
        let names = json!([{"use": "maiden", "family": "X1"}, {"use": "official", "given": ["Francisco472", "J"], "family": "Guardado52", "prefix": ["Mr."]}]);
        assert_eq!(name(&names), Some(("Francisco".into(), "Guardado".into())));
        assert_eq!(
            clinician(&json!([{"given": ["Susan"], "family": "Hale", "prefix": ["Dr."], "suffix": ["MD"]}])).as_deref(),
            Some("Susan Hale, MD")
        );
        assert_eq!(clinician(&json!([{"given": ["Ann2"], "family": "Roe7", "prefix": ["Dr."]}])).as_deref(), Some("Dr. Ann Roe"));
        assert_eq!(name(&json!([{}])), None);
    }

    #[test]
    fn units_are_written_as_people_read_them() {
        for (unit, read) in [("m[IU]/L", "mIU/L"), ("10*3/uL", "10³/µL"), ("{score}", ""), ("mm[Hg]", "mmHg"), ("mg/dL", "mg/dL")] {
            assert_eq!(super::unit(&json!({"unit": unit})), read);
        }
    }

    #[test]
    fn concepts_lose_their_tags() {
        assert_eq!(concept(&json!({"coding": [{"display": "Check up (procedure)"}]})).as_deref(), Some("Check up"));
        assert_eq!(concept(&json!({"text": "Sore throat", "coding": [{"display": "x"}]})).as_deref(), Some("Sore throat"));
        assert_eq!(concept(&json!({})), None);
    }

    #[test]
    fn dates_of_every_precision_are_read() {
        assert_eq!(instant(&json!("2020-03")).map(|at| at.to_rfc3339()).as_deref(), Some("2020-03-01T12:00:00+00:00"));
        assert_eq!(instant(&json!("2020-03-04T10:00:00-05:00")).map(|at| at.to_rfc3339()).as_deref(), Some("2020-03-04T15:00:00+00:00"));
        assert_eq!(date(&json!("2020-03-04T23:00:00-05:00")).map(|day| day.to_string()).as_deref(), Some("2020-03-04"));
        assert_eq!(instant(&json!("yesterday")), None);
    }
}
