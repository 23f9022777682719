//! Changing visits that are booked: moving, cancelling, confirming.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    act::{Actor, May, kind_of, lock, visit_of},
    entity::{booking, fast_pass_entry},
    hours::Slot,
    known::{as_it_is, keep, known},
    model::{Freed, Happened},
    problem, put, waiting,
};
use crate::{
    access::{Grant, policy::BookVisits},
    base::error::Error,
    desk::outgoing::{model::ActKind, store::announce},
    record::visit::{entity::visit, model::Status, taken},
};

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
    if visit.starts_at.is_some_and(|at| at <= now) {
        return Err(Error::form(problem::CHANGED));
    }
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
        taken::pass_on(tx, freed.stretch(), now).await?;
        put::became_free(tx, &freed, Freed::Cancelled, now).await?;
    }
    let row = booking::Model {
        cancelled_at: Some(now),
        cancelled_by: Some(actor.name.clone()),
        cancelled_role: actor.role.clone(),
        changed_at: now,
        ..booking
    };
    keep(tx, row).await?;
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
    keep(tx, row).await?;
    put::happened(tx, visit.id, Happened::Confirmed, actor, (None, visit.starts_at), None, now).await?;
    announce(tx, ActKind::Appointment, visit.id, now).await?;
    Ok(())
}
