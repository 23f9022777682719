//! The names of resources: under which each is known, and which one a reference means.
//!
//! Ids are those of one source, a FHIR server's base address or what the import was told: two hospitals may both have a
//! `Patient/1001`. Names of a source begin with it: `ehr.example/fhir|Patient/1001`.

use std::{borrow::Cow, collections::HashMap};

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// HL7 v2 table 0203: numbers of policies, accounts and cards, which a family may share. They are not who somebody is.
const SHARED_TYPES: [&str; 20] =
    ["AM", "AN", "ANC", "AND", "ANT", "BA", "BC", "BCT", "DI", "DS", "GI", "GN", "MA", "MB", "MC", "MS", "NIIP", "SN", "VS", "WC"];

/// Systems of ways to reach people, which are not who somebody is either.
const SHARED_SYSTEMS: [&str; 4] = ["tel:", "mailto:", "sms:", "http://hl7.org/fhir/sid/us-medicare"];

/// The members whose logical references mean a Patient when they do not say a type.
const SUBJECTS: [&str; 4] = ["beneficiary", "for", "patient", "subject"];

/// How a source is written: addresses without scheme, query and closing slash, the host in small letters (`FHIR R4, references`:
/// whether http or https is asked does not make another server).
pub fn source(text: &str) -> String {
    let text = text.trim().split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = text.split_once("://") else { return text.trim_end_matches('/').to_owned() };
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        return text.to_owned();
    }
    let rest = rest.split('?').next().unwrap_or_default().trim_end_matches('/');
    let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    format!("{}{path}", host.to_ascii_lowercase())
}

/// `https://ehr.example/fhir/Patient/12/_history/3` as the source and the name there: `ehr.example/fhir` and `Patient/12`.
pub fn absolute(url: &str) -> Option<(String, String)> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https")) {
        return None;
    }
    let url = unversioned(url);
    let (rest, id) = url.rsplit_once('/')?;
    let (base, kind) = rest.rsplit_once('/')?;
    let is_type = kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphabetic());
    (is_type && !id.is_empty() && base.contains("://")).then(|| (source(base), format!("{kind}/{id}")))
}

fn unversioned(reference: &str) -> &str {
    reference.split("/_history/").next().unwrap_or(reference)
}

/// A name of a source, as nobody else has it.
pub fn in_source(source: &str, name: &str) -> String {
    if source.is_empty() { name.to_owned() } else { format!("{source}|{name}") }
}

/// The name that a resource has without a source, when it was found to be one of a source that is known.
pub fn lent(name: &str) -> String {
    format!("?|{name}")
}

/// The one name of a resource in its source: `Type/id`; without an id its URL, its first identifier, or its content.
pub fn local(resource_type: &str, value: &Value, full_url: Option<&str>, hash: &str) -> String {
    if let Some(id) = value["id"].as_str() {
        return format!("{resource_type}/{id}");
    }
    match full_url {
        Some(url) if url.starts_with("urn:uuid:") => format!("{resource_type}/{}", &url["urn:uuid:".len()..]),
        Some(url) if !url.is_empty() => absolute(url).map_or_else(|| url.to_owned(), |(_, name)| name),
        _ => identifiers(resource_type, value).next().unwrap_or_else(|| format!("{resource_type}#{hash}")),
    }
}

/// Every name by which others may point at a resource of a source.
pub fn aliases(source: &str, resource_type: &str, value: &Value, full_url: Option<&str>, local: &str) -> Vec<String> {
    let mut names = vec![in_source(source, local)];
    if let Some(id) = value["id"].as_str() {
        names.push(in_source(source, &format!("urn:uuid:{id}")));
    }
    if let Some(url) = full_url.filter(|url| !url.is_empty()) {
        names.push(match absolute(url) {
            Some((base, name)) => in_source(&base, &name),
            None if url.contains("://") => url.to_owned(),
            None => in_source(source, url),
        });
    }
    names.extend(identifiers(resource_type, value).map(|name| in_source(source, &name)));
    names.sort();
    names.dedup();
    names
}

/// Whether a name says an identifier: others may come to bear it, and it may be taken from who bears it.
pub fn is_identifier(name: &str) -> bool {
    name.contains("?identifier=")
}

