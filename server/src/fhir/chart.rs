//! Whose chart a resource belongs to. FHIR: the Patient compartment, by the members that most types share.

use serde_json::Value;
use uuid::Uuid;

use super::{links::Links, store::Row};

const MEMBERS: [&str; 6] = ["patient", "subject", "beneficiary", "individual", "for", "recipient"];

/// The portal's id of the person, if there is one and their Patient is known.
pub fn of(row: &Row, links: &mut Links) -> Option<Uuid> {
    if row.resource_type == "Patient" {
        return links.patients.get(&row.id).copied();
    }
    references(&row.value).into_iter().find_map(|(member, reference)| {
        let resource = links.resolve_in(row.id, member, reference)?;
        links.patients.get(&resource).copied()
    })
}

/// Whether a resource that is in somebody's chart is about others too, such as an appointment of two children.
pub fn is_of_others_too(row: &Row, links: &Links) -> bool {
    let meant = references(&row.value).into_iter().filter_map(|(_, reference)| links.known(row.id, reference));
    row.patient.is_some() && meant.filter_map(|resource| links.patients.get(&resource)).any(|chart| Some(*chart) != row.patient)
}

/// The references that may say whose chart it is, with the names of their members.
pub fn references(value: &Value) -> Vec<(&'static str, &Value)> {
    let actors = value["participant"].as_array().into_iter().flatten().map(|participant| ("actor", &participant["actor"]));
    MEMBERS.iter().map(|name| (*name, &value[*name])).chain(actors).filter(|(name, found)| is_patient(name, found)).collect()
}

/// Whether a reference may mean a Patient; `urn:uuid:` does not tell.
fn is_patient(member: &str, reference: &Value) -> bool {
    match reference["reference"].as_str() {
        Some(text) => text.starts_with("urn:uuid:") || text.contains("Patient/") || text.starts_with("Patient?"),
        None => {
            reference["type"] == "Patient"
                || (reference["identifier"].is_object()
                    && matches!(member, "patient" | "subject" | "beneficiary" | "for")
                    && reference["type"].is_null())
        }
    }
}
