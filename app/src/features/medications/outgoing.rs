//! Requests for medicine and what patients tell, as FHIR R4: MedicationRequest (proposal) with a Task, MedicationStatement and
//! AllergyIntolerance (unconfirmed).

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::{medicine_proposal, refill_request},
    model::{Kind, ProposalKind, ProposalState, RequestState},
};
use crate::{
    desk::outgoing::resource::{containing, identifier, maker, of_source, office, reference, restricted, subject, systems},
    people::patient::with_merged,
    record::resource::entity::fhir_resource,
};

/// A request with its Task; nothing while it is only prepared.
///
/// # Errors
/// When the database fails.
pub async fn request(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    match refill_request::Entity::find_by_id(id).one(db).await? {
        Some(found) => told(db, &found).await,
        None => Ok(Vec::new()),
    }
}

/// What somebody told.
///
/// # Errors
/// When the database fails.
pub async fn proposal(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    match medicine_proposal::Entity::find_by_id(id).one(db).await? {
        Some(found) => Ok(vec![statement(db, &found).await?]),
        None => Ok(Vec::new()),
    }
}

/// Everything that was asked or told about a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let charts = || with_merged(patient).into_query();
    let mut all = Vec::new();
    let requests = refill_request::Entity::find().filter(refill_request::Column::PatientId.in_subquery(charts()));
    for found in requests.order_by_asc(refill_request::Column::Id).all(db).await? {
        all.extend(told(db, &found).await?);
    }
    let proposals = medicine_proposal::Entity::find().filter(medicine_proposal::Column::PatientId.in_subquery(charts()));
    for found in proposals.order_by_asc(medicine_proposal::Column::Id).all(db).await? {
        all.push(statement(db, &found).await?);
    }
    Ok(all)
}

async fn told(db: &impl ConnectionTrait, request: &refill_request::Model) -> Result<Vec<Value>, DbErr> {
    let Some(asked) = request.requested_at else { return Ok(Vec::new()) };
    let subject = subject(db, request.patient_id).await?;
    let (requester, contained) = maker(&subject, &request.author, request.role.as_deref());
    let original = fhir_resource::Entity::find_by_id(request.prescription_id).one(db).await?;
    let body: Value = original.as_ref().map(|found| serde_json::from_str(&found.body).unwrap_or_default()).unwrap_or_default();
    let concept = &body["medicationCodeableConcept"];
    let medicine = if concept.is_object() { concept.clone() } else { json!({"text": request.medicine}) };
    let (status, task) = match request.state {
        RequestState::Prepared => return Ok(Vec::new()),
        RequestState::Requested if request.seen_at.is_some() => ("active", "received"),
        RequestState::Requested => ("active", "requested"),
        RequestState::Approved => ("active", "accepted"),
        RequestState::NeedsVisit | RequestState::Declined => ("stopped", "rejected"),
        RequestState::Withdrawn => ("cancelled", "cancelled"),
        RequestState::Done => ("completed", "completed"),
    };
    let mut dispense = json!({"performer": {"type": "Organization", "display": request.pharmacy}});
    if let Some(refills) = request.refills {
        dispense["numberOfRepeatsAllowed"] = json!(refills);
    }
    let mut proposal = json!({
        "resourceType": "MedicationRequest",
        "id": request.id.to_string(),
        "identifier": [identifier(systems::REQUESTS, request.id)],
        "groupIdentifier": identifier(systems::REQUESTS, request.batch),
        "status": status,
        "intent": "proposal",
        "category": [{"text": if request.kind == Kind::Refill { "Refill" } else { "Renewal" }}],
        "medicationCodeableConcept": medicine,
        "subject": subject,
        "authoredOn": asked.to_rfc3339(),
        "requester": requester,
        "dispenseRequest": dispense,
    });
    if let Some(comment) = &request.comment {
        proposal["note"] = json!([{"authorString": request.author, "time": asked.to_rfc3339(), "text": comment}]);
    }
    if let Some(original) = &original {
        proposal["priorPrescription"] = json!({"reference": of_source(original)});
    }
    let changed = [
        request.requested_at,
        request.seen_at,
        request.decided_at,
        request.sent_at,
        request.ready_at,
        request.done_at,
        request.withdrawn_at,
    ];
    let changed: DateTime<Utc> = changed.into_iter().flatten().max().unwrap_or(asked);
    let mut input = vec![json!({"type": {"text": "How"}, "valueString": if request.delivery { "delivery" } else { "pick-up" }})];
    if let Some(days) = request.days_left {
        input.push(json!({"type": {"text": "Days left"}, "valueInteger": days}));
    }
    let mut work = json!({
        "resourceType": "Task",
        "id": format!("task-{}", request.id.simple()),
        "identifier": [identifier(systems::TASKS, request.id)],
        "status": task,
        "intent": "proposal",
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "approve"}]},
        "focus": {"reference": format!("MedicationRequest/{}", request.id)},
        "for": subject,
        "authoredOn": asked.to_rfc3339(),
        "lastModified": changed.to_rfc3339(),
        "requester": requester,
        "owner": office(db, request.department_id, request.clinician_id).await?,
        "input": input,
    });
    if let Some(due) = request.due_at {
        work["restriction"] = json!({"period": {"end": due.to_rfc3339()}});
    }
    if request.state == RequestState::NeedsVisit {
        work["businessStatus"] = json!({"text": "A visit is needed first"});
    }
    if let Some(answer) = &request.answer {
        work["statusReason"] = json!({"text": answer});
    }
    let sensitive = |mut resource: Value| {
        if request.sensitive {
            resource["meta"] = restricted();
        }
        resource
    };
    Ok(vec![sensitive(containing(proposal, contained.clone())), sensitive(containing(work, contained))])
}

