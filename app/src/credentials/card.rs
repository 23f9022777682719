//! From FHIR resources to a signed card, as small as the specification demands.

use std::io::Write as _;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, Utc};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Map, Value, json};

use super::keys::Key;
use crate::error::Error;

/// One QR code holds a card of up to so many characters; a longer one is cut. Source: SMART Health Cards, "Chunking".
pub const ONE_CODE: usize = 1195;
/// Each of several codes holds up to so many.
pub const PART_OF_SEVERAL: usize = 1191;

/// Whom a card is about: nothing but what tells two people apart.
pub struct Person {
    pub given: String,
    pub family: String,
    pub birth_date: NaiveDate,
}

impl Person {
    fn resource(&self) -> Value {
        let mut name = Map::new();
        if !self.family.is_empty() {
            name.insert("family".to_owned(), json!(self.family));
        }
        name.insert("given".to_owned(), json!([self.given]));
        json!({"resourceType": "Patient", "name": [name], "birthDate": self.birth_date})
    }
}

/// Codes without their words, as the specification demands: verifiers have words of their own.
fn coded(concept: &Value) -> Option<Value> {
    let codings: Vec<Value> = concept["coding"]
        .as_array()?
        .iter()
        .filter(|coding| coding["system"].is_string() && coding["code"].is_string())
        .map(|coding| json!({"system": coding["system"], "code": coding["code"]}))
        .collect();
    (!codings.is_empty()).then(|| json!({ "coding": codings }))
}

fn performer(name: Option<&str>, organisation: &str) -> String {
    name.map_or_else(|| organisation.to_owned(), str::to_owned)
}

/// An immunization that was given. Nothing without a code or a day.
pub fn immunization(resource: &Value, organisation: &str) -> Option<Value> {
    if resource["status"] != "completed" {
        return None;
    }
    let mut card = json!({
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": coded(&resource["vaccineCode"])?,
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": resource["occurrenceDateTime"].as_str()?.get(..10)?,
        "performer": [{"actor": {"display": performer(resource["performer"][0]["actor"]["display"].as_str(), organisation)}}],
    });
    if let Some(lot) = resource["lotNumber"].as_str() {
        card["lotNumber"] = json!(lot);
    }
    Some(card)
}

fn quantity(of: &Value) -> Value {
    let kept = ["value", "comparator", "unit", "system", "code"].into_iter().filter(|key| !of[*key].is_null());
    Value::Object(kept.map(|key| (key.to_owned(), of[key].clone())).collect())
}

/// The value of an observation or of a part of one, under the name it has in FHIR.
fn value(of: &Value) -> Option<(&'static str, Value)> {
    if of["valueQuantity"]["value"].is_number() {
        return Some(("valueQuantity", quantity(&of["valueQuantity"])));
    }
    if let Some(coded) = coded(&of["valueCodeableConcept"]) {
        return Some(("valueCodeableConcept", coded));
    }
    if let Some(key) = ["valueInteger", "valueBoolean"].into_iter().find(|key| !of[*key].is_null()) {
        return Some((key, of[key].clone()));
    }
    let text = of["valueString"].as_str().or_else(|| of["valueCodeableConcept"]["text"].as_str())?;
    Some(("valueString", json!(text)))
}

/// A part of an observation that has a code and a value.
fn part(of: &Value) -> Option<Value> {
    let (key, found) = value(of)?;
    let mut part = json!({"code": coded(&of["code"])?});
    part[key] = found;
    Some(part)
}

/// A laboratory value that is final. Nothing without a LOINC code, a moment or a value.
pub fn observation(resource: &Value, organisation: &str) -> Option<Value> {
    let status = resource["status"].as_str().filter(|status| matches!(*status, "final" | "amended" | "corrected"))?;
    let code = coded(&resource["code"])?;
    if !code["coding"].as_array()?.iter().any(|coding| coding["system"] == "http://loinc.org") {
        return None;
    }
    let taken = resource["effectiveDateTime"].as_str().or_else(|| resource["effectivePeriod"]["start"].as_str())?;
    let mut card = json!({
        "resourceType": "Observation",
        "status": status,
        "code": code,
        "subject": {"reference": "resource:0"},
        "effectiveDateTime": taken,
        "performer": [{"display": performer(resource["performer"][0]["display"].as_str(), organisation)}],
    });
    let parts: Vec<Value> = resource["component"].as_array().into_iter().flatten().filter_map(part).collect();
    match value(resource) {
        Some((key, found)) => card[key] = found,
        None if parts.is_empty() => return None,
        None => {}
    }
    if !parts.is_empty() {
        card["component"] = json!(parts);
    }
    let range = &resource["referenceRange"][0];
    if range["low"]["value"].is_number() || range["high"]["value"].is_number() {
        let ends = ["low", "high"].into_iter().filter(|end| range[*end]["value"].is_number());
        card["referenceRange"] = json!([Value::Object(ends.map(|end| (end.to_owned(), quantity(&range[end]))).collect())]);
    }
    Some(card)
}

