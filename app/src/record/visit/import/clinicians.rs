//! Who was, or will be, at a visit.

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use crate::record::{
    fhir,
    import::{CHUNK, Context, Incoming, insert_all},
    visit::entity::visit_clinician,
};

/// Who was, or will be, at the visits of one import.
#[derive(Default)]
pub(super) struct AtVisits {
    /// The visits that are new and not written yet.
    pub unwritten: HashSet<Uuid>,
    visits: Vec<Uuid>,
    seen: Vec<Seen>,
}

/// Somebody who was, or will be, at a visit.
struct Seen {
    visit: Uuid,
    clinician: Uuid,
    role: Option<String>,
    position: i32,
}

impl AtVisits {
    pub(super) fn clinicians_of(&self, visit: Uuid) -> Vec<Uuid> {
        self.seen.iter().filter(|found| found.visit == visit).map(|found| found.clinician).collect()
    }

    /// Whoever was at a visit that is gone.
    pub(super) fn forget(&mut self, visit: Uuid) {
        self.seen.retain(|found| found.visit != visit);
    }
}

pub(super) fn add<'a>(
    context: &mut Context<'_>,
    row: Incoming<'_>,
    visit: Uuid,
    people: impl Iterator<Item = (&'a Value, Option<String>)>,
    at: &mut AtVisits,
) {
    at.visits.push(visit);
    at.seen.retain(|found| found.visit != visit);
    for (position, (reference, role)) in (0..).zip(people) {
        if let Some(clinician) = context.links.resolve(row.id, reference)
            && !at.seen.iter().any(|found| found.visit == visit && found.clinician == clinician)
        {
            at.seen.push(Seen { visit, clinician, role, position });
        }
    }
}

/// The names of those of whom nobody is known but the name.
pub(super) fn named<'a>(context: &mut Context<'_>, row: Incoming<'_>, people: impl Iterator<Item = &'a Value>) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for reference in people {
        let name = reference["display"].as_str().map(fhir::person).filter(|name| !name.is_empty() && !names.contains(name));
        if let Some(name) = name
            && context.links.resolve(row.id, reference).is_none()
        {
            names.push(name);
        }
    }
    Some(names.join(", ")).filter(|names| !names.is_empty())
}

pub(super) async fn write(context: &Context<'_>, AtVisits { visits, seen, .. }: AtVisits) -> Result<(), DbErr> {
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
