//! A visit by video as FHIR R4.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde_json::{Value, json};

use super::entity::video_room;
use crate::{
    desk::outgoing::resource::{identifier, restricted, systems},
    record::visit::entity::visit,
};

/// The Encounter of a visit that took place by video here: its time is that at which people were there. Nothing of one that came in with its own.
///
/// # Errors
/// When the database fails.
pub async fn encounter(
    db: &impl ConnectionTrait,
    visit: &visit::Model,
    subject: &Value,
    appointment: &str,
) -> Result<Option<Value>, DbErr> {
    let room = match visit.encounter_id {
        Some(_) => None,
        None => video_room::Entity::find_by_id(visit.id).one(db).await?,
    };
    let Some((begun, ended)) = room.and_then(|room| Some((room.begun_at?, room.ended_at))) else { return Ok(None) };
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
    Ok(Some(value))
}
