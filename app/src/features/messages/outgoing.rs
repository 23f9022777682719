//! Messages as FHIR R4: Communication. Notes of the staff never go out.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::{message, message_thread},
    files::{of_messages, whole},
    model::Topic,
};
use crate::{
    desk::outgoing::resource::{containing, identifier, maker, office, subject, systems},
    people::{patient::with_merged, staff_office},
    platform::secret::Secret,
};

/// A message, with the one before it in its thread.
///
/// # Errors
/// When the database fails.
pub async fn communication(db: &impl ConnectionTrait, secret: Option<&Secret>, id: Uuid) -> Result<Option<Value>, DbErr> {
    let Some(message) = message::Entity::find_by_id(id).one(db).await?.filter(|message| !message.internal) else { return Ok(None) };
    let Some(thread) = message_thread::Entity::find_by_id(message.thread_id).one(db).await? else { return Ok(None) };
    let before = message::Entity::find()
        .filter(message::Column::ThreadId.eq(thread.id))
        .filter(message::Column::Internal.eq(false))
        .filter(message::Column::SentAt.lt(message.sent_at))
        .order_by_desc(message::Column::SentAt)
        .one(db)
        .await?;
    told(db, secret, &thread, &message, before.map(|before| before.id)).await.map(Some)
}

/// Every message about a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, secret: Option<&Secret>, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let threads = message_thread::Entity::find()
        .filter(message_thread::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .all(db)
        .await?;
    let threads: HashMap<Uuid, message_thread::Model> = threads.into_iter().map(|thread| (thread.id, thread)).collect();
    let messages = message::Entity::find()
        .filter(message::Column::ThreadId.is_in(threads.keys().copied()))
        .filter(message::Column::Internal.eq(false))
        .order_by_asc(message::Column::SentAt)
        .order_by_asc(message::Column::Id)
        .all(db)
        .await?;
    let (mut last, mut all): (HashMap<Uuid, Uuid>, Vec<Value>) = (HashMap::new(), Vec::new());
    for message in &messages {
        let before = last.insert(message.thread_id, message.id);
        if let Some(thread) = threads.get(&message.thread_id) {
            all.push(told(db, secret, thread, message, before).await?);
        }
    }
    Ok(all)
}

/// Without the secret, of files there is what they are and not what is in them.
async fn told(
    db: &impl ConnectionTrait,
    secret: Option<&Secret>,
    thread: &message_thread::Model,
    message: &message::Model,
    before: Option<Uuid>,
) -> Result<Value, DbErr> {
    let subject = subject(db, thread.patient_id).await?;
    let office = office(db, thread.department_id, thread.clinician_id).await?;
    let (sender, recipient, contained) = if message.side.is_staff() {
        (staff(db, thread, message).await?, subject.clone(), None)
    } else {
        let (sender, contained) = maker(&subject, &message.author, message.role.as_deref());
        (sender, office, contained)
    };
    let mut communication = json!({
        "resourceType": "Communication",
        "id": message.id.to_string(),
        "identifier": [identifier(systems::MESSAGES, message.id)],
        "partOf": [{"identifier": identifier(systems::THREADS, thread.id), "display": thread.subject}],
        "status": "completed",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "notification"}], "text": topic(thread.topic)}],
        "subject": subject,
        "topic": {"text": thread.subject},
        "sent": message.sent_at.to_rfc3339(),
        "recipient": [recipient],
        "sender": sender,
        "payload": [{"contentString": message.body}],
    });
    for file in of_messages(db, vec![message.id]).await? {
        let mut attachment = json!({
            "contentType": file.media_type,
            "title": file.name,
            "size": file.size,
            "creation": file.added_at.to_rfc3339(),
        });
        if let Some(secret) = secret {
            attachment["data"] = json!(BASE64_STANDARD.encode(whole(db, secret, file.id).await?));
        }
        if let Some(payload) = communication["payload"].as_array_mut() {
            payload.push(json!({"contentAttachment": attachment}));
        }
    }
    if let Some(before) = before {
        communication["inResponseTo"] = json!([{"reference": format!("Communication/{before}")}]);
    }
    if thread.sensitive {
        communication["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]});
    }
    Ok(containing(communication, contained))
}

/// Somebody of the staff: the Practitioner that they are, or their name.
async fn staff(db: &impl ConnectionTrait, thread: &message_thread::Model, message: &message::Model) -> Result<Value, DbErr> {
    let row = match message.account_id {
        Some(account) => staff_office::Entity::find_by_id((account, thread.department_id)).one(db).await?,
        None => None,
    };
    match row.and_then(|row| row.clinician_id) {
        Some(clinician) => {
            let mut told = office(db, thread.department_id, Some(clinician)).await?;
            told["display"] = json!(message.author);
            Ok(told)
        }
        None => Ok(json!({"type": "Practitioner", "display": message.author})),
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Question => "Medical question",
        Topic::Medication => "Medication",
        Topic::Result => "Test result",
        Topic::FollowUp => "Visit follow-up",
        Topic::Form => "Referral or form",
        Topic::Appointment => "Appointment",
        Topic::Other => "Other",
    }
}
