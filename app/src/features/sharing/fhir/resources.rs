//! The resources of a document: this person's, and those of nobody in particular that they point at.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId},
    record::{
        fhir::attachment,
        resource::{entity::fhir_resource, reference, store},
    },
};

/// So many values in one statement: SQLite and PostgreSQL both take more.
const CHUNK: usize = 500;
/// Resources of nobody in particular that others point at, and that a document takes along.
const ALONG: [&str; 6] = ["Binary", "Medication", "Practitioner", "PractitionerRole", "Organization", "Location"];

/// A reference is followed so far: a prescription's role, the role's practitioner, the practitioner's organization.
const HOPS: usize = 4;

/// The resources of this person, and those of nobody in particular that they point at, step by step; and what names mean.
///
/// # Errors
/// When the database fails.
pub(super) async fn gathered<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    wanted: &[Uuid],
) -> Result<(Vec<fhir_resource::Model>, HashMap<String, Uuid>), Error> {
    let mut rows = load(grant, wanted, false).await?;
    let mut known = aliases(grant, &rows).await?;
    let mut here: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut next: BTreeSet<Uuid> = known.values().copied().collect();
    for _ in 0..HOPS {
        let others: Vec<Uuid> = next.into_iter().filter(|id| !here.contains(id)).collect();
        let mut found = load(grant, &others, true).await?;
        found.retain(is_for_every_reader);
        if found.is_empty() {
            break;
        }
        here.extend(found.iter().map(|row| row.id));
        let more = aliases(grant, &found).await?;
        next = more.values().copied().collect();
        known.extend(more);
        rows.extend(found);
    }
    Ok((rows, known))
}

/// The content of a file may be labelled, whatever the document is that names it.
fn is_for_every_reader(row: &fhir_resource::Model) -> bool {
    row.resource_type != "Binary" || attachment::is_for_every_reader(&serde_json::from_str(&row.body).unwrap_or_default())
}

/// How a resource is named in the document.
pub(super) fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

/// Resources in the order of `ids`: of this person, or of nobody in particular.
async fn load<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    ids: &[Uuid],
    of_nobody: bool,
) -> Result<Vec<fhir_resource::Model>, Error> {
    let mut found: HashMap<Uuid, fhir_resource::Model> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()));
        let query = if of_nobody {
            query.filter(fhir_resource::Column::PatientId.is_null()).filter(fhir_resource::Column::ResourceType.is_in(ALONG))
        } else {
            query.filter(fhir_resource::Column::PatientId.eq(grant.patient().0))
        };
        found.extend(query.all(grant.db()).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What the references in some resources mean.
async fn aliases<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    rows: &[fhir_resource::Model],
) -> Result<HashMap<String, Uuid>, Error> {
    let mut names = Vec::new();
    for row in rows {
        reference::all(&row.source, &serde_json::from_str(&row.body).unwrap_or_default(), &mut names);
    }
    names.sort();
    names.dedup();
    Ok(store::bearers(grant.db(), names).await?)
}

/// Makes a resource one of this document: its own narrative goes, which may tell more than the reader may see.
pub(super) fn prepare(resource: &mut Value, source: &str, known: &HashMap<String, Uuid>, here: &HashSet<Uuid>) {
    if let Some(members) = resource.as_object_mut() {
        members.remove("text");
    }
    point(resource, source, known, here);
}

/// Makes references point into the document. Of those that lead out of it to what this record holds, only the kind stays: its
/// words might be what the reader is not shown. Of those that lead to nothing known, the words stay.
fn point(value: &mut Value, source: &str, known: &HashMap<String, Uuid>, here: &HashSet<Uuid>) {
    match value {
        Value::Object(members) => {
            let written = members.get("reference").and_then(Value::as_str).filter(|name| !name.starts_with('#')).map(str::to_owned);
            if let Some(written) = written {
                let name = reference::absolute(&written).map_or_else(|| written.clone(), |(_, name)| name);
                let kind = name.split(['/', '?']).next().filter(|kind| !kind.contains(':')).unwrap_or("?").to_owned();
                match reference::meant(known, source, &json!({"reference": written})) {
                    Some(id) if here.contains(&id) => {
                        members.insert("reference".to_owned(), json!(urn(id)));
                    }
                    Some(_) => {
                        members.remove("reference");
                        members.remove("identifier");
                        members.insert("display".to_owned(), json!(kind));
                    }
                    None => {
                        members.remove("reference");
                        members.entry("display").or_insert_with(|| json!(kind));
                    }
                }
            }
            // A file that lies with the hospital's system cannot be fetched from elsewhere.
            let binary = members.get("url").and_then(Value::as_str).and_then(reference::binary).map(|url| json!({"reference": url}));
            let held = binary.and_then(|reference| reference::meant(known, source, &reference)).filter(|id| here.contains(id));
            let is_file = members.contains_key("contentType") || members.contains_key("hash");
            if let Some(id) = held {
                members.insert("url".to_owned(), json!(urn(id)));
            } else if is_file && members.get("url").and_then(Value::as_str).is_some_and(|url| !url.contains(':')) {
                members.remove("url");
            }
            members.values_mut().for_each(|member| point(member, source, known, here));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, source, known, here)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_point_into_the_document_or_tell_no_more_than_the_kind() {
        let (inside, outside) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let names = [("Practitioner/1", inside), ("Encounter/9", outside), ("Observation/8", outside), ("Binary/2", inside)];
        let known = HashMap::from(names.map(|(name, id)| (name.to_owned(), id)));
        let mut resource = json!({
            "text": {"status": "additional", "div": "<div>more</div>"},
            "performer": [{"reference": "https://ehr.example/fhir/Practitioner/1/_history/2", "display": "Dr. Chen"}],
            "encounter": {"reference": "Encounter/9"},
            "result": [{"reference": "Observation/8", "display": "HIV-1 antibody"}],
            "device": {"reference": "#d"},
            "focus": {"reference": "urn:uuid:x"},
            "requester": {"reference": "Practitioner/7", "display": "Dr. Lee"},
            "content": [{"attachment": {"contentType": "application/pdf", "url": "/Binary/1"}}, {"attachment": {"url": "Binary/2"}}],
        });
        prepare(&mut resource, "", &known, &HashSet::from([inside]));
        assert_eq!(resource["performer"][0], json!({"reference": urn(inside), "display": "Dr. Chen"}));
        assert_eq!(resource["encounter"], json!({"display": "Encounter"}));
        assert_eq!(resource["result"][0], json!({"display": "Observation"}), "its name might be what is not shown");
        assert_eq!((&resource["device"], &resource["focus"]), (&json!({"reference": "#d"}), &json!({"display": "?"})));
        assert_eq!(resource["requester"], json!({"display": "Dr. Lee"}), "nobody this record knows");
        assert_eq!(resource["content"][1]["attachment"]["url"], urn(inside), "a file that the document holds");
        assert_eq!((&resource["text"], &resource["content"][0]["attachment"]["url"]), (&Value::Null, &Value::Null));
    }
}
