//! The outcome of a check in words, the same on the server and in the browser.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    card::{Card, Fault, Judgement, TrustedIssuer, find, read},
    names,
};

/// The sentences of a report in the reader's language, from the server. What stands in braces is filled in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Words {
    /// `{name}` of the issuer.
    pub holds: String,
    pub holds_text: String,
    pub unknown: String,
    pub unknown_text: String,
    pub wrong: String,
    pub wrong_text: String,
    pub unknown_key_text: String,
    pub revoked: String,
    pub revoked_text: String,
    pub not_now: String,
    pub not_yet_text: String,
    pub expired_text: String,
    pub no_card: String,
    pub no_code: String,
    pub fault_none: String,
    /// `{found}` of `{of}` codes.
    pub fault_parts: String,
    pub fault_digits: String,
    pub fault_shape: String,
    pub fault_header: String,
    pub fault_compression: String,
    pub fault_content: String,
    pub claims: String,
    pub name: String,
    pub birth_date: String,
    pub value: String,
    pub lot: String,
    pub by: String,
    pub detected: String,
    pub not_detected: String,
    pub positive: String,
    pub negative: String,
    /// The names of the twelve months, with bars between them.
    pub months: String,
    /// `{day}`, `{month}` and `{year}`.
    pub date: String,
    pub camera_refused: String,
    /// `{found}` of `{of}` codes.
    pub camera_parts: String,
    pub camera_looks: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Genuine, and valid now.
    pub good: bool,
    pub title: String,
    pub says: Vec<String>,
    /// Only of a card that could be genuine: what a forged one says is not repeated as if it were something.
    pub claims: Option<Claims>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Label and value.
    pub person: Vec<(String, String)>,
    pub entries: Vec<Entry>,
}

/// A vaccination or a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub title: String,
    pub day: Option<String>,
    pub facts: Vec<(String, String)>,
}

/// Checks what somebody scanned, pasted or opened, at `now`, in seconds since 1970, UTC.
pub fn report(text: &str, issuers: &[TrustedIssuer], now: i64, words: &Words) -> Report {
    match find(text).and_then(|jws| read(&jws)) {
        Ok(card) => judged(&card, &card.judge(issuers, now), words),
        Err(fault) => no_card(&fault_in_words(&fault, words), words),
    }
}

/// Nothing was found that is a card, because of `says`.
pub fn no_card(says: &str, words: &Words) -> Report {
    Report { good: false, title: words.no_card.clone(), says: vec![says.to_owned()], claims: None }
}

fn judged(card: &Card, judgement: &Judgement, words: &Words) -> Report {
    let (title, says) = match judgement {
        Judgement::Holds(name) => (words.holds.replace("{name}", name), &words.holds_text),
        Judgement::UnknownIssuer => (words.unknown.clone(), &words.unknown_text),
        Judgement::UnknownKey => (words.wrong.clone(), &words.unknown_key_text),
        Judgement::WrongSignature => (words.wrong.clone(), &words.wrong_text),
        Judgement::Revoked => (words.revoked.clone(), &words.revoked_text),
        Judgement::NotYet => (words.not_now.clone(), &words.not_yet_text),
        Judgement::Expired => (words.not_now.clone(), &words.expired_text),
    };
    let mut says = vec![says.clone()];
    if *judgement == Judgement::UnknownIssuer {
        says.push(card.issuer.clone());
    }
    let forged = matches!(judgement, Judgement::WrongSignature | Judgement::UnknownKey);
    Report { good: matches!(judgement, Judgement::Holds(_)), title, says, claims: (!forged).then(|| claims(card, words)) }
}

fn claims(card: &Card, words: &Words) -> Claims {
    let resources = card.resources();
    let person = resources.iter().find(|resource| resource["resourceType"] == "Patient");
    let name = person.map(|person| {
        let name = &person["name"][0];
        let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
        given.chain(name["family"].as_str()).collect::<Vec<_>>().join(" ")
    });
    let born = person.and_then(|person| day(&person["birthDate"], words));
    let entries = resources.iter().filter(|resource| resource["resourceType"] != "Patient").map(|resource| entry(resource, words));
    Claims { person: facts([(&words.name, name), (&words.birth_date, born)]), entries: entries.collect() }
}

fn entry(resource: &Value, words: &Words) -> Entry {
    let (title, at) = match resource["resourceType"].as_str() {
        Some("Immunization") => (in_words(&resource["vaccineCode"], words), &resource["occurrenceDateTime"]),
        Some("Observation") => (in_words(&resource["code"], words), &resource["effectiveDateTime"]),
        kind => (kind.unwrap_or_default().to_owned(), &Value::Null),
    };
    let performer = &resource["performer"][0];
    let by = performer["actor"]["display"].as_str().or_else(|| performer["display"].as_str());
    let quantity = &resource["valueQuantity"];
    let value = quantity["value"].as_f64().map(|value| {
        let unit = quantity["unit"].as_str().or_else(|| quantity["code"].as_str()).unwrap_or_default();
        format!("{}{value} {unit}", quantity["comparator"].as_str().unwrap_or_default()).trim_end().to_owned()
    });
    let value = value.or_else(|| resource["valueString"].as_str().map(str::to_owned));
    let value = value.or_else(|| Some(in_words(&resource["valueCodeableConcept"], words)).filter(|words| !words.is_empty()));
    let lot = resource["lotNumber"].as_str().map(str::to_owned);
    Entry { title, day: day(at, words), facts: facts([(&words.value, value), (&words.lot, lot), (&words.by, by.map(str::to_owned))]) }
}