/// The identifiers by which somebody or something is known: `(system, value)`, the system empty when there is none. For people not
/// those that several may share.
pub fn identities<'a>(resource_type: &'a str, value: &'a Value) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
    // A few types, such as Composition, have one identifier and no list.
    let list = value["identifier"].as_array().map_or_else(|| std::slice::from_ref(&value["identifier"]), Vec::as_slice);
    let is_person = matches!(resource_type, "Patient" | "RelatedPerson" | "Person");
    list.iter()
        .filter(move |identifier| !is_person || !is_shared(identifier))
        .filter_map(|identifier| Some((identifier["system"].as_str().unwrap_or_default().trim(), identifier["value"].as_str()?.trim())))
        .filter(|(_, value)| !value.is_empty())
}

fn is_shared(identifier: &Value) -> bool {
    let mut codes = identifier["type"]["coding"].as_array().into_iter().flatten().filter_map(|coding| coding["code"].as_str());
    let system = identifier["system"].as_str().unwrap_or_default().to_ascii_lowercase();
    codes.any(|code| SHARED_TYPES.contains(&code)) || SHARED_SYSTEMS.iter().any(|shared| system.starts_with(shared))
}

/// `Type?identifier=system|value`, and without the system.
fn identifiers<'a>(resource_type: &'a str, value: &'a Value) -> impl Iterator<Item = String> + 'a {
    identities(resource_type, value).flat_map(move |(system, value)| {
        [format!("{resource_type}?identifier={system}|{value}"), format!("{resource_type}?identifier={value}")]
    })
}

/// The names that a Reference may mean, the likeliest first; none for contained resources and bare displays. Without a source,
/// an absolute address of this very server cannot be told from that of another: it is tried as both.
pub fn names(source: &str, reference: &Value) -> Vec<String> {
    named(source, reference, None)
}

fn named(source: &str, reference: &Value, kind: Option<&str>) -> Vec<String> {
    let relative = |name: &str| {
        let mut names = vec![in_source(source, name)];
        if source.is_empty() {
            names.push(lent(name));
        }
        names
    };
    match reference["reference"].as_str() {
        Some(text) if text.starts_with('#') || text.is_empty() => Vec::new(),
        Some(text) => match absolute(text) {
            Some((base, name)) if source.is_empty() => vec![in_source(&base, &name), name],
            Some((base, name)) => vec![in_source(&base, &name)],
            None if text.contains('?') => searched(text).map_or_else(Vec::new, |name| relative(&name)),
            None if text.contains("://") => vec![text.to_owned()],
            None => relative(unversioned(text)),
        },
        None => {
            let identifier = &reference["identifier"];
            let Some((kind, value)) = reference["type"].as_str().or(kind).zip(identifier["value"].as_str()) else { return Vec::new() };
            if is_shared(identifier) {
                return Vec::new();
            }
            let system = identifier["system"].as_str().unwrap_or_default();
            relative(&format!("{kind}?identifier={}|{}", system.trim(), value.trim()))
        }
    }
}

/// `Patient?identifier=system%7Cvalue` without what addresses are encoded with.
fn searched(text: &str) -> Option<String> {
    let (kind, query) = text.split_once('?')?;
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "identifier")?;
    Some(format!("{kind}?identifier={value}"))
}

/// The names that the reference in a member of this name may mean.
pub fn names_in(source: &str, member: &str, reference: &Value) -> Vec<String> {
    named(source, reference, SUBJECTS.contains(&member).then_some("Patient"))
}

/// The resource that a reference means, among those whose names are known.
pub fn meant(known: &HashMap<String, Uuid>, source: &str, reference: &Value) -> Option<Uuid> {
    names(source, reference).iter().find_map(|name| known.get(name)).copied()
}

/// The name without the source.
pub fn without_source(name: &str) -> Cow<'_, str> {
    let bare = match name.split_once('?') {
        Some((before, _)) => before.rfind('|').map_or(name, |bar| &name[bar + 1..]),
        None => name.rsplit_once('|').map_or(name, |(_, bare)| bare),
    };
    Cow::Borrowed(bare)
}

/// The address of an attachment, when it is that of a Binary or of something that the resource contains.
pub fn binary(url: &str) -> Option<&str> {
    let is_binary = || absolute(url).is_some_and(|(_, name)| name.starts_with("Binary/"));
    (url.starts_with('#') || url.starts_with("Binary/") || url.starts_with("urn:uuid:") || is_binary()).then_some(url)
}

/// Every name that a resource of a source may point at.
pub fn all(source: &str, value: &Value, names: &mut Vec<String>) {
    within(source, "", value, names);
}

fn within(source: &str, name: &str, value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("reference") || members.contains_key("identifier") {
                names.extend(names_in(source, name, value));
            }
            // What an attachment has elsewhere.
            if let Some(url) = members.get("url").and_then(Value::as_str).and_then(binary) {
                names.extend(self::names(source, &serde_json::json!({ "reference": url })));
            }
            members.iter().for_each(|(name, member)| within(source, name, member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| within(source, name, item, names)),
        _ => {}
    }
}

