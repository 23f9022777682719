//! The staff's side of visits: cancelling, booking for patients, putting somebody first, what no longer fits.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    act::{Actor, at_words, lock},
    book::{offered, parse_slot},
    change, email,
    entity::{booking, fast_pass_entry, working_hours},
    hours::{Slot, is_within},
    kinds,
    known::known,
    problem,
    put::{self, Details, New},
    staff::{departments, who},
};
use crate::{
    access::{
        Grant, Level, Permission,
        policy::{ArrangeVisits, SeeSchedules},
    },
    base::{
        error::Error,
        ids::{PatientId, new_id},
        why::Why,
    },
    desk::office::tell::tell_readers,
    record::visit::{
        entity::{visit, visit_clinician},
        model::Status,
        taken,
    },
};

/// Whose a visit is, when it is one of the caller's departments.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn patient_of_visit(grant: &Grant<SeeSchedules>, id: Uuid) -> Result<PatientId, Error> {
    let found = visit::Entity::find_by_id(id).filter(visit::Column::DepartmentId.is_in(departments(grant).await?)).one(grant.db()).await?;
    Ok(PatientId(found.ok_or(Error::NotFound)?.patient_id))
}

/// A visit of this patient at one of the caller's departments, with what the portal knows of it.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn visit_of<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    id: Uuid,
) -> Result<(visit::Model, Option<booking::Model>), Error> {
    let visits = visit::Entity::find_by_id(id)
        .filter(visit::Column::PatientId.eq(grant.patient().0))
        .filter(visit::Column::DepartmentId.is_in(departments(grant).await?));
    let visit = visits.one(grant.db()).await?.ok_or(Error::NotFound)?;
    Ok((visit, booking::Entity::find_by_id(id).one(grant.db()).await?))
}

