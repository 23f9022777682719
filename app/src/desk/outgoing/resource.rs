//! What the resources of all acts have in common: whose they are, who made them, how they are named.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    people::{patient, patient_record, relation::Relationship},
    record::{
        care_team::entity::{clinician, department},
        resource::entity::fhir_resource,
    },
};

/// The arc under which the portal names what was made in it.
const ARC: &str = "urn:oid:2.25.133927413920873651920380118312264098113";

/// The identifier systems of what was made in the portal.
pub mod systems {
    /// Requests for medicine. The importer knows them when they come back.
    pub use crate::record::prescription::import::REQUESTS;

    pub const MESSAGES: &str = "urn:oid:2.25.133927413920873651920380118312264098113.1";
    pub const THREADS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.2";
    pub const PROPOSALS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.3";
    pub const TASKS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.4";
    /// Visits. The importer knows them when they come back.
    pub use crate::record::visit::import::APPOINTMENTS;
    pub const APPOINTMENT_REQUESTS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.6";
    /// Payments. The importer knows them when they come back.
    pub const PAYMENTS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.7";
    /// Answers to questionnaires. The importer knows them when they come back.
    pub const ANSWERS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.9";
    /// What was decided about documents.
    pub const CONSENTS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.10";
    /// What was written in a visit by video and kept, under the visit's own name. The importer knows it when it comes back.
    pub const CHATS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.11";
    /// Insurances, as somebody told them. The importer knows them when they come back.
    pub const COVERAGES: &str = "urn:oid:2.25.133927413920873651920380118312264098113.8";
}

/// `{"system": ..., "value": id}`.
pub fn identifier(system: &str, id: Uuid) -> Value {
    debug_assert!(system.starts_with(ARC));
    json!({"system": system, "value": id.to_string()})
}

/// The label of what is sensitive.
pub fn restricted() -> Value {
    json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]})
}

/// What the portal named something, in one identifier or a list of them.
pub fn named(identifiers: &Value, system: &str) -> Option<Uuid> {
    let list = identifiers.as_array().map_or_else(|| std::slice::from_ref(identifiers), Vec::as_slice);
    list.iter().find(|found| found["system"] == system).and_then(|found| found["value"].as_str()?.parse().ok())
}

/// The Patient, under the name by which its hospital knows it, and by the record number.
///
/// # Errors
/// When the database fails.
pub async fn subject(db: &impl ConnectionTrait, id: Uuid) -> Result<Value, DbErr> {
    use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
    let Some(person) = patient::current(db, id).await? else { return Ok(json!({"display": "unknown"})) };
    let mut reference = json!({"type": "Patient", "display": format!("{} {}", person.given_name, person.family_name)});
    if let Some(number) = person.mrn {
        reference["identifier"] =
            json!({"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}, "value": number});
    }
    let record = patient_record::Entity::find()
        .filter(patient_record::Column::PatientId.eq(person.id))
        .order_by_asc(patient_record::Column::ResourceId)
        .one(db)
        .await?;
    if let Some(record) = record
        && let Some(resource) = fhir_resource::Entity::find_by_id(record.resource_id).one(db).await?
    {
        reference["reference"] = json!(of_source(&resource));
    }
    Ok(reference)
}

/// Under its address at its source, where that is one; else relative to the system that reads it.
pub fn of_source(resource: &fhir_resource::Model) -> String {
    if resource.source.contains('/') && !resource.source.contains(':') {
        format!("https://{}/{}", resource.source, resource.local_reference)
    } else {
        resource.local_reference.clone()
    }
}

/// A resource of the record by its id here.
///
/// # Errors
/// When the database fails.
pub async fn reference(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Value>, DbErr> {
    let found = fhir_resource::Entity::find_by_id(id).one(db).await?;
    Ok(found.map(|resource| json!({"reference": of_source(&resource)})))
}

/// A clinician, or else the department, to whom something goes.
///
/// # Errors
/// When the database fails.
pub async fn office(db: &impl ConnectionTrait, department_id: Uuid, clinician_id: Option<Uuid>) -> Result<Value, DbErr> {
    if let Some(id) = clinician_id
        && let Some(found) = clinician::Entity::find_by_id(id).one(db).await?
    {
        let mut told = json!({"type": "Practitioner", "display": found.name});
        if let Some(reference) = reference(db, id).await? {
            told["reference"] = reference["reference"].clone();
        }
        return Ok(told);
    }
    let place = department::Entity::find_by_id(department_id).one(db).await?;
    Ok(json!({"type": "Organization", "display": place.map(|place| place.name).unwrap_or_default()}))
}

/// Who made something for the patient's side: the Patient, or a contained RelatedPerson who acts for them.
pub fn maker(subject: &Value, name: &str, role: Option<&str>) -> (Value, Option<Value>) {
    let Some(role) = role else { return (subject.clone(), None) };
    let relationship = Relationship::ALL.iter().copied().find(|found| found.as_str() == role);
    let code = match relationship {
        Some(Relationship::Parent) => Some("PRN"),
        Some(Relationship::Child) => Some("CHILD"),
        Some(Relationship::Spouse) => Some("SPS"),
        Some(Relationship::Guardian) => Some("GUARD"),
        // FHIR has no code for whoever only helps.
        Some(Relationship::Caregiver) | None => None,
    };
    let relationship = match code {
        Some(code) => json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code}], "text": role}]),
        None => json!([{"text": role}]),
    };
    let person = json!({"resourceType": "RelatedPerson", "id": "proxy", "active": true, "patient": subject, "name": [{"text": name}],
        "relationship": relationship});
    (json!({"reference": "#proxy", "type": "RelatedPerson", "display": name}), Some(person))
}

/// Puts what a resource contains where FHIR wants it.
pub fn containing(mut resource: Value, contained: Option<Value>) -> Value {
    if let Some(person) = contained {
        resource["contained"] = json!([person]);
    }
    resource
}

/// Whether a stored role is one of the staff: those of the patient's side are relationships, or none.
pub fn is_staff(role: Option<&str>) -> bool {
    role.is_some_and(|role| !Relationship::ALL.iter().any(|found| found.as_str() == role))
}
