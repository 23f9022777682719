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
    pub holds_as_signed_text: String,
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
    pub fault_mixed: String,
    pub fault_digits: String,
    pub fault_shape: String,
    pub fault_header: String,
    pub fault_compression: String,
    pub fault_content: String,
    /// `{most}` cards.
    pub fault_many: String,
    pub claims: String,
    pub claims_unchecked: String,
    pub name: String,
    pub birth_date: String,
    pub value: String,
    pub lot: String,
    pub by: String,
    pub status: String,
    pub not_given: String,
    pub in_error: String,
    pub preliminary: String,
    pub cancelled: String,
    pub corrected: String,
    pub yes: String,
    pub no: String,
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
    /// Says whether anybody checked them.
    pub heading: String,
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

/// Checks what somebody scanned, pasted or opened, at `now`, in seconds since 1970, UTC: one report for each card in it.
pub fn reports(text: &str, issuers: &[TrustedIssuer], now: i64, words: &Words) -> Vec<Report> {
    let report = |found: Result<String, Fault>| match found.and_then(|jws| read(&jws)) {
        Ok(card) => judged(&card, &card.judge(issuers, now), words),
        Err(fault) => no_card(&fault_in_words(&fault, words), words),
    };
    find(text).into_iter().map(report).collect()
}

/// Nothing was found that is a card, because of `says`.
pub fn no_card(says: &str, words: &Words) -> Report {
    Report { good: false, title: words.no_card.clone(), says: vec![says.to_owned()], claims: None }
}