/// What a card says.
pub struct Claims<'a> {
    pub issuer: &'a str,
    pub revocation_id: &'a str,
    /// Such as `#immunization`, beside `#health-card`.
    pub types: &'a [&'a str],
    pub person: &'a Person,
    pub resources: Vec<Value>,
}

/// The card as a JWS: header, deflated payload, signature.
///
/// # Errors
/// When it cannot be deflated.
pub fn sign(claims: Claims<'_>, key: &Key, now: DateTime<Utc>) -> Result<String, Error> {
    let types: Vec<String> =
        std::iter::once(&"#health-card").chain(claims.types).map(|name| format!("https://smarthealth.cards{name}")).collect();
    let resources = std::iter::once(claims.person.resource()).chain(claims.resources);
    let entries: Vec<Value> =
        resources.enumerate().map(|(index, resource)| json!({"fullUrl": format!("resource:{index}"), "resource": resource})).collect();
    let payload = json!({
        "iss": claims.issuer,
        "nbf": now.timestamp(),
        "vc": {
            "type": types,
            "credentialSubject": {
                "fhirVersion": "4.0.1",
                "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": entries},
            },
            "rid": claims.revocation_id,
        },
    });
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(payload.to_string().as_bytes()).map_err(|error| Error::unexpected("deflating", &error))?;
    let deflated = deflated.finish().map_err(|error| Error::unexpected("deflating", &error))?;
    let header = json!({"zip": "DEF", "alg": "ES256", "kid": key.kid});
    let signed = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()), BASE64_URL_SAFE_NO_PAD.encode(deflated));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

/// What the QR codes of a card say: two digits for each character, in one code or in several of about one size.
pub fn numeric(jws: &str) -> Vec<String> {
    let digits = |part: &str| part.bytes().map(|byte| format!("{:02}", byte.saturating_sub(45))).collect::<String>();
    if jws.len() <= ONE_CODE {
        return vec![format!("shc:/{}", digits(jws))];
    }
    let count = jws.len().div_ceil(PART_OF_SEVERAL);
    let size = jws.len().div_ceil(count);
    let mut parts = Vec::with_capacity(count);
    let mut rest = jws;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(size.min(rest.len()));
        parts.push(format!("shc:/{}/{count}/{}", parts.len() + 1, digits(part)));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_holds_codes_and_no_words() {
        let given = json!({"status": "completed", "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207",
            "display": "Moderna"}], "text": "Moderna"}, "occurrenceDateTime": "2021-04-20T10:00:00-04:00", "lotNumber": "A1"});
        let card = immunization(&given, "Middlesex Health").expect("a card");
        assert_eq!(card["vaccineCode"], json!({"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]}));
        assert_eq!((card["occurrenceDateTime"].as_str(), card["lotNumber"].as_str()), (Some("2021-04-20"), Some("A1")));
        assert_eq!(card["performer"][0]["actor"]["display"], "Middlesex Health");
        let mut refused = given.clone();
        refused["status"] = json!("not-done");
        assert_eq!(immunization(&refused, ""), None);
        assert_eq!(immunization(&json!({"status": "completed", "vaccineCode": {"text": "A flu shot"}}), ""), None);
    }

    #[test]
    fn only_final_values_with_a_loinc_code_are_signed() {
        let value = json!({"status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
            "effectiveDateTime": "2021-01-01", "valueQuantity": {"value": 1, "unit": "x", "extension": []}});
        let card = observation(&value, "Lab").expect("a card");
        assert_eq!(card["valueQuantity"], json!({"value": 1, "unit": "x"}));
        for (key, other) in [("status", json!("preliminary")), ("code", json!({"text": "x"})), ("valueQuantity", json!(null))] {
            let mut refused = value.clone();
            refused[key] = other;
            assert_eq!(observation(&refused, "Lab"), None, "{key}");
        }
    }

    #[test]
    fn a_result_of_parts_is_signed_with_its_parts() {
        let coded = |code: &str| json!({"coding": [{"system": "http://loinc.org", "code": code, "display": "words"}]});
        let result = json!({"status": "final", "code": coded("24331-1"), "effectiveDateTime": "2021-01-01", "component": [
            {"code": coded("2093-3"), "valueQuantity": {"value": 181, "unit": "mg/dL"}}, {"code": coded("2571-8")}]});
        let card = observation(&result, "Lab").expect("a card");
        let code = json!({"coding": [{"system": "http://loinc.org", "code": "2093-3"}]});
        assert_eq!(card["component"], json!([{"code": code, "valueQuantity": {"value": 181, "unit": "mg/dL"}}]));
    }

    #[test]
    fn long_cards_are_cut_into_codes_of_about_one_size() {
        let short: String = "-".repeat(ONE_CODE);
        assert_eq!(numeric(&short), [format!("shc:/{}", "00".repeat(ONE_CODE))]);
        let long: String = "z".repeat(2500);
        let parts = numeric(&long);
        assert_eq!(parts.len(), 3);
        assert!(parts[0].starts_with("shc:/1/3/77") && parts[2].starts_with("shc:/3/3/77"));
        let digits: usize = parts.iter().map(|part| part.rsplit('/').next().unwrap_or_default().len()).sum();
        assert_eq!(digits, 5000);
    }
}
