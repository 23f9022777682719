//! The names of resources: under which each is known, and which one a reference means.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The one name under which a resource is kept: `Type/id`; without an id its URL, its first identifier, or its content.
pub fn canonical(resource_type: &str, value: &Value, full_url: Option<&str>, hash: &str) -> String {
    if let Some(id) = value["id"].as_str() {
        return format!("{resource_type}/{id}");
    }
    match full_url {
        Some(url) if url.starts_with("urn:uuid:") => format!("{resource_type}/{}", &url["urn:uuid:".len()..]),
        Some(url) if !url.is_empty() => url.to_owned(),
        _ => identifiers(resource_type, value).next().unwrap_or_else(|| format!("{resource_type}#{hash}")),
    }
}

/// Every name by which others may point at a resource.
pub fn aliases(resource_type: &str, value: &Value, full_url: Option<&str>, canonical: &str) -> Vec<String> {
    let mut names = vec![canonical.to_owned()];
    if let Some(id) = value["id"].as_str() {
        names.push(format!("urn:uuid:{id}"));
    }
    if let Some(url) = full_url.filter(|url| !url.is_empty()) {
        names.push(url.to_owned());
        names.extend(relative(url));
    }
    names.extend(identifiers(resource_type, value));
    names.sort();
    names.dedup();
    names
}

/// `Type?identifier=system|value`, and without the system.
fn identifiers<'a>(resource_type: &'a str, value: &'a Value) -> impl Iterator<Item = String> + 'a {
    // A few types, such as Composition, have one identifier and no list.
    let list = value["identifier"].as_array().map_or_else(|| std::slice::from_ref(&value["identifier"]), Vec::as_slice);
    list.iter().filter_map(|identifier| Some((identifier, identifier["value"].as_str()?))).flat_map(move |(identifier, value)| {
        let with_system = identifier["system"].as_str().map(|system| format!("{resource_type}?identifier={system}|{value}"));
        with_system.into_iter().chain(Some(format!("{resource_type}?identifier={value}")))
    })
}

/// The name that a Reference means; nothing for contained resources and bare displays.
pub fn name(reference: &Value) -> Option<String> {
    match reference["reference"].as_str() {
        Some(text) if text.starts_with('#') || text.is_empty() => None,
        Some(text) => {
            let text = text.split("/_history/").next().unwrap_or(text);
            Some(if text.starts_with("http") { relative(text).unwrap_or_else(|| text.to_owned()) } else { text.to_owned() })
        }
        None => {
            let (identifier, kind) = (&reference["identifier"], reference["type"].as_str()?);
            let value = identifier["value"].as_str()?;
            Some(
                identifier["system"]
                    .as_str()
                    .map_or_else(|| format!("{kind}?identifier={value}"), |system| format!("{kind}?identifier={system}|{value}")),
            )
        }
    }
}

/// `https://ehr.example/fhir/Patient/12` as `Patient/12`.
fn relative(url: &str) -> Option<String> {
    let mut parts = url.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    let is_type = kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphabetic());
    (is_type && url.starts_with("http") && !id.is_empty()).then(|| format!("{kind}/{id}"))
}

/// Every name that a resource points at.
pub fn all(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("reference") || (members.contains_key("identifier") && members.contains_key("type")) {
                names.extend(name(value));
            }
            members.values().for_each(|member| all(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, names)),
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
    fn every_kind_of_reference_has_one_name() {
        for (reference, wanted) in [
            (json!({"reference": "Patient/1"}), Some("Patient/1")),
            (json!({"reference": "Patient/1/_history/3"}), Some("Patient/1")),
            (json!({"reference": "urn:uuid:7"}), Some("urn:uuid:7")),
            (json!({"reference": "https://ehr.example/fhir/R4/Patient/1"}), Some("Patient/1")),
            (json!({"reference": "Practitioner?identifier=npi|9"}), Some("Practitioner?identifier=npi|9")),
            (json!({"type": "Practitioner", "identifier": {"system": "npi", "value": "9"}}), Some("Practitioner?identifier=npi|9")),
            (json!({"reference": "#inside"}), None),
            (json!({"display": "Dr. Hale"}), None),
        ] {
            assert_eq!(name(&reference).as_deref(), wanted, "{reference}");
        }
    }

    #[test]
    fn a_resource_is_known_by_all_its_names() {
        let value = json!({"id": "1", "identifier": [{"system": "npi", "value": "9"}]});
        let names =
            aliases("Practitioner", &value, Some("https://ehr.example/Practitioner/1"), &canonical("Practitioner", &value, None, ""));
        assert_eq!(
            names,
            [
                "Practitioner/1",
                "Practitioner?identifier=9",
                "Practitioner?identifier=npi|9",
                "https://ehr.example/Practitioner/1",
                "urn:uuid:1"
            ]
        );
        assert_eq!(canonical("Basic", &json!({}), Some("urn:uuid:5"), ""), "Basic/5");
        assert_eq!(canonical("Basic", &json!({}), None, "abc"), "Basic#abc");
    }
}
