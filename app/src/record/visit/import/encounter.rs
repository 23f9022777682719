//! Encounter.

use sea_orm::DbErr;
use serde_json::Value;

use super::{
    clinicians::{self, AtVisits},
    kind::{default_title, kind},
    stored::{forget, write},
};
use crate::{
    base::ids::new_id,
    record::{
        fhir::{self, labels},
        import::{Context, Incoming, KnownVisit},
        visit::{entity::visit, model::Status},
    },
};

pub(super) async fn map(
    context: &mut Context<'_>,
    stored: &mut Vec<visit::Model>,
    row: Incoming<'_>,
    at: &mut AtVisits,
) -> Result<bool, DbErr> {
    let value = row.value;
    let own = stored.iter().position(|visit| visit.encounter_id == Some(row.id));
    let starts_at = fhir::instant(&value["period"]["start"]);
    let labels = labels::of(value);
    if labels.sensitive || labels.withheld() {
        context.sensitive_encounters.insert(row.id);
    }
    let status = status(value).filter(|_| !labels.withheld());
    let (Some(patient_id), Some(status), Some(starts_at)) = (row.patient, status, starts_at) else {
        if let Some(index) = own {
            forget(context, stored.swap_remove(index).id, at).await?;
        }
        return Ok(false);
    };
    let appointment = fhir::items(&value["appointment"]).find_map(|reference| context.links.resolve(row.id, reference));
    // The appointment of somebody else stays theirs.
    let appointment =
        appointment.filter(|id| !stored.iter().any(|visit| visit.appointment_id == Some(*id) && visit.patient_id != patient_id));
    let booked = appointment.and_then(|id| stored.iter().position(|visit| visit.appointment_id == Some(id)));
    let before = booked.map(|index| stored[index].clone());
    let found = match (own, booked) {
        (Some(own), Some(booked)) if own != booked => {
            let gone = stored[booked].id;
            forget(context, gone, at).await?;
            stored.retain(|visit| visit.id != gone);
            stored.iter().position(|visit| visit.encounter_id == Some(row.id))
        }
        (own, booked) => own.or(booked),
    };
    let kind = kind(value["class"]["code"].as_str(), &[&value["type"], &value["serviceType"]]);
    let place = fhir::items(&value["location"]).next().map_or(&value["serviceProvider"], |found| &found["location"]);
    let department_id = context.links.resolve(row.id, place).or_else(|| context.links.resolve(row.id, &value["serviceProvider"]));
    let id = found.map_or_else(new_id, |index| stored[index].id);
    let sensitive = labels.sensitive;
    let people: Vec<(&Value, Option<String>)> = fhir::items(&value["participant"])
        .map(|participant| (&participant["individual"], fhir::concepts(&participant["type"])))
        .filter(|(individual, _)| individual.is_object())
        .collect();
    let named_clinicians = clinicians::named(context, row, people.iter().map(|(individual, _)| *individual));
    let model = visit::Model {
        id,
        patient_id,
        encounter_id: Some(row.id),
        appointment_id: appointment.filter(|_| before.is_some() || appointment.is_some()),
        status,
        kind,
        title: fhir::items(&value["type"]).find_map(fhir::concept).unwrap_or_else(|| default_title(kind).into()),
        reason: fhir::concepts(&value["reasonCode"]),
        starts_at: Some(starts_at),
        ends_at: fhir::instant(&value["period"]["end"]),
        requested_at: before.as_ref().and_then(|before| before.requested_at),
        department_id,
        cancel_reason: before.as_ref().and_then(|before| before.cancel_reason.clone()),
        patient_instruction: before.as_ref().and_then(|before| before.patient_instruction.clone()),
        named_clinicians,
        join_url: before.as_ref().and_then(|before| before.join_url.clone()),
        sensitive,
    };
    write(context, stored, found, model, at).await?;
    context.visits.insert(row.id, KnownVisit { patient: patient_id, id, sensitive });
    clinicians::add(context, row, id, people.into_iter(), at);
    Ok(true)
}

/// `entered-in-error` and `unknown` are not shown.
fn status(value: &Value) -> Option<Status> {
    match value["status"].as_str()? {
        "planned" => Some(Status::Booked),
        "arrived" | "triaged" => Some(Status::Arrived),
        "in-progress" | "onleave" => Some(Status::InProgress),
        "finished" => Some(Status::Finished),
        "cancelled" => Some(Status::Cancelled),
        _ => None,
    }
}
