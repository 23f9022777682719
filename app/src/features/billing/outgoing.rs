//! What the office is asked, as FHIR R4: a Task, and a Coverage that is a draft until somebody has checked it.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    estimate_request::ESTIMATE,
    insurance_change::{INSURANCE, Insurance},
    requests::{QUESTION, Question},
};
use crate::{
    base::{i18n::Texts, locale::Locale},
    desk::{
        billing::estimates::AskedEstimate,
        outgoing::resource::{identifier, reference, subject, systems},
        requests::{entity::request, kind::RequestKind, model::RequestState},
    },
    people::patient::with_merged,
    record::visit::entity::visit,
};

/// Interface engines read English, as codes are.
const T: Texts = Texts(Locale::En);
const OUT: [&RequestKind; 3] = [&QUESTION, &ESTIMATE, &INSURANCE];

/// What was asked with a request, and how it stands.
///
/// # Errors
/// When the database fails.
pub async fn request(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    match request::Entity::find_by_id(id).one(db).await? {
        Some(row) => told(db, &row).await,
        None => Ok(Vec::new()),
    }
}

/// Everything that the office was asked about a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let rows = request::Entity::find()
        .filter(request::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(request::Column::Kind.is_in(OUT.map(|kind| kind.key)))
        .order_by_asc(request::Column::CreatedAt)
        .order_by_asc(request::Column::Id);
    let mut all = Vec::new();
    for row in rows.all(db).await? {
        all.extend(told(db, &row).await?);
    }
    Ok(all)
}

async fn told(db: &impl ConnectionTrait, row: &request::Model) -> Result<Vec<Value>, DbErr> {
    let (Some(kind), Some(patient)) = (OUT.into_iter().find(|kind| kind.key == row.kind), row.patient_id) else { return Ok(Vec::new()) };
    let patient = subject(db, patient).await?;
    let mut task = task(row, kind, &patient);
    let mut draft = None;
    if kind.key == QUESTION.key
        && let Ok(asked) = row.details::<Question>()
    {
        task["description"] = json!(asked.words);
        task["reasonCode"] = json!({"text": asked.topic});
        focus(&mut task, reference(db, asked.bill).await?);
    } else if kind.key == ESTIMATE.key
        && let Ok(asked) = row.details::<AskedEstimate>()
    {
        let words: Vec<String> = asked.title.into_iter().chain([asked.words]).filter(|words| !words.is_empty()).collect();
        task["description"] = json!(words.join(". "));
        if let Some(visit) = asked.visit {
            focus(&mut task, Some(appointment(db, visit).await?));
        }
    } else if kind.key == INSURANCE.key
        && let Ok(told) = row.details::<Insurance>()
    {
        task["description"] = json!(told.what);
        let known = match told.coverage {
            Some(id) => reference(db, id).await?,
            None => None,
        };
        // A new one is the draft itself.
        let own = json!({"reference": format!("Coverage/{}", row.id)});
        if told.what != "end" {
            task["input"] = json!([{"type": {"text": "Coverage as told"}, "valueReference": own}]);
            draft = Some(coverage(row, &told, &patient));
        } else if let Some(day) = told.day {
            task["input"] = json!([{"type": {"text": "Ends on"}, "valueDate": day.to_string()}]);
        }
        focus(&mut task, known.or((told.what == "new").then_some(own)));
    }
    Ok([Some(task), draft].into_iter().flatten().collect())
}

fn focus(task: &mut Value, about: Option<Value>) {
    if let Some(about) = about {
        task["focus"] = about;
    }
}

/// An appointment as the record has it, or by what the portal named it.
async fn appointment(db: &impl ConnectionTrait, visit: Uuid) -> Result<Value, DbErr> {
    let known = visit::Entity::find_by_id(visit).one(db).await?.and_then(|visit| visit.appointment_id);
    let known = match known {
        Some(id) => reference(db, id).await?,
        None => None,
    };
    Ok(known.unwrap_or_else(|| json!({"type": "Appointment", "identifier": identifier(systems::APPOINTMENTS, visit)})))
}

fn task(row: &request::Model, kind: &RequestKind, patient: &Value) -> Value {
    let status = match row.state {
        RequestState::Open => "requested",
        RequestState::Review => "in-progress",
        RequestState::Accepted => "completed",
        RequestState::Declined => "rejected",
        RequestState::Withdrawn => "cancelled",
    };
    let mut task = json!({
        "resourceType": "Task",
        "id": format!("task-{}", row.id.simple()),
        "identifier": [identifier(systems::TASKS, row.id), {"value": row.number}],
        "status": status,
        "intent": "order",
        "code": {"text": (kind.title)(T)},
        "for": patient,
        "authoredOn": row.created_at.to_rfc3339(),
        "lastModified": row.answered_at.unwrap_or(row.created_at).to_rfc3339(),
        "requester": {"display": row.name},
        "restriction": {"period": {"end": row.due_on.to_string()}},
    });
    if let Some(answer) = row.answer.as_ref().filter(|answer| !answer.is_empty()) {
        task["output"] = json!([{"type": {"text": "Answer"}, "valueString": answer}]);
    }
    task
}

fn coverage(row: &request::Model, told: &Insurance, patient: &Value) -> Value {
    let status = match row.state {
        RequestState::Open | RequestState::Review => "draft",
        RequestState::Accepted => "active",
        RequestState::Declined | RequestState::Withdrawn => "cancelled",
    };
    let mut coverage = json!({
        "resourceType": "Coverage",
        "id": row.id.to_string(),
        "identifier": [identifier(systems::COVERAGES, row.id)],
        "status": status,
        "beneficiary": patient,
        "payor": [{"type": "Organization", "display": told.insurer}],
    });
    if !told.member_id.is_empty() {
        coverage["subscriberId"] = json!(told.member_id);
    }
    if !told.holder.is_empty() {
        coverage["policyHolder"] = json!({"display": told.holder});
    }
    if !told.relationship.is_empty() {
        coverage["relationship"] = json!({"text": told.relationship});
    }
    if !told.group_id.is_empty() {
        let kind = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/coverage-class", "code": "group"}]});
        coverage["class"] = json!([{"type": kind, "value": told.group_id}]);
    }
    if let Some(day) = told.day {
        coverage["period"] = json!({"start": day.to_string()});
    }
    coverage
}