fn judged(card: &Card, judgement: &Judgement, words: &Words) -> Report {
    let (title, says) = match judgement {
        Judgement::Holds(name) => (words.holds.replace("{name}", name), &words.holds_text),
        Judgement::HoldsAsSigned(name) => (words.holds.replace("{name}", name), &words.holds_as_signed_text),
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
    let heading = if *judgement == Judgement::UnknownIssuer { &words.claims_unchecked } else { &words.claims };
    let forged = matches!(judgement, Judgement::WrongSignature | Judgement::UnknownKey);
    let good = matches!(judgement, Judgement::Holds(_) | Judgement::HoldsAsSigned(_));
    Report { good, title, says, claims: (!forged).then(|| claims(card, heading, words)) }
}

fn claims(card: &Card, heading: &str, words: &Words) -> Claims {
    let resources = card.resources();
    let person = resources.iter().find(|resource| resource["resourceType"] == "Patient");
    let name = person.map(|person| {
        let name = &person["name"][0];
        let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
        given.chain(name["family"].as_str()).collect::<Vec<_>>().join(" ")
    });
    let born = person.and_then(|person| day(&person["birthDate"], words));
    let entries = resources.iter().filter(|resource| resource["resourceType"] != "Patient").map(|resource| entry(resource, words));
    Claims { heading: heading.to_owned(), person: facts([(&words.name, name), (&words.birth_date, born)]), entries: entries.collect() }
}

fn entry(resource: &Value, words: &Words) -> Entry {
    let (title, at) = match resource["resourceType"].as_str() {
        Some("Immunization") => (in_words(&resource["vaccineCode"], words), &resource["occurrenceDateTime"]),
        Some("Observation") => (in_words(&resource["code"], words), &resource["effectiveDateTime"]),
        kind => (kind.unwrap_or_default().to_owned(), &Value::Null),
    };
    let mut performers = resource["performer"].as_array().into_iter().flatten();
    let by = performers.find_map(|found| found["actor"]["display"].as_str().or_else(|| found["display"].as_str()));
    let lot = resource["lotNumber"].as_str().map(str::to_owned);
    let mut said = facts([(&words.status, status(resource, words)), (&words.value, value(resource, words))]);
    let parts = resource["component"].as_array().into_iter().flatten();
    said.extend(parts.filter_map(|part| Some((in_words(&part["code"], words), value(part, words)?))));
    said.extend(facts([(&words.lot, lot), (&words.by, by.map(str::to_owned))]));
    Entry { title, day: day(at, words), facts: said }
}

/// How a record stands that does not simply hold: somebody could take what was never given for a vaccination.
fn status(resource: &Value, words: &Words) -> Option<String> {
    Some(match resource["status"].as_str()? {
        "completed" | "final" => return None,
        "not-done" => words.not_given.clone(),
        "entered-in-error" => words.in_error.clone(),
        "preliminary" | "registered" => words.preliminary.clone(),
        "cancelled" => words.cancelled.clone(),
        "amended" | "corrected" => words.corrected.clone(),
        other => other.to_owned(),
    })
}

/// The value of an observation or of a part of one.
fn value(of: &Value, words: &Words) -> Option<String> {
    let side = |whole: &str, name: &str| quantity(&of[whole][name]);
    let ratio = || {
        let (one, other) = (side("valueRatio", "numerator")?, side("valueRatio", "denominator")?);
        // A titre has no units, and is written 1:128.
        let titre = of["valueRatio"]["numerator"]["unit"].is_null() && of["valueRatio"]["denominator"]["unit"].is_null();
        Some(if titre { format!("{one}:{other}") } else { format!("{one} / {other}") })
    };
    let range = || match (side("valueRange", "low"), side("valueRange", "high")) {
        (Some(low), Some(high)) => Some(format!("{low}–{high}")),
        (Some(low), None) => Some(format!("≥{low}")),
        (None, high) => high.map(|high| format!("≤{high}")),
    };
    let flag = |yes: bool| if yes { words.yes.clone() } else { words.no.clone() };
    quantity(&of["valueQuantity"])
        .or_else(|| of["valueString"].as_str().map(str::to_owned))
        .or_else(|| Some(in_words(&of["valueCodeableConcept"], words)).filter(|said| !said.is_empty()))
        .or_else(|| of["valueInteger"].as_i64().map(|number| number.to_string()))
        .or_else(|| of["valueBoolean"].as_bool().map(flag))
        .or_else(ratio)
        .or_else(range)
        .or_else(|| day(&of["valueDateTime"], words))
}

/// A number with its sign and unit.
fn quantity(of: &Value) -> Option<String> {
    let number = of["value"].as_f64()?;
    let unit = of["unit"].as_str().or_else(|| of["code"].as_str()).unwrap_or_default();
    Some(format!("{}{number} {unit}", of["comparator"].as_str().unwrap_or_default()).trim_end().to_owned())
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
        Fault::MixedParts { of } => words.fault_mixed.replace("{of}", &of.to_string()),
        Fault::Digits => words.fault_digits.clone(),
        Fault::Shape => words.fault_shape.clone(),
        Fault::Header => words.fault_header.clone(),
        Fault::Compression => words.fault_compression.clone(),
        Fault::Content => words.fault_content.clone(),
        Fault::TooMany { most } => words.fault_many.replace("{most}", &most.to_string()),
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
            fault_content fault_many fault_mixed claims claims_unchecked holds_as_signed_text status not_given in_error preliminary \
            cancelled corrected yes no not_detected positive negative camera_refused camera_parts camera_looks";
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
        let found = reports("shc:/1/3/5676", &[], 0, &words());
        assert_eq!(found, [no_card("1 of 3", &words())]);
        assert_eq!((found[0].good, found[0].title.as_str(), found[0].claims.is_none()), (false, "No card", true));
        assert_eq!(reports("shc:/1/3/5676 shc:/1/2/5676", &[], 0, &words()).len(), 2, "each card has its report");
    }

    #[test]
    fn what_does_not_simply_hold_says_so() {
        let told = |kind: &str, status: &str| entry(&json!({"resourceType": kind, "status": status}), &words()).facts;
        for (kind, status) in [("Immunization", "completed"), ("Observation", "final")] {
            assert!(told(kind, status).is_empty(), "{status}");
        }
        for (status, said) in [
            ("not-done", "not_given"),
            ("entered-in-error", "in_error"),
            ("preliminary", "preliminary"),
            ("cancelled", "cancelled"),
            ("amended", "corrected"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(told("Observation", status), [("status".to_owned(), said.to_owned())], "{status}");
        }
    }

    #[test]
    fn values_of_every_simple_form_are_told() {
        let told = |name: &str, of: Value| value(&json!({ name: of }), &words());
        assert_eq!(told("valueInteger", json!(3)).as_deref(), Some("3"));
        assert_eq!(told("valueBoolean", json!(false)).as_deref(), Some("no"));
        assert_eq!(told("valueRange", json!({"low": {"value": 1}, "high": {"value": 2.5, "unit": "mg"}})).as_deref(), Some("1–2.5 mg"));
        assert_eq!(told("valueRatio", json!({"numerator": {"value": 1}, "denominator": {"value": 128}})).as_deref(), Some("1:128"));
        assert_eq!(told("valueRatio", json!({"numerator": {"value": 1}})), None);
        assert_eq!(told("valueSampledData", json!({})), None);
    }

    #[test]
    fn the_parts_of_a_panel_are_told() {
        let part = |code: &str, of: Value| json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": of});
        let panel = json!({"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "24331-1"}]},
            "component": [part("2093-3", json!({"value": 181, "unit": "mg/dL"})), part("2571-8", json!({}))]});
        assert_eq!(entry(&panel, &words()).facts, [("LOINC 2093-3".to_owned(), "181 mg/dL".to_owned())]);
    }

    #[test]
    fn a_card_of_somebody_unknown_is_marked_as_unchecked() {
        let card = |judgement| judged(&Card::for_tests(json!({"iss": "https://a.example"})), &judgement, &words());
        let unknown = card(Judgement::UnknownIssuer);
        assert_eq!((unknown.good, unknown.claims.map(|claims| claims.heading).as_deref()), (false, Some("claims_unchecked")));
        let holds = card(Judgement::HoldsAsSigned("A".into()));
        assert_eq!((holds.good, holds.says), (true, vec!["holds_as_signed_text".to_owned()]));
        assert_eq!(holds.claims.map(|claims| claims.heading).as_deref(), Some("claims"));
        assert!(card(Judgement::WrongSignature).claims.is_none());
    }
}
