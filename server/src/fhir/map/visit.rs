//! Appointment and Encounter → one visit. Where both tell of it, the Encounter's time and status count.

use std::collections::HashMap;

use app::{
    base::ids::new_id,
    record::visit::{
        entity::{visit, visit_clinician},
        model::{Kind, Status},
    },
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde_json::Value;
use uuid::Uuid;

use super::{Context, insert_all, labels, of_type, words};
use crate::fhir::store::{CHUNK, Row};

/// What others need of the visit of an Encounter.
#[derive(Clone, Copy)]
pub struct Known {
    pub id: Uuid,
    pub sensitive: bool,
}

pub async fn all(context: &mut Context<'_>, rows: &[&Row]) -> Result<Vec<Uuid>, DbErr> {
    let mut shown = Vec::new();
    let mut seen = Vec::new();
    let mut stored = stored(context, rows).await?;
    for row in of_type(rows, "Appointment") {
        shown.extend(appointment(context, &mut stored, row, &mut seen).await?.then_some(row.id));
    }
    for row in of_type(rows, "Encounter") {
        shown.extend(encounter(context, &mut stored, row, &mut seen).await?.then_some(row.id));
    }
    write_clinicians(context, seen).await?;
    look_up(context, rows).await?;
    Ok(shown)
}

/// The visits that these resources, or the Appointments they name, have already.
async fn stored(context: &mut Context<'_>, rows: &[&Row]) -> Result<Vec<visit::Model>, DbErr> {
    let mut ids: Vec<Uuid> = of_type(rows, "Appointment").chain(of_type(rows, "Encounter")).map(|row| row.id).collect();
    for row in of_type(rows, "Encounter") {
        ids.extend(words::items(&row.value["appointment"]).filter_map(|reference| context.links.resolve(row.id, reference)));
    }
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let either = visit::Column::EncounterId.is_in(chunk.iter().copied()).or(visit::Column::AppointmentId.is_in(chunk.iter().copied()));
        found.extend(visit::Entity::find().filter(either).all(context.tx).await?);
    }
    Ok(found)
}

async fn appointment(context: &mut Context<'_>, stored: &mut Vec<visit::Model>, row: &Row, seen: &mut Vec<Seen>) -> Result<bool, DbErr> {
    let value = &row.value;
    let found = stored.iter().position(|visit| visit.appointment_id == Some(row.id));
    let (Some(patient_id), Some(status)) = (row.patient, appointment_status(value)) else {
        if let Some(index) = found.filter(|index| stored[*index].encounter_id.is_none()) {
            forget(context, stored.swap_remove(index).id).await?;
        }
        return Ok(false);
    };
    let starts_at = words::instant(&value["start"]);
    let ends_at = words::instant(&value["end"]).or_else(|| {
        let minutes = value["minutesDuration"].as_i64()?;
        starts_at.map(|start| start + chrono::TimeDelta::minutes(minutes))
    });
    let kind = kind(None, &[&value["serviceType"], &value["appointmentType"], &value["serviceCategory"]]);
    let actors = || words::items(&value["participant"]).map(|participant| &participant["actor"]);
    let place = actors().find(|actor| points_at(actor, "Location"));
    let department_id = place.and_then(|place| context.links.resolve(row.id, place));
    for order in words::items(&value["basedOn"]) {
        if let (Some(order), Some(day)) = (context.links.resolve(row.id, order), words::date(&value["start"]))
            && matches!(status, Status::Booked | Status::Requested)
        {
            context.booked.insert(order, day);
        }
    }
    let joined = found.map(|index| stored[index].clone()).filter(|visit| visit.encounter_id.is_some());
    let instruction = value["patientInstruction"].as_str().map(str::to_owned);
    if let Some(visit) = joined {
        // The Encounter has told the rest.
        let told = visit::ActiveModel {
            id: Unchanged(visit.id),
            patient_instruction: Set(instruction),
            requested_at: Set(words::instant(&value["created"])),
            ..Default::default()
        };
        visit::Entity::update(told).exec(context.tx).await?;
        return Ok(true);
    }
    let id = found.map_or_else(new_id, |index| stored[index].id);
    let model = visit::Model {
        id,
        patient_id,
        encounter_id: None,
        appointment_id: Some(row.id),
        status,
        kind,
        title: words::concepts(&value["serviceType"])
            .or_else(|| words::concept(&value["appointmentType"]))
            .or_else(|| words::concepts(&value["specialty"]))
            .unwrap_or_else(|| "Appointment".into()),
        reason: words::concepts(&value["reasonCode"]).or_else(|| value["description"].as_str().map(str::to_owned)),
        starts_at,
        ends_at,
        requested_at: words::instant(&value["created"]),
        department_id,
        cancel_reason: words::concept(&value["cancelationReason"]),
        patient_instruction: instruction,
        sensitive: labels::of(value).sensitive,
    };
    write(context, stored, found, model).await?;
    let people: Vec<&Value> = actors().filter(|actor| points_at(actor, "Practitioner")).collect();
    add_clinicians(context, row, id, people.into_iter().map(|actor| (actor, None)), seen);
    Ok(true)
}

