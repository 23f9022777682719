//! Appointment and Encounter → one visit. Where both tell of it, the Encounter's time and status count.

mod appointment;
mod booked;
mod clinicians;
mod encounter;
mod join_url;
mod kind;
mod stored;

use chrono::Utc;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter};
use uuid::Uuid;

use super::{entity::visit, taken};
use crate::record::{
    fhir::{self, labels},
    import::{CHUNK, Context, Incoming, KnownVisit, encounters, of_type},
    resource::entity::fhir_resource,
};

pub use booked::APPOINTMENTS;

pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut shown = Vec::new();
    let mut at = clinicians::AtVisits::default();
    let mut stored = visits_of(context, rows).await?;
    let booked = booked::Known::of(context, &mut stored, rows).await?;
    for row in of_type(rows, "Appointment") {
        shown.extend(appointment::map(context, &mut stored, row, &mut at, &booked).await?.then_some(row.id));
    }
    for row in of_type(rows, "Encounter") {
        shown.extend(encounter::map(context, &mut stored, row, &mut at).await?.then_some(row.id));
    }
    stored::insert(context, &stored, &at).await?;
    let known: Vec<Uuid> = stored.iter().map(|visit| visit.id).filter(|id| !at.unwritten.contains(id)).collect();
    taken::follow(context.tx, &stored, &known, |visit| at.clinicians_of(visit), Utc::now()).await?;
    clinicians::write(context, at).await?;
    look_up(context, rows).await?;
    Ok(shown)
}

/// The visits that these resources, or the Appointments they name, have already.
async fn visits_of(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<visit::Model>, DbErr> {
    let mut ids: Vec<Uuid> = of_type(rows, "Appointment").chain(of_type(rows, "Encounter")).map(|row| row.id).collect();
    for row in of_type(rows, "Encounter") {
        ids.extend(fhir::items(&row.value["appointment"]).filter_map(|reference| context.links.resolve(row.id, reference)));
    }
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let either = visit::Column::EncounterId.is_in(chunk.iter().copied()).or(visit::Column::AppointmentId.is_in(chunk.iter().copied()));
        found.extend(visit::Entity::find().filter(either).all(context.tx).await?);
    }
    Ok(found)
}

/// The visits of Encounters that came with an earlier file.
pub async fn look_up(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<(), DbErr> {
    let mut ids = Vec::new();
    for row in rows {
        for reference in encounters(row.value) {
            ids.extend(context.links.resolve(row.id, reference).filter(|id| !context.visits.contains_key(id)));
        }
    }
    ids.sort();
    ids.dedup();
    for chunk in ids.chunks(CHUNK) {
        let found = visit::Entity::find().filter(visit::Column::EncounterId.is_in(chunk.iter().copied())).all(context.tx).await?;
        let known: std::collections::HashMap<Uuid, KnownVisit> = found
            .into_iter()
            .filter_map(|visit| {
                Some((visit.encounter_id?, KnownVisit { patient: visit.patient_id, id: visit.id, sensitive: visit.sensitive }))
            })
            .collect();
        context.visits.extend(known);
    }
    // Of those that no visit is shown of, the labels count all the same.
    ids.retain(|id| !context.visits.contains_key(id) && !context.sensitive_encounters.contains(id));
    for chunk in ids.chunks(CHUNK) {
        let stored = fhir_resource::Entity::find()
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .filter(fhir_resource::Column::ResourceType.eq("Encounter"));
        for row in stored.all(context.tx).await? {
            let labels = labels::of(&serde_json::from_str(&row.body).unwrap_or_default());
            if labels.sensitive || labels.withheld() {
                context.sensitive_encounters.insert(row.id);
            }
        }
    }
    Ok(())
}
