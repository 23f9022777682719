//! The head that summaries and notes of a visit share.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    access::{Grant, Permission},
    base::{
        clock::local_date,
        error::Error,
        ids::{PatientId, VisitId},
    },
    record::{
        care_team::entity::{clinician, department},
        visit::{
            entity::{visit, visit_clinician},
            wire::{Clinician, Place, VisitHead},
        },
    },
};

/// The visit with its head, if it is in the chart that was granted and not above the reader's level. Two statements.
///
/// # Errors
/// `NotFound` when it is not.
pub(crate) async fn of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: VisitId) -> Result<(visit::Model, VisitHead), Error> {
    let (db, t, zone) = (grant.db(), grant.texts(), grant.zone());
    let found = visit::Entity::find_by_id(id.0)
        .filter(visit::Column::PatientId.eq(grant.patient().0))
        .find_also_related(department::Entity)
        .one(db)
        .await?;
    let (visit, place) = found.filter(|(visit, _)| grant.sees_sensitive() || !visit.sensitive).ok_or(Error::NotFound)?;
    let seen = visit_clinician::Entity::find()
        .find_also_related(clinician::Entity)
        .filter(visit_clinician::Column::VisitId.eq(visit.id))
        .order_by_asc(visit_clinician::Column::Position)
        .all(db)
        .await?;
    let clinicians = seen.into_iter().filter_map(|(_, found)| found);
    let person = grant.person()?;
    let head = VisitHead {
        patient: grant.patient(),
        full_name: person.full_name.clone(),
        birth_date: t.when_as_said(&person.born()),
        title: visit.title.clone(),
        when: visit.starts_at.map(|at| format!("{}, {}", t.long_date(local_date(at, &zone)), t.time(at, &zone))),
        place: place.map(|found| Place { name: found.name, address: found.address, phone: found.phone }),
        clinicians: clinicians
            .map(|found| Clinician { name: found.name, specialty: found.specialty, phone: found.phone })
            .chain(visit.named_clinicians.clone().map(|name| Clinician { name, specialty: None, phone: None }))
            .collect(),
    };
    Ok((visit, head))
}
