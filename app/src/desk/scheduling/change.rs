//! Changing visits that are booked: who may still do what until when, cancelling, confirming.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    entity::{booking, fast_pass_entry, visit_kind},
    hours::Slot,
    kinds,
    model::{Freed, Happened},
    problem, put, waiting,
};
use crate::{
    access::{Grant, Permission, policy::BookVisits},
    base::{clock::local_date, error::Error, i18n::Texts, ids::PatientId},
    desk::outgoing::{model::ActKind, store::announce},
    people::patient::with_merged,
    record::{
        care_team::entity::clinician,
        visit::{
            entity::{visit, visit_clinician},
            model::Status,
            taken,
        },
    },
};

/// A visit that came in is moved and cancelled until so many hours before, where its kind says nothing.
pub const CUTOFF_HOURS: i32 = 24;
/// Visits are confirmed from so many days before.
pub const CONFIRM_DAYS: i64 = 7;

/// Who does something to a visit.
#[derive(Clone, Debug)]
pub struct Actor {
    pub account: Option<Uuid>,
    pub name: String,
    /// What a proxy is to the patient, or the role of somebody of the staff, as it is stored.
    pub role: Option<String>,
}

impl Actor {
    /// The patient, or somebody for them.
    ///
    /// # Errors
    /// `SignInNeeded` when nobody is signed in.
    pub fn patients_side<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Self, Error> {
        let holder = grant.holder()?;
        let role = grant.relationship().map(|relationship| relationship.as_str().to_owned());
        Ok(Self { account: Some(holder.account.0), name: holder.name.clone(), role })
    }

    /// Somebody of the staff.
    ///
    /// # Errors
    /// `SignInNeeded` when nobody is signed in.
    pub fn staff<P: Permission>(grant: &Grant<P>) -> Result<Self, Error> {
        let holder = grant.holder()?;
        let role = holder.staff.map(|role| role.as_str().to_owned());
        Ok(Self { account: Some(holder.account.0), name: holder.name.clone(), role })
    }
}

/// A time in words of whoever reads it, by the clock of the place.
pub fn at_words(at: DateTime<Utc>, zone: Tz) -> impl Fn(Texts) -> String + Clone + Send + Sync {
    move |t| t.date_and_time(at, &zone)
}

/// Whoever changes the times of these clinicians waits for whoever does it now: in one order, so that no two wait for each other. On
/// SQLite a transaction that writes is alone anyway.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, clinicians: &[Uuid]) -> Result<(), DbErr> {
    let mut query = clinician::Entity::find()
        .select_only()
        .column(clinician::Column::Id)
        .filter(clinician::Column::Id.is_in(clinicians.iter().copied()))
        .order_by_asc(clinician::Column::Id);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.into_tuple::<Uuid>().all(tx).await?;
    Ok(())
}

/// A visit of this chart that the grant lets be seen, with what the portal knows of it.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn visit_of<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    id: Uuid,
) -> Result<(visit::Model, Option<booking::Model>), Error> {
    let charts = with_merged(grant.patient().0).into_query();
    let visits = visit::Entity::find_by_id(id).filter(visit::Column::PatientId.in_subquery(charts));
    let visit = visits.one(grant.db()).await?.filter(|visit| grant.sees_sensitive() || !visit.sensitive).ok_or(Error::NotFound)?;
    let booking = booking::Entity::find_by_id(id).one(grant.db()).await?;
    Ok((visit, booking))
}

/// What the portal knows of a visit, or would know of one that came in.
///
/// # Errors
/// `NotFound` of one without a clinician or a department.
pub async fn known(db: &impl ConnectionTrait, visit: &visit::Model, booking: Option<booking::Model>, now: DateTime<Utc>) -> Result<booking::Model, Error> {
    if let Some(found) = booking {
        return Ok(found);
    }
    let with = visit_clinician::Entity::find()
        .filter(visit_clinician::Column::VisitId.eq(visit.id))
        .order_by_asc(visit_clinician::Column::Position)
        .one(db)
        .await?;
    Ok(booking::Model {
        visit_id: visit.id,
        patient_id: visit.patient_id,
        kind_id: None,
        department_id: visit.department_id.unwrap_or_default(),
        clinician_id: with.map(|with| with.clinician_id).unwrap_or_default(),
        slot_id: None,
        phone: None,
        interpreter: None,
        needs: None,
        insurance_same: None,
        order_id: None,
        request_id: None,
        overbooked: false,
        made_here: false,
        account_id: None,
        author: String::new(),
        role: None,
        made_at: visit.requested_at.unwrap_or(now),
        changed_at: now,
        confirmed_at: None,
        confirmed_by: None,
        cancelled_at: None,
        cancelled_by: None,
        cancelled_role: None,
        acknowledged_at: None,
    })
}

/// What may be done with a visit now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Until when it may be moved, and cancelled without a call; none where it is over or off.
    pub cutoff: Option<DateTime<Utc>>,
    pub cancel: bool,
    /// Before the cut-off.
    pub change: bool,
    pub confirm: bool,
}

impl May {
    /// `now` is compared as an instant, days as days of the place.
    pub fn of(visit: &visit::Model, booking: Option<&booking::Model>, kind: Option<&visit_kind::Model>, now: DateTime<Utc>, zone: Tz) -> Self {
        let is_on = matches!(visit.status, Status::Booked | Status::Requested);
        let Some(starts_at) = visit.starts_at.filter(|starts_at| is_on && *starts_at > now) else { return Self::default() };
        let cutoff = starts_at - TimeDelta::hours(kind.map_or(CUTOFF_HOURS, |kind| kind.cutoff_hours).into());
        let (day, today) = (local_date(starts_at, &zone), local_date(now, &zone));
        let confirmed = booking.is_some_and(|booking| booking.confirmed_at.is_some());
        Self {
            cutoff: Some(cutoff),
            cancel: true,
            change: now < cutoff,
            confirm: visit.status == Status::Booked && !confirmed && today < day && day - today <= TimeDelta::days(CONFIRM_DAYS),
        }
    }
}

