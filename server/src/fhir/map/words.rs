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

/// The words of a CodeableConcept; of one that has none, its code: an allergy to "SNOMED CT 91936005" is still one.
pub fn named(found: &Value) -> Option<String> {
    concept(found).or_else(|| codings(found).find_map(code))
}

/// "LOINC 718-7".
fn code(coding: &Value) -> Option<String> {
    let code = coding["code"].as_str()?;
    let system = match coding["system"].as_str().unwrap_or_default() {
        "http://snomed.info/sct" => "SNOMED CT",
        "http://loinc.org" => "LOINC",
        "http://hl7.org/fhir/sid/icd-10-cm" => "ICD-10-CM",
        "http://hl7.org/fhir/sid/icd-10" => "ICD-10",
        "http://hl7.org/fhir/sid/icd-9-cm" => "ICD-9-CM",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RxNorm",
        "http://hl7.org/fhir/sid/cvx" => "CVX",
        "http://hl7.org/fhir/sid/ndc" => "NDC",
        "http://www.ama-assn.org/go/cpt" => "CPT",
        _ => return Some(code.to_owned()),
    };
    Some(format!("{system} {code}"))
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

/// The semantic tags of SNOMED CT that stand behind what a chart names.
const TAGS: [&str; 40] = [
    "administrative concept",
    "assessment scale",
    "attribute",
    "body structure",
    "cell",
    "clinical drug",
    "context-dependent category",
    "disorder",
    "dose form",
    "environment",
    "environment / location",
    "ethnic group",
    "event",
    "finding",
    "geographic location",
    "life style",
    "medicinal product",
    "medicinal product form",
    "morphologic abnormality",
    "observable entity",
    "occupation",
    "organism",
    "person",
    "physical force",
    "physical object",
    "procedure",
    "product",
    "product name",
    "qualifier value",
    "racial group",
    "record artifact",
    "regime/therapy",
    "religion/philosophy",
    "situation",
    "social concept",
    "specimen",
    "staging scale",
    "substance",
    "tumor staging",
    "unit of presentation",
];

/// Without the tags that terminologies put behind their words: "Encounter for check up (procedure)".
pub fn plain(text: &str) -> String {
    let text = text.trim();
    let tagged =
        text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).filter(|(words, tag)| !words.is_empty() && TAGS.contains(tag));
    tagged.map_or(text, |(words, _)| words.trim()).to_owned()
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
        (None, true) => name["text"].as_str().map(|text| (person(text), String::new())).filter(|(text, _)| !text.is_empty()),
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

fn letters(text: &str) -> String {
    text.trim().trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// A person's name without the digits that generators put behind each part of it: "Dr. Willena258 Oberbrunner298".
pub fn person(text: &str) -> String {
    let part = |word: &str| if word.starts_with(char::is_alphabetic) { letters(word) } else { word.to_owned() };
    text.split_whitespace().map(part).collect::<Vec<_>>().join(" ")
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

/// The year or the month, where a date says no more.
pub fn partial(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| matches!(text.len(), 4 | 7) && date(value).is_some())
}

/// The day, or the year or month alone, as it was written.
pub fn day(value: &Value) -> Option<String> {
    partial(value).map(str::to_owned).or_else(|| date(value).map(|day| day.to_string()))
}

/// A number as it was sent. What has more than six digits is a machine's precision and not the instrument's: of it two
/// decimals are told, or as many as four digits need. Nothing becomes 0 but 0.
pub fn number(value: &Value) -> Option<String> {
    if let Some(whole) = value.as_i64() {
        return Some(whole.to_string());
    }
    let number = value.as_f64()?;
    let text = number.to_string();
    let Some((whole, decimals)) = text.split_once('.') else { return Some(text) };
    let digits = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
    if digits <= 6 {
        return Some(text);
    }
    let whole = whole.trim_start_matches(['-', '0']).len();
    let zeros = if whole == 0 { decimals.len() - decimals.trim_start_matches('0').len() } else { 0 };
    let told = if whole == 0 { zeros + 4 } else { 4_usize.saturating_sub(whole).max(2) };
    let text = format!("{number:.told$}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// "10 mL", "<5 mg"; a number without a unit alone.
pub fn quantity(quantity: &Value) -> Option<String> {
    let comparator = quantity["comparator"].as_str().unwrap_or_default();
    Some(format!("{comparator}{} {}", number(&quantity["value"])?, unit(quantity)).trim().to_owned())
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
        assert_eq!(name(&json!([{"text": "Ann2 Roe7"}])), Some(("Ann Roe".into(), String::new())));
        assert_eq!(person("Dr. Willena258 Oberbrunner298"), "Dr. Willena Oberbrunner");
        assert_eq!(person("Susan Hale, MD"), "Susan Hale, MD");
        assert_eq!(person("24 Hour Clinic"), "24 Hour Clinic");
    }

    #[test]
    fn numbers_are_told_as_they_were_sent() {
        for (sent, told) in [
            (json!(0.0036), "0.0036"),
            (json!(0.734), "0.734"),
            (json!(1.005), "1.005"),
            (json!(6.30), "6.3"),
            (json!(1.0), "1"),
            (json!(0), "0"),
            (json!(-0.25), "-0.25"),
            (json!(250000), "250000"),
            (json!(123456789), "123456789"),
            (json!(0.000_000_12), "0.00000012"),
            // As generators send them.
            (json!(77.438_937_123_451_23), "77.44"),
            (json!(171.981_230_984_561_2), "171.98"),
            (json!(1_234.567_890_123_4), "1234.57"),
            (json!(5.870_123_987_654_321), "5.87"),
            (json!(0.734_123_456_789_01), "0.7341"),
            (json!(0.003_612_345_678_9), "0.003612"),
            (json!(-37.199_999_999_999_99), "-37.2"),
            (json!(999.999_999_999_99), "1000"),
        ] {
            assert_eq!(number(&sent).as_deref(), Some(told), "{sent}");
        }
        assert_eq!(number(&json!("12")), None);
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
        for (tagged, words) in [
            ("Patient (person)", "Patient"),
            ("Negative (qualifier value)", "Negative"),
            ("Inpatient care plan (record artifact)", "Inpatient care plan"),
            ("Healthcare professional (occupation)", "Healthcare professional"),
            ("Hib (PRP-OMP)", "Hib (PRP-OMP)"),
            ("Serum creatinine ((umol/L)", "Serum creatinine ((umol/L)"),
            ("(finding)", "(finding)"),
        ] {
            assert_eq!(plain(tagged), words);
        }
    }

    #[test]
    fn a_concept_without_words_is_named_by_its_code() {
        let coded = |system: &str| named(&json!({"coding": [{"system": system, "code": "12345"}]}));
        assert_eq!(coded("http://snomed.info/sct").as_deref(), Some("SNOMED CT 12345"));
        assert_eq!(coded("urn:local").as_deref(), Some("12345"));
        assert_eq!(named(&json!({"text": "Latex", "coding": [{"code": "1"}]})).as_deref(), Some("Latex"));
        assert_eq!(named(&json!({})), None);
    }

    #[test]
    fn dates_of_every_precision_are_read() {
        assert_eq!(instant(&json!("2020-03")).map(|at| at.to_rfc3339()).as_deref(), Some("2020-03-01T12:00:00+00:00"));
        assert_eq!(instant(&json!("2020-03-04T10:00:00-05:00")).map(|at| at.to_rfc3339()).as_deref(), Some("2020-03-04T15:00:00+00:00"));
        assert_eq!(date(&json!("2020-03-04T23:00:00-05:00")).map(|day| day.to_string()).as_deref(), Some("2020-03-04"));
        assert_eq!(instant(&json!("yesterday")), None);
        assert_eq!((partial(&json!("2019")), partial(&json!("2019-03"))), (Some("2019"), Some("2019-03")));
        assert_eq!((partial(&json!("2019-03-04")), partial(&json!("once")), partial(&json!(2019))), (None, None, None));
    }
}
