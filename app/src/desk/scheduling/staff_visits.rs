//! The staff's side of visits: cancelling, booking for patients, putting somebody first, what no longer fits.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    act::{Actor, at_words, first_name, lock},
    book::{offered, parse_slot},
    change, email,
    entity::{booking, fast_pass_entry, scheduling_office, visit_kind, working_hours},
    free::HORIZON_DAYS,
    holding::MOST_REASON,
    hours::{Slot, is_within},
    kinds,
    known::known,
    model::Happened,
    problem,
    put::{self, Details, New},
    staff::{MOST_WORDS, departments, who},
    waiting,
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
    change::cancel(&tx, &visit, booking, &Actor::staff(grant)?, Some(words.trim().to_owned()), now).await?;
    let link = grant.link(&format!("/p/{}/visits/{id}", visit.patient_id));
    let whose = first_name(&tx, visit.patient_id).await?;
    if let Some(at) = visit.starts_at {
        tell_readers(
            &tx,
            grant,
            visit.patient_id,
            opens(visit.sensitive),
            email::cancelled(whose.clone(), at_words(at, grant.zone()), link),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A time that somebody of the staff chose for a patient who calls or stands at the desk.
pub struct ForPatient<'a> {
    pub kind: Uuid,
    /// As [`super::book::slot_value`] writes it.
    pub slot: &'a str,
    /// Why the patient comes, or why the office moves the visit.
    pub words: &'a str,
    /// Beside another visit, or outside of the hours, knowingly.
    pub overbook: bool,
}

/// What was chosen, when all of it holds.
struct Chosen {
    kind: visit_kind::Model,
    office: scheduling_office::Model,
    slot: Slot,
}

async fn chosen(grant: &Grant<ArrangeVisits>, wanted: &ForPatient<'_>) -> Result<Chosen, Error> {
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
    match wanted.words.trim() {
        "" => return Err(Error::field("words", Why::MISSING)),
        text if text.chars().count() > MOST_REASON => return Err(Error::field("words", problem::REASON_LONG)),
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
    Ok(Chosen { kind, office, slot })
}

/// Books for a patient.
///
/// # Errors
/// `NotFound` for a kind that no department of the caller has; `Invalid` with what is wrong.
pub async fn book_for(grant: &Grant<ArrangeVisits>, wanted: &ForPatient<'_>) -> Result<Uuid, Error> {
    let (Chosen { kind, office, slot }, now) = (chosen(grant, wanted).await?, grant.now().instant);
    let (visit, hold, actor) = (new_id(), new_id(), Actor::staff(grant)?);
    let tx = grant.begin().await?;
    lock(&tx, &[slot.clinician]).await?;
    if let Some(same) = same_visit(&tx, grant.patient().0, kind.id, slot.starts_at).await? {
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
        details: Details { reason: Some(wanted.words.trim().to_owned()), ..Details::default() },
        request: None,
        overbooked: wanted.overbook,
    };
    let sensitive = put::insert(&tx, &new, &actor, now).await?;
    let link = grant.link(&format!("/p/{}/visits/{visit}", grant.patient()));
    let whose = first_name(&tx, new.patient).await?;
    tell_readers(&tx, grant, new.patient, opens(sensitive), email::booked(whose, at_words(slot.starts_at, grant.zone()), link)).await?;
    tx.commit().await?;
    Ok(visit)
}

/// Gives a visit another time, with a reason that the patient reads. The new time is taken before the old one is free. Twice is once.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` when it is off or over, or with what is wrong.
pub async fn move_visit(grant: &Grant<ArrangeVisits>, id: Uuid, wanted: &ForPatient<'_>) -> Result<(), Error> {
    let ((visit, booking), now) = (visit_of(grant, id).await?, grant.now().instant);
    let Some(before) = visit.starts_at.filter(|at| *at > now) else { return Err(Error::form(problem::CHANGED)) };
    let booking = known(grant.db(), &visit, booking, now).await?;
    let (_, _, starts_at) = parse_slot(wanted.slot).ok_or(Error::field("slot", Why::MISSING))?;
    if before == starts_at && booking.kind_id == Some(wanted.kind) && wanted.slot.starts_with(&booking.clinician_id.to_string()) {
        return Ok(());
    }
    let Chosen { kind, office, slot } = chosen(grant, wanted).await?;
    let (hold, actor) = (new_id(), Actor::staff(grant)?);
    let tx = grant.begin().await?;
    lock(&tx, &[booking.clinician_id, slot.clinician]).await?;
    if !wanted.overbook && !taken::take(&tx, slot.stretch(), hold, Some(now), now).await? {
        return Err(Error::field("slot", problem::TAKEN));
    }
    let patient = visit.patient_id;
    let new = New {
        visit: id,
        patient,
        kind: &kind,
        office: &office,
        slot,
        from: hold,
        details: Details::default(),
        request: None,
        overbooked: wanted.overbook,
    };
    let words = Some(wanted.words.trim().to_owned());
    let sensitive = put::change(&tx, &visit, &booking, &new, (Happened::Moved, words), &actor, now).await?;
    waiting::look_anew(&tx, patient, id, now).await?;
    let (zone, link) = (grant.zone(), grant.link(&format!("/p/{patient}/visits/{id}")));
    let whose = first_name(&tx, patient).await?;
    let letter = email::moved(whose, at_words(before, zone), at_words(slot.starts_at, zone), link);
    tell_readers(&tx, grant, patient, opens(sensitive), letter).await?;
    tx.commit().await?;
    Ok(())
}

/// Who reads of a visit.
fn opens(sensitive: bool) -> impl Fn(Level) -> bool {
    move |level| level.sees_schedule() && (!sensitive || level.sees_sensitive())
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
