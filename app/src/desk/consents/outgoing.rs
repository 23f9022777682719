//! What people decided about documents, as FHIR R4 Consent.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity::{consent_document, consent_signature};
use crate::{
    base::{i18n::Texts, locale::Locale},
    desk::outgoing::resource::{containing, identifier, maker, subject, systems},
    people::patient::with_merged,
};

/// A decision.
///
/// # Errors
/// When the database fails.
pub async fn consent(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    match consent_signature::Entity::find_by_id(id).one(db).await? {
        Some(row) => Ok(told(db, &row).await?.into_iter().collect()),
        None => Ok(Vec::new()),
    }
}

/// Everything that was decided for a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let rows = consent_signature::Entity::find()
        .filter(consent_signature::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .order_by_asc(consent_signature::Column::At)
        .order_by_asc(consent_signature::Column::Id);
    let mut all = Vec::new();
    for row in rows.all(db).await? {
        all.extend(told(db, &row).await?);
    }
    Ok(all)
}

async fn told(db: &impl ConnectionTrait, row: &consent_signature::Model) -> Result<Option<Value>, DbErr> {
    let Some(document) = consent_document::Entity::find_by_id((row.document_id, row.version)).one(db).await? else { return Ok(None) };
    let t = Texts(Locale::from_tag(&row.language).unwrap_or_default());
    let patient = subject(db, row.patient_id).await?;
    let (performer, contained) = maker(&patient, &row.author, row.role.as_deref());
    let decided = if row.agreed { "permit" } else { "deny" };
    let consent = json!({
        "resourceType": "Consent",
        "id": row.id.to_string(),
        "identifier": [identifier(systems::CONSENTS, row.id)],
        // A refusal is a decision as well, and is in force.
        "status": if row.agreed { "active" } else { "rejected" },
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}], "text": document.title(t)}],
        "patient": patient,
        "dateTime": row.at.to_rfc3339(),
        "performer": [performer],
        "policyRule": {"text": document.title(t)},
        "sourceAttachment": {
            "contentType": "text/plain",
            "language": row.language,
            "title": format!("{}, version {}", document.title(t), document.version),
            "data": base64::Engine::encode(&base64::prelude::BASE64_STANDARD, document.text(t)),
        },
        "verification": [{"verified": row.agreed, "verificationDate": row.at.to_rfc3339()}],
        "provision": {"type": decided},
    });
    Ok(Some(containing(consent, contained)))
}