fn facts<const N: usize>(facts: [(&String, Option<String>); N]) -> Vec<(String, String)> {
    facts.into_iter().filter_map(|(label, value)| Some((label.clone(), value.filter(|value| !value.is_empty())?))).collect()
}

/// A FHIR date or the day of a moment: "2021-01-01" as people write it; what is less exact than a day stays as it is.
fn day(value: &Value, words: &Words) -> Option<String> {
    let text = value.as_str()?;
    let Some(date) = text.get(..10) else { return Some(text.to_owned()) };
    let mut pieces = date.split('-');
    let (year, month, day) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let month: usize = month.parse().ok()?;
    let month = words.months.split('|').nth(month.checked_sub(1)?)?;
    let day: u8 = day.parse().ok()?;
    Some(words.date.replace("{day}", &day.to_string()).replace("{month}", month).replace("{year}", year))
}

fn in_words(concept: &Value, words: &Words) -> String {
    let coding = &concept["coding"][0];
    let (system, code) = (coding["system"].as_str().unwrap_or_default(), coding["code"].as_str().unwrap_or_default());
    let known = match (system, code) {
        ("http://snomed.info/sct", "260373001") => Some(words.detected.as_str()),
        ("http://snomed.info/sct", "260415000") => Some(words.not_detected.as_str()),
        ("http://snomed.info/sct", "10828004") => Some(words.positive.as_str()),
        ("http://snomed.info/sct", "260385009") => Some(words.negative.as_str()),
        _ => names::name(system, code),
    };
    let short = match system {
        "http://hl7.org/fhir/sid/cvx" => "CVX",
        "http://loinc.org" => "LOINC",
        "http://snomed.info/sct" => "SNOMED CT",
        other => other,
    };
    let written = format!("{short} {code}").trim().to_owned();
    match known {
        Some(name) => format!("{name} ({written})"),
        None => written,
    }
}

/// Why something is no card.
pub fn fault_in_words(fault: &Fault, words: &Words) -> String {
    match fault {
        Fault::NoCard => words.fault_none.clone(),
        Fault::MissingParts { found, of } => parts_in_words(&words.fault_parts, *found, *of),
        Fault::Digits => words.fault_digits.clone(),
        Fault::Shape => words.fault_shape.clone(),
        Fault::Header => words.fault_header.clone(),
        Fault::Compression => words.fault_compression.clone(),
        Fault::Content => words.fault_content.clone(),
    }
}

/// So many of a card's codes are there.
pub fn parts_in_words(sentence: &str, found: usize, of: usize) -> String {
    sentence.replace("{found}", &found.to_string()).replace("{of}", &of.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words() -> Words {
        let fields = serde_json::from_str::<Value>(
            r#"{"months": "January|February|March|April|May|June|July|August|September|October|November|December",
                "date": "{month} {day}, {year}", "detected": "Detected", "value": "Result", "lot": "Lot", "by": "By",
                "name": "Name", "birth_date": "Born", "fault_parts": "{found} of {of}", "no_card": "No card"}"#,
        );
        let mut fields = fields.expect("JSON");
        let others = "holds holds_text unknown unknown_text wrong wrong_text unknown_key_text revoked revoked_text not_now \
            not_yet_text expired_text no_code fault_none fault_digits fault_shape fault_header fault_compression \
            fault_content claims not_detected positive negative camera_refused camera_parts camera_looks";
        for name in others.split(' ') {
            fields[name] = json!(name);
        }
        serde_json::from_value(fields).expect("all words")
    }

    #[test]
    fn days_are_written_as_people_write_them() {
        let words = words();
        assert_eq!(day(&json!("2021-01-09"), &words).as_deref(), Some("January 9, 2021"));
        assert_eq!(day(&json!("2021-12-31T23:00:00Z"), &words).as_deref(), Some("December 31, 2021"));
        assert_eq!(day(&json!("2021-01"), &words).as_deref(), Some("2021-01"));
        assert_eq!(day(&json!("2021-13-01"), &words), None);
        assert_eq!(day(&Value::Null, &words), None);
    }

    #[test]
    fn codes_have_names_and_keep_their_codes() {
        let coded = |system: &str, code: &str| in_words(&json!({"coding": [{"system": system, "code": code}]}), &words());
        assert_eq!(coded("http://hl7.org/fhir/sid/cvx", "207"), "COVID-19, Moderna (CVX 207)");
        assert_eq!(coded("http://snomed.info/sct", "260373001"), "Detected (SNOMED CT 260373001)");
        assert_eq!(coded("http://loinc.org", "2951-2"), "LOINC 2951-2");
        assert_eq!(in_words(&Value::Null, &words()), "");
    }

    #[test]
    fn a_result_is_told_with_its_sign_and_unit() {
        let resource = json!({
            "resourceType": "Observation", "code": {"coding": [{"system": "http://loinc.org", "code": "1-8"}]},
            "valueQuantity": {"value": 5.5, "comparator": "<", "code": "mmol/L"}, "effectiveDateTime": "2021-02-03",
            "performer": [{"display": "A laboratory"}],
        });
        let entry = entry(&resource, &words());
        assert_eq!(entry.day.as_deref(), Some("February 3, 2021"));
        assert_eq!(entry.facts, [("Result".to_owned(), "<5.5 mmol/L".to_owned()), ("By".to_owned(), "A laboratory".to_owned())]);
    }

    #[test]
    fn what_is_no_card_is_told_so() {
        let found = report("shc:/1/3/5676", &[], 0, &words());
        assert_eq!((found.good, found.title.as_str(), found.says[0].as_str(), found.claims), (false, "No card", "1 of 3", None));
    }
}
