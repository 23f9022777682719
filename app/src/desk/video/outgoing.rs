//! A visit by video as FHIR R4.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::{
    entity::{video_chat, video_room},
    room::people,
};
use crate::{
    desk::outgoing::resource::{identifier, restricted, systems},
    record::visit::entity::visit,
};

/// A visit that took place by video here: its Encounter, whose time is that at which people were there, unless it came in with its own;
/// and the Communication with what was written and kept.
///
/// # Errors
/// When the database fails.
pub async fn held(db: &impl ConnectionTrait, visit: &visit::Model, subject: &Value, appointment: &str) -> Result<Vec<Value>, DbErr> {
    let Some(room) = video_room::Entity::find_by_id(visit.id).one(db).await? else { return Ok(Vec::new()) };
    let mut all: Vec<Value> =
        visit.encounter_id.is_none().then(|| encounter(&room, visit, subject, appointment)).flatten().into_iter().collect();
    if room.chat_kept {
        let about = all.first().and_then(|own| own["id"].as_str()).map(|id| json!({"reference": format!("Encounter/{id}")}));
        all.push(chat(db, visit, subject, about).await?);
    }
    Ok(all)
}

fn encounter(room: &video_room::Model, visit: &visit::Model, subject: &Value, appointment: &str) -> Option<Value> {
    let (begun, ended) = (room.begun_at?, room.ended_at);
    let mut period = json!({"start": begun.to_rfc3339()});
    if let Some(until) = ended {
        period["end"] = json!(until.to_rfc3339());
    }
    let mut value = json!({
        "resourceType": "Encounter",
        "id": format!("video-{}", visit.id.simple()),
        "identifier": [identifier(systems::APPOINTMENTS, visit.id)],
        "status": if ended.is_some() { "finished" } else { "in-progress" },
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR", "display": "virtual"},
        "subject": subject,
        "appointment": [{"reference": format!("Appointment/{appointment}")}],
        "period": period,
    });
    if visit.sensitive {
        value["meta"] = restricted();
    }
    Some(value)
}

async fn chat(db: &impl ConnectionTrait, visit: &visit::Model, subject: &Value, encounter: Option<Value>) -> Result<Value, DbErr> {
    let there = people(db, visit.id).await?;
    let lines = video_chat::Entity::find().filter(video_chat::Column::VisitId.eq(visit.id)).order_by_asc(video_chat::Column::Number);
    let lines = lines.all(db).await?;
    let said = lines.iter().map(|line| {
        let name = there.iter().find(|one| one.id == line.from_id).map_or("", |one| &*one.name);
        json!({"contentString": format!("{name}, {}: {}", line.at.to_rfc3339(), line.words)})
    });
    let mut value = json!({
        "resourceType": "Communication",
        "id": format!("video-chat-{}", visit.id.simple()),
        "identifier": [identifier(systems::CHATS, visit.id)],
        "status": "completed",
        "category": [{"text": "Chat of a visit by video"}],
        "subject": subject,
        "payload": said.collect::<Vec<_>>(),
    });
    if let Some(last) = lines.last() {
        value["sent"] = json!(last.at.to_rfc3339());
    }
    if let Some(encounter) = encounter {
        value["encounter"] = encounter;
    }
    if visit.sensitive {
        value["meta"] = restricted();
    }
    Ok(value)
}
