//! The document itself: composition, person, organization, resources.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    narrative::narrative,
    resources::{gathered, prepare, urn},
};
use crate::{
    access::{Grant, Permission},
    base::{
        error::Error,
        i18n::Texts,
        ids::{PatientId, new_id},
        text::escaped,
    },
    people::patient,
    record::chapter::{Chapter, RecordSection},
};

/// A Bundle of type document: the composition first, the person next, then whatever the sections rest on.
///
/// # Errors
/// When the database fails.
pub async fn document<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    chapters: &[Chapter],
    organisation: &str,
    title: &str,
) -> Result<Value, Error> {
    let person = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let wanted: Vec<Uuid> = chapters.iter().flat_map(|chapter| chapter.resources.iter().copied()).collect();
    let (rows, known) = gathered(grant, &wanted).await?;
    let here: HashSet<Uuid> = rows.iter().map(|row| row.id).chain([person.resource_id]).collect();
    let now = grant.now().instant;
    let (author, composition) = (new_id(), new_id());
    let mut sections: Vec<Value> = chapters.iter().map(|chapter| section(chapter, &here)).collect();
    let missing = REQUIRED.iter().filter(|section| !chapters.iter().any(|chapter| chapter.section == **section));
    sections.extend(missing.map(|section| withheld(grant.texts(), *section)));
    let composition_resource = json!({
        "resourceType": "Composition",
        "id": composition,
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"]},
        "language": grant.locale().tag(),
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": urn(person.resource_id)},
        "date": instant(now),
        "author": [{"reference": urn(author)}],
        "title": title,
        "custodian": {"reference": urn(author)},
        "section": sections,
    });
    let organization = json!({"resourceType": "Organization", "id": author, "active": true, "name": organisation});
    let entry = |id: Uuid, resource: Value| json!({"fullUrl": urn(id), "resource": resource});
    let mut entries = vec![entry(composition, composition_resource), entry(person.resource_id, who(&person)), entry(author, organization)];
    for row in &rows {
        let Ok(mut resource) = serde_json::from_str::<Value>(&row.body) else { continue };
        prepare(&mut resource, &row.source, &known, &here);
        resource["id"] = json!(row.id);
        entries.push(entry(row.id, resource));
    }
    Ok(json!({
        "resourceType": "Bundle",
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(new_id())},
        "type": "document",
        "timestamp": instant(now),
        "entry": entries,
    }))
}

/// The sections that an International Patient Summary always has.
const REQUIRED: [RecordSection; 3] = [RecordSection::Conditions, RecordSection::Allergies, RecordSection::Medications];

/// A section that whoever shares the record did not choose: that it is left out is said, what it holds is not.
fn withheld(t: Texts, section: RecordSection) -> Value {
    let words = escaped(t.portable_left_out());
    json!({
        "title": section.title(t),
        "code": {"coding": [{"system": "http://loinc.org", "code": section.loinc()}]},
        "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{words}</p></div>")},
        "emptyReason": empty("withheld"),
    })
}

fn empty(reason: &str) -> Value {
    json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": reason}]})
}

/// Whose record it is, and no more: what the hospital knows of a person besides, such as numbers of papers, no section shows.
fn who(person: &patient::Model) -> Value {
    let mut resource = json!({
        "resourceType": "Patient",
        "id": person.resource_id,
        "name": [{"use": "official", "family": person.family_name, "given": [person.given_name]}],
        "birthDate": person.born().to_stored(),
    });
    if let Some(sex) = person.sex.as_deref().filter(|sex| ["male", "female", "other", "unknown"].contains(sex)) {
        resource["gender"] = json!(sex);
    }
    resource
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn section(chapter: &Chapter, here: &HashSet<Uuid>) -> Value {
    let mut html = String::new();
    chapter.parts.iter().for_each(|part| narrative(part, &mut html));
    let mut seen = HashSet::new();
    let entries: Vec<Value> =
        chapter.resources.iter().filter(|id| here.contains(*id) && seen.insert(**id)).map(|id| json!({"reference": urn(*id)})).collect();
    let mut section = json!({
        "title": chapter.heading,
        "code": {"coding": [{"system": "http://loinc.org", "code": chapter.section.loinc()}]},
        "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{html}</div>")},
    });
    if entries.is_empty() {
        section["emptyReason"] = empty("unavailable");
    } else {
        section["entry"] = json!(entries);
    }
    section
}
