//! CodeableConcept and Coding.

use serde_json::Value;

use super::list::items;

/// The words of a CodeableConcept: its text, else its first display.
pub fn concept(concept: &Value) -> Option<String> {
    let displays = codings(concept).map(|coding| &coding["display"]);
    [&concept["text"]].into_iter().chain(displays).filter_map(Value::as_str).map(plain).find(|text| !text.is_empty())
}

/// The words of several concepts, joined.
pub fn concepts(list: &Value) -> Option<String> {
    let words: Vec<String> = items(list).filter_map(concept).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The words of a CodeableConcept; of one that has none, its code: an allergy to "SNOMED CT 91936005" is still one.
pub fn named(found: &Value) -> Option<String> {
    concept(found).or_else(|| codings(found).find_map(system_and_code))
}

/// "LOINC 718-7".
fn system_and_code(coding: &Value) -> Option<String> {
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

/// `system|code`, of LOINC when there is one; the words where nothing is coded.
pub fn code(of: &Value) -> String {
    let coding = codings(of).find(|coding| coding["system"] == "http://loinc.org").or_else(|| codings(of).next());
    match coding.and_then(|coding| coding["code"].as_str().map(|code| (coding["system"].as_str().unwrap_or_default(), code))) {
        Some((system, code)) => format!("{system}|{code}"),
        None => format!("|{}", concept(of).unwrap_or_default().to_lowercase()),
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn concepts_lose_their_tags() {
        assert_eq!(concept(&json!({"coding": [{"display": "Check up (procedure)"}]})).as_deref(), Some("Check up"));
        assert_eq!(concept(&json!({"text": "Sore throat", "coding": [{"display": "x"}]})).as_deref(), Some("Sore throat"));
        assert_eq!(concept(&json!({"text": " ", "coding": [{"display": ""}, {"display": "x"}]})).as_deref(), Some("x"));
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
    fn codes_are_loincs_where_there_is_one() {
        let both = json!({"coding": [{"system": "urn:x", "code": "1"}, {"system": "http://loinc.org", "code": "718-7"}]});
        assert_eq!(code(&both), "http://loinc.org|718-7");
        assert_eq!(code(&json!({"text": "Iron"})), "|iron");
    }
}