async fn statement(db: &impl ConnectionTrait, told: &medicine_proposal::Model) -> Result<Value, DbErr> {
    let subject = subject(db, told.patient_id).await?;
    let (source, contained) = maker(&subject, &told.author, told.role.as_deref());
    let about = match told.item_id {
        Some(id) => reference(db, id).await?,
        None => None,
    };
    let made = told.made_at.to_rfc3339();
    let mut note = Vec::new();
    if !told.words.is_empty() {
        note.push(json!({"authorString": told.author, "time": made, "text": told.words}));
    }
    if let (Some(by), Some(at)) = (&told.decided_by, told.decided_at) {
        let state = if told.state == ProposalState::Accepted { "Taken over." } else { "Not taken over." };
        let text = format!("{state} {}", told.answer.as_deref().unwrap_or_default());
        note.push(json!({"authorString": by, "time": at.to_rfc3339(), "text": text.trim()}));
    }
    let common = json!({"id": told.id.to_string(), "identifier": [identifier(systems::PROPOSALS, told.id)]});
    let mut resource = match told.kind {
        ProposalKind::Differently | ProposalKind::Stopped | ProposalKind::Another => json!({
            "resourceType": "MedicationStatement",
            "status": if told.kind == ProposalKind::Stopped { "stopped" } else { "active" },
            "category": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/medication-statement-category", "code": "patientspecified"}]},
            "medicationCodeableConcept": {"text": told.title},
            "subject": subject,
            "dateAsserted": made,
            "informationSource": source,
        }),
        ProposalKind::Allergy | ProposalKind::NoAllergy => json!({
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                "code": if told.kind == ProposalKind::Allergy { "active" } else { "inactive" }}]},
            "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code": "unconfirmed"}]},
            "code": {"text": told.title},
            "patient": subject,
            "recordedDate": made,
            "asserter": source,
        }),
    };
    for (name, value) in common.as_object().into_iter().flatten() {
        resource[name] = value.clone();
    }
    if !note.is_empty() {
        resource["note"] = json!(note);
    }
    if let Some(about) = about.filter(|_| resource["resourceType"] == "MedicationStatement") {
        resource["derivedFrom"] = json!([about]);
    }
    if told.sensitive {
        resource["meta"] = restricted();
    }
    Ok(containing(resource, contained))
}
