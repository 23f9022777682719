//! Visits and requests for them, as FHIR R4: Appointment, AppointmentResponse, Slot, and Task.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::{booking, visit_kind, visit_request},
    kinds,
    model::{DayPart, HowSoon, RequestState},
    windows::windows_of,
};
use crate::{
    desk::{
        outgoing::resource::{containing, identifier, is_staff, maker, office, reference, restricted, subject, systems},
        video::outgoing::held,
    },
    people::patient::with_merged,
    record::{
        care_team::entity::department,
        resource::entity::fhir_resource,
        visit::{entity::visit, model::Status},
    },
};

/// A visit that was booked, moved, confirmed or called off here, with what that does to its Slot, and with its Encounter when it took place
/// by video.
///
/// # Errors
/// When the database fails.
pub async fn appointment(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    let (visit, booking) = (visit::Entity::find_by_id(id).one(db).await?, booking::Entity::find_by_id(id).one(db).await?);
    match visit.zip(booking) {
        Some((visit, booking)) => told(db, &visit, &booking).await,
        None => Ok(Vec::new()),
    }
}

/// A request with its Task.
///
/// # Errors
/// When the database fails.
pub async fn request(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    match visit_request::Entity::find_by_id(id).one(db).await? {
        Some(found) => asked(db, &found).await,
        None => Ok(Vec::new()),
    }
}

/// Everything that was booked and asked for a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let charts = || with_merged(patient).into_query();
    let mut all = Vec::new();
    let bookings = booking::Entity::find().filter(booking::Column::PatientId.in_subquery(charts())).order_by_asc(booking::Column::VisitId);
    for booking in bookings.all(db).await? {
        // What came in goes out as it came, and as it is here.
        if let Some(visit) = visit::Entity::find_by_id(booking.visit_id).one(db).await?
            && visit.appointment_id.is_none()
        {
            all.extend(told(db, &visit, &booking).await?);
        }
    }
    let requests = visit_request::Entity::find().filter(visit_request::Column::PatientId.in_subquery(charts()));
    for found in requests.order_by_asc(visit_request::Column::Id).all(db).await? {
        all.extend(asked(db, &found).await?);
    }
    Ok(all)
}

/// FHIR: Appointment.status.
fn status(visit: &visit::Model) -> &'static str {
    match visit.status {
        Status::Requested => "pending",
        Status::Booked => "booked",
        Status::Arrived | Status::InProgress => "arrived",
        Status::Finished => "fulfilled",
        Status::Cancelled => "cancelled",
        Status::NoShow => "noshow",
    }
}