/// The kind of a visit, where it was booked as one.
///
/// # Errors
/// When the database fails.
pub async fn kind_of(db: &impl ConnectionTrait, booking: Option<&booking::Model>) -> Result<Option<visit_kind::Model>, DbErr> {
    match booking.and_then(|booking| booking.kind_id) {
        Some(id) => kinds::kind(db, id).await,
        None => Ok(None),
    }
}

/// A visit that may be moved now.
///
/// # Errors
/// `NotFound` when it is not of this chart; `Invalid` when it is too late, or it is off.
pub async fn movable(grant: &Grant<BookVisits>, id: Uuid) -> Result<(visit::Model, booking::Model), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let kind = kind_of(grant.db(), booking.as_ref()).await?;
    let may = May::of(&visit, booking.as_ref(), kind.as_ref(), grant.now().instant, grant.zone());
    if may.cutoff.is_none() {
        return Err(Error::form(problem::CHANGED));
    }
    if !may.change {
        return Err(Error::form(problem::TOO_LATE));
    }
    let known = known(grant.db(), &visit, booking, grant.now().instant).await?;
    Ok((visit, known))
}

/// What the portal knows of a visit after the lock was had: somebody may have changed it before.
///
/// # Errors
/// When the database fails.
pub async fn as_it_is(tx: &impl ConnectionTrait, before: booking::Model) -> Result<booking::Model, DbErr> {
    Ok(booking::Entity::find_by_id(before.visit_id).one(tx).await?.unwrap_or(before))
}

/// Calls a visit off.
///
/// # Errors
/// `Invalid` when it is off, over, or was moved meanwhile.
pub async fn cancel(
    tx: &impl ConnectionTrait,
    visit: &visit::Model,
    booking: booking::Model,
    actor: &Actor,
    words: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    lock(tx, &[booking.clinician_id]).await?;
    let booking = as_it_is(tx, booking).await?;
    let off = visit::ActiveModel { status: Set(Status::Cancelled), cancel_reason: Set(words.clone()), ..Default::default() };
    let mut done = visit::Entity::update_many()
        .set(off)
        .filter(visit::Column::Id.eq(visit.id))
        .filter(visit::Column::Status.is_in([Status::Booked, Status::Requested]));
    done = match visit.starts_at {
        Some(at) => done.filter(visit::Column::StartsAt.eq(at)),
        None => done.filter(visit::Column::StartsAt.is_null()),
    };
    if done.exec(tx).await?.rows_affected == 0 {
        return Err(Error::form(problem::CHANGED));
    }
    taken::release(tx, visit.id).await?;
    let freed = visit.starts_at.zip(visit.ends_at).map(|(starts_at, ends_at)| Slot {
        starts_at,
        ends_at,
        clinician: booking.clinician_id,
        department: booking.department_id,
        slot_id: booking.slot_id,
    });
    if let Some(freed) = freed {
        put::became_free(tx, &freed, Freed::Cancelled, now).await?;
    }
    let row = booking::Model {
        cancelled_at: Some(now),
        cancelled_by: Some(actor.name.clone()),
        cancelled_role: actor.role.clone(),
        changed_at: now,
        ..booking
    };
    put::keep(tx, row).await?;
    put::happened(tx, visit.id, Happened::Cancelled, actor, (visit.starts_at, None), words, now).await?;
    fast_pass_entry::Entity::update_many()
        .col_expr(fast_pass_entry::Column::On, Expr::value(false))
        .filter(fast_pass_entry::Column::VisitId.eq(visit.id))
        .exec(tx)
        .await?;
    waiting::look_anew(tx, visit.patient_id, visit.id, now).await?;
    announce(tx, ActKind::Appointment, visit.id, now).await?;
    Ok(())
}

/// Says that the person comes. Twice is once.
///
/// # Errors
/// `Invalid` when it is not the time for it, or the visit is off.
pub async fn confirm(
    tx: &impl ConnectionTrait,
    visit: &visit::Model,
    booking: booking::Model,
    actor: &Actor,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(), Error> {
    lock(tx, &[booking.clinician_id]).await?;
    let booking = as_it_is(tx, booking).await?;
    if booking.confirmed_at.is_some() && visit.status == Status::Booked {
        return Ok(());
    }
    if !May::of(visit, Some(&booking), None, now, zone).confirm {
        return Err(Error::form(if visit.status == Status::Booked { problem::NOT_YET } else { problem::CHANGED }));
    }
    let booked = visit::Entity::find_by_id(visit.id).filter(visit::Column::Status.eq(Status::Booked));
    if booked.one(tx).await?.is_none_or(|found| found.starts_at != visit.starts_at) {
        return Err(Error::form(problem::CHANGED));
    }
    let row = booking::Model { confirmed_at: Some(now), confirmed_by: Some(actor.name.clone()), changed_at: now, ..booking };
    put::keep(tx, row).await?;
    put::happened(tx, visit.id, Happened::Confirmed, actor, (None, visit.starts_at), None, now).await?;
    announce(tx, ActKind::Appointment, visit.id, now).await?;
    Ok(())
}