/// SHA-256 in hexadecimal.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_reference_has_its_names() {
        for (source, reference, wanted) in [
            ("ehr.example", json!({"reference": "Patient/1"}), vec!["ehr.example|Patient/1"]),
            ("", json!({"reference": "Patient/1"}), vec!["Patient/1", "?|Patient/1"]),
            ("a", json!({"reference": "Patient/1/_history/3"}), vec!["a|Patient/1"]),
            ("a", json!({"reference": "urn:uuid:7"}), vec!["a|urn:uuid:7"]),
            ("a", json!({"reference": "https://EHR.example/fhir/R4/Patient/1"}), vec!["ehr.example/fhir/R4|Patient/1"]),
            ("", json!({"reference": "http://ehr.example/Patient/1/_history/2"}), vec!["ehr.example|Patient/1", "Patient/1"]),
            ("a", json!({"reference": "Practitioner?identifier=npi|9"}), vec!["a|Practitioner?identifier=npi|9"]),
            ("a", json!({"reference": "Patient?identifier=http%3A%2F%2Fx%7C9"}), vec!["a|Patient?identifier=http://x|9"]),
            ("a", json!({"type": "Practitioner", "identifier": {"system": "npi", "value": "9"}}), vec!["a|Practitioner?identifier=npi|9"]),
            ("a", json!({"type": "Patient", "identifier": {"value": "9"}}), vec!["a|Patient?identifier=|9"]),
            ("a", json!({"type": "Patient", "identifier": {"system": "tel:", "value": "9"}}), vec![]),
            ("a", json!({"identifier": {"value": "9"}}), vec![]),
            ("a", json!({"reference": "#inside"}), vec![]),
            ("a", json!({"display": "Dr. Hale"}), vec![]),
        ] {
            assert_eq!(names(source, &reference), wanted, "{reference}");
        }
        let untyped = json!({"subject": {"identifier": {"system": "mrn", "value": "9"}}, "performer": {"identifier": {"value": "8"}}});
        let mut all_names = Vec::new();
        all("a", &untyped, &mut all_names);
        assert_eq!(all_names, ["a|Patient?identifier=mrn|9"]);
    }

    #[test]
    fn a_resource_is_known_by_all_its_names() {
        let value = json!({"id": "1", "identifier": [{"system": "npi", "value": "9"}]});
        let names = aliases("ehr.example", "Practitioner", &value, Some("https://ehr.example/Practitioner/1"), "Practitioner/1");
        assert_eq!(
            names,
            [
                "ehr.example|Practitioner/1",
                "ehr.example|Practitioner?identifier=9",
                "ehr.example|Practitioner?identifier=npi|9",
                "ehr.example|urn:uuid:1"
            ]
        );
        assert_eq!(local("Basic", &json!({}), Some("urn:uuid:5"), ""), "Basic/5");
        assert_eq!(local("Basic", &json!({}), Some("https://ehr.example/Basic/6"), ""), "Basic/6");
        assert_eq!(local("Basic", &json!({}), None, "abc"), "Basic#abc");
        for name in ["Practitioner/1", "Practitioner?identifier=npi|9", "Practitioner?identifier=|9"] {
            assert_eq!((&*without_source(&in_source("a.example/x", name)), &*without_source(name)), (name, name));
        }
    }

    #[test]
    fn what_a_family_shares_is_nobodys_identity() {
        let of = |code: &str, system: &str| json!({"type": {"coding": [{"code": code}]}, "system": system, "value": "1"});
        let value = json!({"identifier": [of("MR", "mrn"), of("SN", "insurer"), of("MB", "insurer"), of("", "tel:+1"), {"value": " "}]});
        assert_eq!(identities("Patient", &value).collect::<Vec<_>>(), [("mrn", "1")]);
        assert_eq!(identities("Practitioner", &value).count(), 4);
    }

    #[test]
    fn a_source_is_written_in_one_way() {
        for text in ["https://EHR.example/fhir/", "http://ehr.example/fhir", "https://ehr.example/fhir#x", "https://ehr.example/fhir?a=b"] {
            assert_eq!(source(text), "ehr.example/fhir");
        }
        assert_eq!(source("urn:oid:1.2.3"), "urn:oid:1.2.3");
        assert_eq!(source("#hash"), "");
        assert_eq!(absolute("https://ehr.example/1.pdf"), None);
    }
}
