//! Appointment.

use sea_orm::{
    ActiveValue::{Set, Unchanged},
    DbErr, EntityTrait,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    booked::Known,
    clinicians::{self, AtVisits},
    join_url::{join_url, of_service},
    kind::kind,
    stored::{forget, write},
};
use crate::{
    base::ids::new_id,
    record::{
        fhir::{self, labels},
        import::{Context, Incoming},
        visit::{
            entity::visit,
            model::{Kind, Status},
        },
    },
};

pub(super) async fn map(
    context: &mut Context<'_>,
    stored: &mut Vec<visit::Model>,
    row: Incoming<'_>,
    at: &mut AtVisits,
    booked: &Known,
) -> Result<bool, DbErr> {
    let value = row.value;
    let found = stored.iter().position(|visit| visit.appointment_id == Some(row.id)).or_else(|| booked.made_here(stored, row));
    let (Some(patient_id), Some(status)) = (row.patient, status(value)) else {
        if let Some(index) = found.filter(|index| stored[*index].encounter_id.is_none()) {
            forget(context, stored.swap_remove(index).id, at).await?;
        }
        return Ok(false);
    };
    let status = if is_declined(context, row, patient_id) { Status::Cancelled } else { status };
    let starts_at = fhir::instant(&value["start"]);
    let ends_at = fhir::instant(&value["end"]).or_else(|| {
        let minutes = value["minutesDuration"].as_i64()?;
        starts_at.map(|start| start + chrono::TimeDelta::minutes(minutes))
    });
    let kind = kind(None, &[&value["serviceType"], &value["appointmentType"], &value["serviceCategory"]]);
    let kind = if kind == Kind::Office && of_service(value).is_some() { Kind::Video } else { kind };
    let (mut people, mut place): (Vec<&Value>, Option<&Value>) = (Vec::new(), None);
    for actor in fhir::items(&value["participant"]).map(|participant| &participant["actor"]) {
        if context.means(row.id, actor, "Practitioner").await? {
            people.push(actor);
        } else if place.is_none() && context.means(row.id, actor, "Location").await? {
            place = Some(actor);
        }
    }
    let department_id = place.and_then(|place| context.links.resolve(row.id, place));
    for order in fhir::items(&value["basedOn"]) {
        if let (Some(order), Some(day)) =
            (context.links.resolve(row.id, order), fhir::when(&value["start"]).and_then(|when| when.day(context.zone)))
            && matches!(status, Status::Booked | Status::Requested)
        {
            context.booked.insert(order, day);
        }
    }
    let at_place = match department_id.filter(|_| kind == Kind::Video) {
        Some(id) => context.value(id).await?,
        None => None,
    };
    if let Some(place) = place.filter(|_| kind == Kind::Video) {
        context.links.depend(row.id, place);
    }
    let join_url = join_url(value, at_place.as_ref()).filter(|_| kind == Kind::Video);
    let joined = found.map(|index| stored[index].clone()).filter(|visit| visit.encounter_id.is_some());
    let instruction = value["patientInstruction"].as_str().map(str::to_owned);
    if let Some(visit) = joined {
        // The Encounter has told the rest.
        let told = visit::ActiveModel {
            id: Unchanged(visit.id),
            patient_instruction: Set(instruction),
            join_url: Set(join_url),
            requested_at: Set(fhir::instant(&value["created"])),
            ..Default::default()
        };
        visit::Entity::update(told).exec(context.tx).await?;
        return Ok(true);
    }
    let id = found.map_or_else(new_id, |index| stored[index].id);
    let named_clinicians = clinicians::named(context, row, people.iter().copied());
    let model = visit::Model {
        id,
        patient_id,
        encounter_id: None,
        appointment_id: Some(row.id),
        status,
        kind,
        title: fhir::concepts(&value["serviceType"])
            .or_else(|| fhir::concept(&value["appointmentType"]))
            .or_else(|| fhir::concepts(&value["specialty"]))
            .unwrap_or_else(|| "Appointment".into()),
        reason: fhir::concepts(&value["reasonCode"]).or_else(|| value["description"].as_str().map(str::to_owned)),
        starts_at,
        ends_at,
        requested_at: fhir::instant(&value["created"]),
        department_id,
        cancel_reason: fhir::concept(&value["cancelationReason"]),
        patient_instruction: instruction,
        named_clinicians,
        join_url,
        sensitive: labels::of(value).sensitive,
    };
    let before = found.map(|index| stored[index].clone());
    let with = people.first().and_then(|actor| context.links.resolve(row.id, actor));
    let Some(model) = booked.told(context, row, before, model, with).await? else { return Ok(true) };
    write(context, stored, found, model, at).await?;
    clinicians::add(context, row, id, people.into_iter().map(|actor| (actor, None)), at);
    Ok(true)
}

/// Whether the patient has said no. FHIR R4, Appointment.participant.status.
fn is_declined(context: &mut Context<'_>, row: Incoming<'_>, patient: Uuid) -> bool {
    fhir::items(&row.value["participant"]).filter(|participant| participant["status"] == "declined").any(|participant| {
        let person = context.links.resolve(row.id, &participant["actor"]);
        person.and_then(|person| context.links.chart_of(person)) == Some(patient)
    })
}

/// `entered-in-error` is not shown.
fn status(value: &Value) -> Option<Status> {
    match value["status"].as_str()? {
        "proposed" | "pending" | "waitlist" => Some(Status::Requested),
        "booked" => Some(Status::Booked),
        "arrived" | "checked-in" => Some(Status::Arrived),
        "fulfilled" => Some(Status::Finished),
        "cancelled" => Some(Status::Cancelled),
        "noshow" => Some(Status::NoShow),
        _ => None,
    }
}
