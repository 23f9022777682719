//! The staff's side of visits: cancelling, booking for patients, putting somebody first, what no longer fits.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    act::{Actor, at_words, first_name, lock},
    book::{offered, parse_slot},
    change, email,
    entity::{booking, fast_pass_entry, working_hours},
    free::HORIZON_DAYS,
    holding::MOST_REASON,
    hours::{Slot, is_within},
    kinds,
    known::known,
    problem,
    put::{self, Details, New},
    staff::{MOST_WORDS, departments, who},
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
    people::patient,
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
    match words.trim() {
        "" => return Err(Error::field("words", Why::MISSING)),
        text if text.chars().count() > MOST_WORDS => return Err(Error::field("words", Why::TOO_LONG)),
        _ => {}
    }
    let now = grant.now().instant;
    let booking = known(grant.db(), &visit, booking, now).await?;
    let tx = grant.begin().await?;
    change::cancel(&tx, &visit, booking, &Actor::staff(grant)?, Some(words.trim().replace("\r\n", "\n")), now).await?;
    let (sensitive, link) = (visit.sensitive, grant.link(&format!("/p/{}/visits/{id}", visit.patient_id)));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let whose = first_name(&tx, visit.patient_id).await?;
    if let Some(at) = visit.starts_at {
        tell_readers(&tx, grant, visit.patient_id, opens, email::cancelled(whose.clone(), at_words(at, grant.zone()), link)).await?;
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
    let person = patient::current(grant.db(), grant.patient().0).await?.ok_or(Error::NotFound)?;
    if kind.retired_at.is_some() || !kinds::fits_age(&kind, &person, grant.now().today) {
        return Err(Error::form(problem::NOT_OFFERED));
    }
    let (clinician, department, starts_at) = parse_slot(wanted.slot).ok_or(Error::field("slot", Why::MISSING))?;
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    let at = who(grant, kind.id, department).await?.into_iter().find(|at| at.clinician == clinician).ok_or(Error::NotFound)?;
    match wanted.reason.trim() {
        "" => return Err(Error::field("reason", Why::MISSING)),
        text if text.chars().count() > MOST_REASON => return Err(Error::field("reason", problem::REASON_LONG)),
        _ => {}
    }
    if starts_at <= now || starts_at.timestamp() % 300 != 0 || starts_at > now + TimeDelta::days(HORIZON_DAYS) {
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
    if let Some(same) = same_visit(&tx, grant.patient().0, kind.id, starts_at).await? {
        return Ok(same);
    }
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
    let whose = first_name(&tx, new.patient).await?;
    tell_readers(&tx, grant, new.patient, opens, email::booked(whose.clone(), at_words(starts_at, grant.zone()), link)).await?;
    tx.commit().await?;
    Ok(visit)
}

/// The visit of this kind that the patient has at this time already: twice is once.
async fn same_visit(tx: &DatabaseTransaction, patient: Uuid, kind: Uuid, at: DateTime<Utc>) -> Result<Option<Uuid>, Error> {
    let there = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(patient))
        .filter(visit::Column::StartsAt.eq(at))
        .filter(visit::Column::Status.is_in([Status::Booked, Status::Requested]))
        .all(tx)
        .await?;
    let bookings = booking::Entity::find().filter(booking::Column::VisitId.is_in(there.iter().map(|visit| visit.id))).all(tx).await?;
    Ok(bookings.into_iter().find(|row| row.kind_id == Some(kind)).map(|row| row.visit_id))
}

/// Puts somebody who waits before the others, with a reason.
///
/// # Errors
/// `NotFound` for who does not wait; `Invalid` without a reason.
pub async fn mark_urgent(grant: &Grant<ArrangeVisits>, visit: Uuid, reason: &str) -> Result<(), Error> {
    let (found, _) = visit_of(grant, visit).await?;
    match reason.trim() {
        "" => return Err(Error::field("words", Why::MISSING)),
        text if text.chars().count() > MOST_REASON => return Err(Error::field("words", problem::REASON_LONG)),
        _ => {}
    }
    let marked = fast_pass_entry::ActiveModel {
        urgent_by: Set(Some(grant.holder()?.name.clone())),
        urgent_reason: Set(Some(reason.trim().to_owned())),
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
