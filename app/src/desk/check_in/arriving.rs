//! Saying that one is there, and what comes then.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{
    entity::visit_arrival,
    model::{Arriving, Closed, Window, arriving},
    problem,
    store::CheckIn,
};
use crate::{
    access::{Grant, Permission, policy::CheckIn as MayCheckIn},
    base::{clock::local_date, error::Error, ids::PatientId},
    desk::{
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            act::{Actor, lock},
            hours::{DAY_MINUTES, instant},
            known::{as_it_is, keep, known},
            model::Happened,
            put,
        },
    },
    people::patient::with_merged,
    record::visit::{entity::visit, model::Status},
};

/// Says that the person is there. Twice is once.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart; `Invalid` when it is not the time for it, or the visit was changed meanwhile.
pub async fn arrive(grant: &Grant<MayCheckIn>, id: Uuid) -> Result<(), Error> {
    let found = CheckIn::of(grant, id).await?;
    let now = grant.now().instant;
    if found.window == Window::Closed(Closed::NotHere) {
        return Err(Error::form(problem::NOT_OPEN));
    }
    match arriving(&found.facts(), &found.office.rules, now) {
        Arriving::Open => {}
        Arriving::Closed(Closed::Arrived) => return Ok(()),
        _ => return Err(Error::form(problem::NOT_OPEN)),
    }
    let tx = grant.begin().await?;
    is_there(&tx, &found, &Actor::patients_side(grant)?, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes that somebody waits for a visit by video, which was found to be open for them. Twice is once.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart; `Invalid` when it was called off or moved meanwhile.
pub async fn comes_by_video<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid, actor: &Actor) -> Result<(), Error> {
    let found = CheckIn::of(grant, id).await?;
    if found.is_waiting() || found.visit.status != Status::Booked {
        return Ok(());
    }
    let tx = grant.begin().await?;
    is_there(&tx, &found, actor, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes that somebody is there.
///
/// # Errors
/// `Invalid` when the visit was called off or moved meanwhile.
pub(super) async fn is_there(tx: &DatabaseTransaction, found: &CheckIn, actor: &Actor, now: DateTime<Utc>) -> Result<(), Error> {
    let visit = &found.visit;
    let (Some(starts_at), Some(department)) = (visit.starts_at, visit.department_id) else { return Err(Error::NotFound) };
    let booking = known(tx, visit, found.booking.clone(), now).await?;
    lock(tx, &[booking.clinician_id]).await?;
    let booking = as_it_is(tx, booking).await?;
    let there = visit::ActiveModel { status: Set(Status::Arrived), ..Default::default() };
    let once = visit::Entity::update_many()
        .set(there)
        .filter(visit::Column::Id.eq(visit.id))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::StartsAt.eq(starts_at));
    if once.exec(tx).await?.rows_affected == 0 {
        let now = visit::Entity::find_by_id(visit.id).one(tx).await?;
        let twice = now.is_some_and(|now| now.status == Status::Arrived && now.starts_at == visit.starts_at);
        return if twice { Ok(()) } else { Err(Error::form(problem::CHANGED)) };
    }
    visit_arrival::Entity::delete_by_id(visit.id).exec(tx).await?;
    let row = visit_arrival::ActiveModel {
        visit_id: Set(visit.id),
        patient_id: Set(visit.patient_id),
        department_id: Set(department),
        starts_at: Set(starts_at),
        arrived_at: Set(now),
        author: Set(actor.name.clone()),
        role: Set(actor.role.clone()),
        called_at: Set(None),
        called_to: Set(None),
        called_by: Set(None),
    };
    visit_arrival::Entity::insert(row).exec_without_returning(tx).await?;
    keep(tx, crate::desk::scheduling::entity::booking::Model { changed_at: now, ..booking }).await?;
    put::happened(tx, visit.id, Happened::Arrived, actor, (None, Some(starts_at)), None, now).await?;
    announce(tx, ActKind::Appointment, visit.id, now).await?;
    Ok(())
}

/// How many are there at the same department for an earlier time of this day, or came earlier for the same, and were not asked in yet.
///
/// # Errors
/// When the database fails.
pub async fn ahead(db: &impl ConnectionTrait, own: &visit_arrival::Model, zone: &Tz) -> Result<u64, DbErr> {
    let day = local_date(own.starts_at, zone);
    let from = instant(day, 0, zone).unwrap_or(own.starts_at);
    let before = sea_orm::Condition::any().add(visit_arrival::Column::StartsAt.lt(own.starts_at)).add(
        sea_orm::Condition::all()
            .add(visit_arrival::Column::StartsAt.eq(own.starts_at))
            .add(visit_arrival::Column::ArrivedAt.lt(own.arrived_at)),
    );
    let waiting = visit::Entity::find()
        .select_only()
        .column(visit::Column::Id)
        .filter(visit::Column::Status.is_in([Status::Arrived, Status::Booked]))
        .into_query();
    visit_arrival::Entity::find()
        .filter(visit_arrival::Column::DepartmentId.eq(own.department_id))
        .filter(visit_arrival::Column::StartsAt.gte(from))
        .filter(visit_arrival::Column::CalledAt.is_null())
        .filter(visit_arrival::Column::VisitId.in_subquery(waiting))
        .filter(before)
        .count(db)
        .await
}

/// The visits of these people on the day of the place, for whoever stands at its door; those that the caller may not see are not there.
///
/// # Errors
/// When the database fails.
pub async fn of_today(people: &[Grant<MayCheckIn>]) -> Result<Vec<(&Grant<MayCheckIn>, CheckIn)>, Error> {
    let mut found = Vec::new();
    for grant in people {
        for id in visits_of_today(grant).await? {
            // One that is sensitive is left out of what was not shared.
            match CheckIn::of(grant, id).await {
                Ok(one) => found.push((grant, one)),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    found.sort_by_key(|(_, one)| one.visit.starts_at);
    Ok(found)
}

async fn visits_of_today<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Vec<Uuid>, Error> {
    let (today, zone) = (grant.now().today, grant.zone());
    let (Some(from), Some(until)) = (instant(today, 0, &zone), instant(today, DAY_MINUTES, &zone)) else { return Ok(Vec::new()) };
    Ok(visit::Entity::find()
        .select_only()
        .column(visit::Column::Id)
        .filter(visit::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()))
        .filter(visit::Column::StartsAt.gte(from))
        .filter(visit::Column::StartsAt.lt(until))
        .filter(visit::Column::Status.is_not_in([Status::Finished, Status::NoShow]))
        .order_by_asc(visit::Column::StartsAt)
        .into_tuple()
        .all(grant.db())
        .await?)
}