async fn encounter(context: &mut Context<'_>, stored: &mut Vec<visit::Model>, row: &Row, seen: &mut Vec<Seen>) -> Result<bool, DbErr> {
    let value = &row.value;
    let own = stored.iter().position(|visit| visit.encounter_id == Some(row.id));
    let starts_at = words::instant(&value["period"]["start"]);
    let (Some(patient_id), Some(status), Some(starts_at)) = (row.patient, encounter_status(value), starts_at) else {
        if let Some(index) = own {
            forget(context, stored.swap_remove(index).id).await?;
        }
        return Ok(false);
    };
    let appointment = words::items(&value["appointment"]).find_map(|reference| context.links.resolve(row.id, reference));
    let booked = appointment.and_then(|id| stored.iter().position(|visit| visit.appointment_id == Some(id)));
    let before = booked.map(|index| stored[index].clone());
    let found = match (own, booked) {
        (Some(own), Some(booked)) if own != booked => {
            let gone = stored[booked].id;
            forget(context, gone).await?;
            stored.retain(|visit| visit.id != gone);
            stored.iter().position(|visit| visit.encounter_id == Some(row.id))
        }
        (own, booked) => own.or(booked),
    };
    let kind = kind(value["class"]["code"].as_str(), &[&value["type"], &value["serviceType"]]);
    let place = words::items(&value["location"]).next().map_or(&value["serviceProvider"], |found| &found["location"]);
    let department_id = context.links.resolve(row.id, place).or_else(|| context.links.resolve(row.id, &value["serviceProvider"]));
    let id = found.map_or_else(new_id, |index| stored[index].id);
    let sensitive = labels::of(value).sensitive;
    let model = visit::Model {
        id,
        patient_id,
        encounter_id: Some(row.id),
        appointment_id: appointment.filter(|_| before.is_some() || appointment.is_some()),
        status,
        kind,
        title: words::items(&value["type"]).find_map(words::concept).unwrap_or_else(|| default_title(kind).into()),
        reason: words::concepts(&value["reasonCode"]),
        starts_at: Some(starts_at),
        ends_at: words::instant(&value["period"]["end"]),
        requested_at: before.as_ref().and_then(|before| before.requested_at),
        department_id,
        cancel_reason: before.as_ref().and_then(|before| before.cancel_reason.clone()),
        patient_instruction: before.as_ref().and_then(|before| before.patient_instruction.clone()),
        sensitive,
    };
    write(context, stored, found, model).await?;
    context.visits.insert(row.id, Known { id, sensitive });
    let people: Vec<(&Value, Option<String>)> = words::items(&value["participant"])
        .map(|participant| (&participant["individual"], words::concepts(&participant["type"])))
        .filter(|(individual, _)| individual.is_object())
        .collect();
    add_clinicians(context, row, id, people.into_iter(), seen);
    Ok(true)
}

async fn write(context: &Context<'_>, stored: &mut Vec<visit::Model>, found: Option<usize>, model: visit::Model) -> Result<(), DbErr> {
    let active = visit::ActiveModel::from(model.clone());
    match found {
        Some(index) => {
            visit::Entity::update(active.reset_all()).exec(context.tx).await?;
            stored[index] = model;
        }
        None => {
            visit::Entity::insert(active).exec_without_returning(context.tx).await?;
            stored.push(model);
        }
    }
    Ok(())
}

async fn forget(context: &Context<'_>, visit: Uuid) -> Result<(), DbErr> {
    visit_clinician::Entity::delete_many().filter(visit_clinician::Column::VisitId.eq(visit)).exec(context.tx).await?;
    visit::Entity::delete_by_id(visit).exec(context.tx).await?;
    Ok(())
}

/// Somebody who was, or will be, at a visit.
struct Seen {
    visit: Uuid,
    clinician: Uuid,
    role: Option<String>,
    position: i32,
}

