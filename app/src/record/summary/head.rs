//! The head that summaries and notes of a visit share.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    access::{Grant, Permission},
    base::{
        clock::local_date,
        error::Error,
        ids::{PatientId, VisitId},
    },
    people::patient,
    record::{
        care_team::entity::{clinician, department},
        visit::{
            entity::{visit, visit_clinician},
            wire::{Clinician, Place, VisitHead},
        },
    },
};

/// The visit, if it is in the chart that was granted and not above the reader's level.
pub(crate) async fn visit<P: Permission<Scope = PatientId>>(grant: &Grant<P>, visit: VisitId) -> Result<visit::Model, Error> {
    visit::Entity::find_by_id(visit.0)
        .filter(visit::Column::PatientId.eq(grant.patient().0))
        .one(grant.db())
        .await?
        .filter(|found| grant.sees_sensitive() || !found.sensitive)
        .ok_or(Error::NotFound)
}

pub(crate) async fn of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: VisitId) -> Result<VisitHead, Error> {
    let (db, t, zone) = (grant.db(), grant.texts(), grant.zone());
    let visit = visit(grant, id).await?;
    let patient = patient::Entity::find_by_id(grant.patient().0).one(db).await?.ok_or(Error::NotFound)?;
    let place = match visit.department_id {
        Some(id) => department::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let seen = visit_clinician::Entity::find()
        .filter(visit_clinician::Column::VisitId.eq(visit.id))
        .order_by_asc(visit_clinician::Column::Position)
        .all(db)
        .await?;
    let mut names =
        clinician::Entity::find().filter(clinician::Column::Id.is_in(seen.iter().map(|seen| seen.clinician_id))).all(db).await?;
    names.sort_by_key(|found| seen.iter().position(|seen| seen.clinician_id == found.id));
    Ok(VisitHead {
        patient: grant.patient(),
        full_name: format!("{} {}", patient.given_name, patient.family_name),
        birth_date: t.date(patient.birth_date),
        title: visit.title,
        when: visit.starts_at.map(|at| format!("{}, {}", t.long_date(local_date(at, &zone)), t.time(at, &zone))),
        place: place.map(|found| Place { name: found.name, address: found.address, phone: found.phone }),
        clinicians: names.into_iter().map(|found| Clinician { name: found.name, specialty: found.specialty, phone: found.phone }).collect(),
    })
}