async fn told(db: &impl ConnectionTrait, visit: &visit::Model, booking: &booking::Model) -> Result<Vec<Value>, DbErr> {
    let subject = subject(db, visit.patient_id).await?;
    let kind = match booking.kind_id {
        Some(id) => kinds::kind(db, id).await?,
        None => None,
    };
    let stored = match visit.appointment_id {
        Some(id) => fhir_resource::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let (mut value, id) = match &stored {
        Some(resource) => {
            let body: Value = serde_json::from_str(&resource.body).unwrap_or_default();
            let id = body["id"].as_str().unwrap_or_default().to_owned();
            (body, id)
        }
        None => (json!({"resourceType": "Appointment", "id": visit.id.to_string()}), visit.id.to_string()),
    };
    if stored.is_none() {
        value["serviceType"] = json!([{"text": visit.title}]);
        value["identifier"] = json!([identifier(systems::APPOINTMENTS, visit.id)]);
        value["created"] = json!(booking.made_at.to_rfc3339());
        if let Some(reason) = &visit.reason {
            value["reasonCode"] = json!([{"text": reason}]);
        }
        if let Some(words) = &visit.patient_instruction {
            value["patientInstruction"] = json!(words);
        }
    }
    value["status"] = json!(status(visit));
    if let (Some(starts_at), Some(ends_at)) = (visit.starts_at, visit.ends_at) {
        value["start"] = json!(starts_at.to_rfc3339());
        value["end"] = json!(ends_at.to_rfc3339());
        value["minutesDuration"] = json!((ends_at - starts_at).num_minutes().max(1));
    }
    value["participant"] = participants(db, &subject, visit, booking).await?;
    if visit.status == Status::Cancelled {
        value["cancelationReason"] = json!({"text": visit.cancel_reason.as_deref().unwrap_or("Cancelled by the patient")});
    }
    if let Some(order) = booking.order_id {
        let order = reference(db, order).await?;
        value["basedOn"] = json!(order.into_iter().collect::<Vec<_>>());
    }
    let comment = comment(booking, kind.as_ref());
    if !comment.is_empty() {
        value["comment"] = json!(comment);
    }
    let slot = match booking.slot_id {
        Some(id) => slot(db, id, visit).await?,
        None => None,
    };
    if let Some((reference, _)) = &slot {
        value["slot"] = json!([reference]);
    }
    if visit.sensitive {
        value["meta"]["security"] = restricted()["security"].clone();
    }
    let mut all = vec![value];
    all.extend(slot.map(|(_, slot)| slot));
    all.extend(held(db, visit, &subject, &id).await?);
    all.extend(response(booking, visit, &subject, &id));
    Ok(all)
}

/// What the office needs to know beside the reason.
fn comment(booking: &booking::Model, kind: Option<&visit_kind::Model>) -> String {
    let lines = [
        booking.interpreter.as_ref().filter(|language| !language.is_empty()).map(|language| format!("Interpreter: {language}.")),
        booking.needs.as_ref().map(|needs| format!("Needs: {needs}")),
        booking.phone.as_ref().map(|phone| format!("Phone: {phone}.")),
        (booking.insurance_same == Some(false)).then(|| "Insurance has changed.".to_owned()),
        booking.overbooked.then(|| "Booked beside another visit.".to_owned()),
        kind.and_then(|kind| kind.order_code.as_ref()).filter(|_| booking.order_id.is_some()).map(|code| format!("Ordered: {code}.")),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

async fn participants(db: &impl ConnectionTrait, subject: &Value, visit: &visit::Model, booking: &booking::Model) -> Result<Value, DbErr> {
    let mine = if visit.status == Status::Cancelled && !is_staff(booking.cancelled_role.as_deref()) { "declined" } else { "accepted" };
    let theirs = if visit.status == Status::Requested { "needs-action" } else { "accepted" };
    let mut all = vec![json!({"actor": subject, "status": mine, "required": "required"})];
    if !booking.clinician_id.is_nil() {
        all.push(json!({"actor": office(db, booking.department_id, Some(booking.clinician_id)).await?, "status": theirs, "required": "required"}));
    }
    if let Some(place) = place(db, booking.department_id).await? {
        all.push(json!({"actor": place, "status": "accepted"}));
    }
    Ok(json!(all))
}

async fn place(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Value>, DbErr> {
    let Some(found) = department::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let mut place = json!({"type": "Location", "display": found.name});
    if let Some(reference) = reference(db, id).await? {
        place["reference"] = reference["reference"].clone();
    }
    Ok(Some(place))
}

/// The time of the other system's calendar, busy while a visit has it.
async fn slot(db: &impl ConnectionTrait, id: Uuid, visit: &visit::Model) -> Result<Option<(Value, Value)>, DbErr> {
    let Some(resource) = fhir_resource::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let mut slot: Value = serde_json::from_str(&resource.body).unwrap_or_default();
    slot["status"] = json!(if matches!(visit.status, Status::Cancelled) { "free" } else { "busy" });
    Ok(reference(db, id).await?.map(|reference| (reference, slot)))
}

/// What the patient's side said: they come, or they do not.
fn response(booking: &booking::Model, visit: &visit::Model, subject: &Value, appointment: &str) -> Option<Value> {
    let said = match visit.status {
        Status::Cancelled if !is_staff(booking.cancelled_role.as_deref()) => "declined",
        _ if booking.confirmed_at.is_some() => "accepted",
        _ => return None,
    };
    Some(json!({
        "resourceType": "AppointmentResponse",
        "id": format!("response-{}", visit.id.simple()),
        "identifier": [identifier(systems::APPOINTMENTS, visit.id)],
        "appointment": {"reference": format!("Appointment/{appointment}")},
        "actor": subject,
        "participantStatus": said,
    }))
}

/// FHIR: Task.status, and Appointment.status of what is asked for.
fn state(request: &visit_request::Model) -> (&'static str, &'static str) {
    match request.state {
        RequestState::Requested if request.seen_at.is_some() => ("received", "proposed"),
        RequestState::Requested => ("requested", "proposed"),
        RequestState::Offered => ("accepted", "proposed"),
        RequestState::Booked => ("completed", "cancelled"),
        RequestState::Declined => ("rejected", "cancelled"),
        RequestState::Withdrawn => ("cancelled", "cancelled"),
    }
}

async fn asked(db: &impl ConnectionTrait, request: &visit_request::Model) -> Result<Vec<Value>, DbErr> {
    let subject = subject(db, request.patient_id).await?;
    let (requester, contained) = maker(&subject, &request.author, request.role.as_deref());
    let kind = match request.kind_id {
        Some(id) => kinds::kind(db, id).await?,
        None => None,
    };
    let (task, status) = state(request);
    let to = office(db, request.department_id, request.clinician_id).await?;
    let windows: Vec<Value> =
        windows_of(request).iter().map(|window| json!({"start": window.from.to_string(), "end": window.until.to_string()})).collect();
    let parts: Vec<&str> = windows_of(request).iter().filter_map(|window| window.part).map(DayPart::as_str).collect();
    let mut proposed = json!({
        "resourceType": "Appointment",
        "id": request.id.to_string(),
        "identifier": [identifier(systems::APPOINTMENT_REQUESTS, request.id)],
        "status": status,
        "reasonCode": [{"text": request.reason}],
        "created": request.requested_at.to_rfc3339(),
        "participant": [{"actor": subject, "status": "accepted"}, {"actor": to, "status": "needs-action"}],
    });
    if let Some(kind) = &kind {
        proposed["serviceType"] = json!([{"text": kind.name_en}]);
    }
    if !windows.is_empty() {
        proposed["requestedPeriod"] = json!(windows);
    }
    if status == "cancelled" {
        proposed["cancelationReason"] = json!({"text": if request.state == RequestState::Booked { "Booked" } else { "Not booked" }});
    }
    let changed = [Some(request.requested_at), request.seen_at, request.offered_at, request.decided_at];
    let changed: DateTime<Utc> = changed.into_iter().flatten().max().unwrap_or(request.requested_at);
    let how_soon = match request.how_soon {
        HowSoon::Soon => "as soon as possible",
        HowSoon::Weeks => "within weeks",
        HowSoon::Any => "any time",
    };
    let mut input = vec![
        json!({"type": {"text": "How soon"}, "valueString": how_soon}),
        json!({"type": {"text": "Contact"}, "valueString": request.contact}),
    ];
    if !parts.is_empty() {
        input.push(json!({"type": {"text": "Parts of the day"}, "valueString": parts.join(", ")}));
    }
    if !request.needs.is_empty() {
        input.push(json!({"type": {"text": "Needs"}, "valueString": request.needs}));
    }
    let mut work = json!({
        "resourceType": "Task",
        "id": format!("task-{}", request.id.simple()),
        "identifier": [identifier(systems::TASKS, request.id)],
        "status": task,
        "intent": "proposal",
        "code": {"text": if request.moves.is_some() { "Move a visit" } else { "Book a visit" }},
        "focus": {"reference": format!("Appointment/{}", request.id)},
        "for": subject,
        "authoredOn": request.requested_at.to_rfc3339(),
        "lastModified": changed.to_rfc3339(),
        "requester": requester,
        "owner": to,
        "restriction": {"period": {"end": request.due_at.to_rfc3339()}},
        "input": input,
    });
    if request.state == RequestState::Offered {
        work["businessStatus"] = json!({"text": "Times are offered"});
    }
    if let Some(answer) = &request.answer {
        work["statusReason"] = json!({"text": answer});
    }
    if let Some(visit) = request.visit_id {
        work["output"] = json!([{"type": {"text": "Appointment"}, "valueReference": {"reference": format!("Appointment/{visit}")}}]);
    }
    if request.sensitive {
        proposed["meta"] = restricted();
        work["meta"] = restricted();
    }
    Ok(vec![proposed, containing(work, contained)])
}