/// Calls a visit off, with a reason that the patient reads.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` without a reason, or when it is off or over.
pub async fn cancel(grant: &Grant<ArrangeVisits>, id: Uuid, words: &str) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    if words.trim().is_empty() {
        return Err(Error::field("words", Why::MISSING));
    }
    let now = grant.now().instant;
    let booking = known(grant.db(), &visit, booking, now).await?;
    let tx = grant.begin().await?;
    change::cancel(&tx, &visit, booking, &Actor::staff(grant)?, Some(words.trim().to_owned()), now).await?;
    let (sensitive, link) = (visit.sensitive, grant.link(&format!("/p/{}/visits/{id}", visit.patient_id)));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    if let Some(at) = visit.starts_at {
        tell_readers(&tx, grant, visit.patient_id, opens, email::cancelled(at_words(at, grant.zone()), link)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A visit that somebody of the staff books for a patient who calls or stands at the desk.
pub struct ForPatient<'a> {
    pub kind: Uuid,
    /// As [`super::book::slot_value`] writes it.
    pub slot: &'a str,
    pub reason: &'a str,
    /// Beside another visit, or outside of the hours, knowingly.
    pub overbook: bool,
}

/// Books for a patient.
///
/// # Errors
/// `NotFound` for a kind that no department of the caller has; `Invalid` with what is wrong.
pub async fn book_for(grant: &Grant<ArrangeVisits>, wanted: &ForPatient<'_>) -> Result<Uuid, Error> {
    let now = grant.now().instant;
    let kind = kinds::kind(grant.db(), wanted.kind).await?.ok_or(Error::field("kind", Why::MISSING))?;
    let (clinician, department, starts_at) = parse_slot(wanted.slot).ok_or(Error::field("slot", Why::MISSING))?;
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    let at = who(grant, kind.id, department).await?.into_iter().find(|at| at.clinician == clinician).ok_or(Error::NotFound)?;
    if wanted.reason.trim().is_empty() {
        return Err(Error::field("reason", Why::MISSING));
    }
    if starts_at <= now || starts_at.timestamp() % 300 != 0 {
        return Err(Error::field("slot", problem::NO_TIME));
    }
    let ends_at = starts_at + TimeDelta::minutes(kind.minutes.into());
    let slot = match offered(grant.db(), &kind, at, starts_at, (now, grant.zone()), None).await {
        Err(Error::Invalid(_)) if wanted.overbook => Slot { starts_at, ends_at, clinician, department, slot_id: None },
        found => found?,
    };
    let office = kinds::office(grant.db(), department).await?.ok_or(Error::NotFound)?;
    let (visit, hold, actor) = (new_id(), new_id(), Actor::staff(grant)?);
    let tx = grant.begin().await?;
    lock(&tx, &[clinician]).await?;
    if !wanted.overbook && !taken::take(&tx, slot.stretch(), hold, Some(now), now).await? {
        return Err(Error::field("slot", problem::TAKEN));
    }
    let new = New {
        visit,
        patient: grant.patient().0,
        kind: &kind,
        office: &office,
        slot,
        from: hold,
        details: Details { reason: Some(wanted.reason.trim().to_owned()), ..Details::default() },
        request: None,
        overbooked: wanted.overbook,
    };
    let sensitive = put::insert(&tx, &new, &actor, now).await?;
    let link = grant.link(&format!("/p/{}/visits/{visit}", grant.patient()));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    tell_readers(&tx, grant, new.patient, opens, email::booked(at_words(starts_at, grant.zone()), link)).await?;
    tx.commit().await?;
    Ok(visit)
}

/// Puts somebody who waits before the others, with a reason.
///
/// # Errors
/// `NotFound` for who does not wait; `Invalid` without a reason.
pub async fn mark_urgent(grant: &Grant<ArrangeVisits>, visit: Uuid, reason: &str) -> Result<(), Error> {
    let (found, _) = visit_of(grant, visit).await?;
    if reason.trim().is_empty() {
        return Err(Error::field("words", Why::MISSING));
    }
    let marked = fast_pass_entry::ActiveModel {
        urgent_by: Set(Some(grant.holder()?.name.clone())),
        urgent_reason: Set(Some(reason.trim().chars().take(500).collect())),
        urgent_at: Set(Some(grant.now().instant)),
        ..Default::default()
    };
    let on = fast_pass_entry::Entity::update_many()
        .set(marked)
        .filter(fast_pass_entry::Column::VisitId.eq(found.id))
        .filter(fast_pass_entry::Column::On.eq(true));
    if on.exec(grant.db()).await?.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Visits that are booked with a clinician and no longer lie within their hours, the earliest first.
///
/// # Errors
/// When the database fails.
pub async fn misfits(grant: &Grant<SeeSchedules>, clinician: Uuid) -> Result<Vec<visit::Model>, Error> {
    let hours = working_hours::Entity::find().filter(working_hours::Column::ClinicianId.eq(clinician)).all(grant.db()).await?;
    let with = visit_clinician::Entity::find()
        .select_only()
        .column(visit_clinician::Column::VisitId)
        .filter(visit_clinician::Column::ClinicianId.eq(clinician))
        .into_query();
    let visits = visit::Entity::find()
        .filter(visit::Column::Id.in_subquery(with))
        .filter(visit::Column::Status.is_in([Status::Booked, Status::Requested]))
        .filter(visit::Column::StartsAt.gt(grant.now().instant))
        .filter(visit::Column::DepartmentId.is_in(departments(grant).await?))
        .order_by_asc(visit::Column::StartsAt)
        .all(grant.db())
        .await?;
    let fits = |visit: &visit::Model| {
        let Some((starts_at, ends_at)) = visit.starts_at.zip(visit.ends_at) else { return true };
        let slot = Slot { starts_at, ends_at, clinician, department: visit.department_id.unwrap_or_default(), slot_id: None };
        is_within(&hours, &slot, &grant.zone())
    };
    Ok(visits.into_iter().filter(|visit| !fits(visit)).collect())
}