fn add_clinicians<'a>(
    context: &mut Context<'_>,
    row: &Row,
    visit: Uuid,
    people: impl Iterator<Item = (&'a Value, Option<String>)>,
    seen: &mut Vec<Seen>,
) {
    seen.retain(|found| found.visit != visit);
    for (position, (reference, role)) in (0..).zip(people) {
        if let Some(clinician) = context.links.resolve(row.id, reference)
            && !seen.iter().any(|found| found.visit == visit && found.clinician == clinician)
        {
            seen.push(Seen { visit, clinician, role, position });
        }
    }
}

async fn write_clinicians(context: &Context<'_>, seen: Vec<Seen>) -> Result<(), DbErr> {
    let visits: Vec<Uuid> = seen.iter().map(|found| found.visit).collect();
    for chunk in visits.chunks(CHUNK) {
        let old = visit_clinician::Column::VisitId.is_in(chunk.iter().copied());
        visit_clinician::Entity::delete_many().filter(old).exec(context.tx).await?;
    }
    let rows: Vec<visit_clinician::ActiveModel> = seen
        .into_iter()
        .map(|found| visit_clinician::ActiveModel {
            visit_id: Set(found.visit),
            clinician_id: Set(found.clinician),
            role: Set(found.role),
            position: Set(found.position),
        })
        .collect();
    let conflict = OnConflict::columns([visit_clinician::Column::VisitId, visit_clinician::Column::ClinicianId]).do_nothing().to_owned();
    insert_all!(context.tx, visit_clinician::Entity, rows, conflict.clone());
    Ok(())
}

/// The visits of Encounters that came with an earlier file.
pub async fn look_up(context: &mut Context<'_>, rows: &[&Row]) -> Result<(), DbErr> {
    let mut ids = Vec::new();
    for row in rows {
        for reference in super::summary::encounters(&row.value) {
            ids.extend(context.links.resolve(row.id, reference).filter(|id| !context.visits.contains_key(id)));
        }
    }
    ids.sort();
    ids.dedup();
    for chunk in ids.chunks(CHUNK) {
        let found = visit::Entity::find().filter(visit::Column::EncounterId.is_in(chunk.iter().copied())).all(context.tx).await?;
        let known: HashMap<Uuid, Known> =
            found.into_iter().filter_map(|visit| Some((visit.encounter_id?, Known { id: visit.id, sensitive: visit.sensitive }))).collect();
        context.visits.extend(known);
    }
    Ok(())
}

/// `entered-in-error` is not shown.
fn appointment_status(value: &Value) -> Option<Status> {
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

/// `entered-in-error` and `unknown` are not shown.
fn encounter_status(value: &Value) -> Option<Status> {
    match value["status"].as_str()? {
        "planned" => Some(Status::Booked),
        "arrived" | "triaged" => Some(Status::Arrived),
        "in-progress" | "onleave" => Some(Status::InProgress),
        "finished" => Some(Status::Finished),
        "cancelled" => Some(Status::Cancelled),
        _ => None,
    }
}

/// FHIR Encounter.class, and what types say of video and telephone (SNOMED 448337001, 185317003).
fn kind(class: Option<&str>, types: &[&Value]) -> Kind {
    let said = |words_in: &[&str], code: &str| {
        types.iter().any(|list| {
            let text = words::concepts(list).or_else(|| words::concept(list)).unwrap_or_default().to_lowercase();
            words::has_code(list, &[code]) || words_in.iter().any(|word| text.contains(word))
        })
    };
    match class {
        Some("VR") if said(&["telephone", "phone call"], "185317003") => Kind::Phone,
        Some("VR") => Kind::Video,
        Some("EMER") => Kind::Emergency,
        Some("IMP" | "ACUTE" | "NONAC" | "OBSENC") => Kind::Inpatient,
        Some("HH") => Kind::Home,
        _ if said(&["video", "telehealth"], "448337001") => Kind::Video,
        _ if said(&["telephone", "phone call"], "185317003") => Kind::Phone,
        _ => Kind::Office,
    }
}

fn default_title(kind: Kind) -> &'static str {
    match kind {
        Kind::Office => "Office visit",
        Kind::Video => "Video visit",
        Kind::Phone => "Phone call",
        Kind::Emergency => "Emergency visit",
        Kind::Inpatient => "Hospital stay",
        Kind::Home => "Home visit",
    }
}

/// Whether a reference may mean a resource of this type; `urn:uuid:` does not tell, so its display does not count.
fn points_at(reference: &Value, resource_type: &str) -> bool {
    match reference["reference"].as_str() {
        Some(text) => text.contains(&format!("{resource_type}/")) || text.starts_with(&format!("{resource_type}?")),
        None => reference["type"] == resource_type,
    }
}
