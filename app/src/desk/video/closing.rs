//! A visit ends: by its clinician, or by itself when everybody has left and its time is over.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    chat::settle,
    entity::{video_guest, video_participant, video_room, video_signal},
    model::{Gate, PLACE_KEPT, Refused, Role},
    room::{self, VideoVisit, people, people_changed},
    seat::Seat,
};
use crate::{
    access::{Grant, System, policy::UseVideoRoom},
    base::error::Error,
    desk::{
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            act::{Actor, lock},
            entity::booking,
            known::{as_it_is, keep, known},
            model::Happened,
            put,
        },
    },
    record::visit::{entity::visit, model::Status},
};

/// So long nobody is in a visit that has begun and whose time is over, before it ends by itself.
const ALONE: TimeDelta = TimeDelta::minutes(10);

/// Ends the visit for everybody.
///
/// # Errors
/// `NotAllowed` for everybody but a clinician.
pub async fn end(grant: &Grant<UseVideoRoom>, seat: &Seat) -> Result<(), Refused> {
    if seat.row.role != Role::Clinician {
        return Err(Refused::NotAllowed);
    }
    let role = Some(Role::Clinician.as_str().to_owned());
    let actor = Actor { account: seat.row.account_id, name: seat.row.name.clone(), role };
    let tx = grant.begin().await?;
    over(&tx, &seat.found.visit, &actor, grant.now().instant, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes that a visit is over since `at`. Twice is once.
async fn over(tx: &DatabaseTransaction, visit: &visit::Model, actor: &Actor, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Error> {
    let booking = booking::Entity::find_by_id(visit.id).one(tx).await?;
    let booking = known(tx, visit, booking, now).await?;
    lock(tx, &[booking.clinician_id]).await?;
    let booking = as_it_is(tx, booking).await?;
    let room = room::lock(tx, visit.id).await?;
    if room.ended_at.is_some() {
        return Ok(());
    }
    let ended = video_room::ActiveModel { ended_at: Set(Some(at)), ..Default::default() };
    video_room::Entity::update_many().set(ended).filter(video_room::Column::VisitId.eq(visit.id)).exec(tx).await?;
    settle(tx, visit.id).await?;
    video_signal::Entity::delete_many().filter(video_signal::Column::VisitId.eq(visit.id)).exec(tx).await?;
    let no_more = video_guest::ActiveModel { ended_at: Set(Some(at)), ended_by: Set(Some(actor.name.clone())), ..Default::default() };
    video_guest::Entity::update_many()
        .set(no_more)
        .filter(video_guest::Column::VisitId.eq(visit.id))
        .filter(video_guest::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    let outside = video_participant::ActiveModel { inside: Set(false), gone: Set(true), ..Default::default() };
    video_participant::Entity::update_many().set(outside).filter(video_participant::Column::VisitId.eq(visit.id)).exec(tx).await?;
    people_changed(tx, visit.id).await?;
    // Nobody met: what became of the visit, the office says.
    if room.begun_at.is_none() {
        return Ok(());
    }
    let finished = visit::ActiveModel { status: Set(Status::Finished), ..Default::default() };
    let once = visit::Entity::update_many().set(finished).filter(visit::Column::Id.eq(visit.id)).filter(visit::Column::Status.is_in([
        Status::Booked,
        Status::Arrived,
        Status::InProgress,
    ]));
    if once.exec(tx).await?.rows_affected == 1 {
        keep(tx, booking::Model { changed_at: now, ..booking }).await?;
        put::happened(tx, visit.id, Happened::Ended, actor, (None, visit.starts_at), None, at).await?;
        announce(tx, ActKind::Appointment, visit.id, now).await?;
    }
    Ok(())
}

/// Ends the rooms that are over and that nobody ended. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn close_over(system: &System, now: DateTime<Utc>) -> Result<usize, Error> {
    let rooms = video_room::Entity::find().filter(video_room::Column::EndedAt.is_null()).all(system.db()).await?;
    let ids = rooms.iter().map(|room| room.visit_id);
    let visits = visit::Entity::find().filter(visit::Column::Id.is_in(ids)).all(system.db()).await?;
    let mut closed = 0;
    for room in rooms {
        let Some(visit) = visits.iter().find(|visit| visit.id == room.visit_id) else {
            forget(system.db(), room.visit_id).await?;
            continue;
        };
        let found = VideoVisit::read(system.db(), visit.clone(), now).await?;
        let all = people(system.db(), visit.id).await?;
        // Pages are heard of in real time.
        let seen = all.iter().map(|one| one.seen_at).max().unwrap_or(DateTime::UNIX_EPOCH);
        let away = Utc::now() - seen;
        let is_left = room.begun_at.is_some() && visit.ends_at.is_some_and(|end| end < now) && away > ALONE;
        let is_over = !matches!(found.gate, Gate::Open | Gate::Early(_)) && away > PLACE_KEPT;
        if !is_left && !is_over {
            continue;
        }
        let clinician = all.iter().find(|one| one.role == Role::Clinician);
        let actor = Actor {
            account: clinician.and_then(|one| one.account_id),
            name: clinician.map(|one| one.name.clone()).unwrap_or_default(),
            role: Some(Role::Clinician.as_str().to_owned()),
        };
        let at = (now - away).clamp(room.begun_at.unwrap_or(DateTime::UNIX_EPOCH), now);
        let tx = system.begin().await?;
        over(&tx, visit, &actor, at, now).await?;
        tx.commit().await?;
        closed += 1;
    }
    Ok(closed)
}

/// Of a visit that is gone from the record nothing is left.
async fn forget(db: &impl ConnectionTrait, visit: Uuid) -> Result<(), DbErr> {
    video_signal::Entity::delete_many().filter(video_signal::Column::VisitId.eq(visit)).exec(db).await?;
    super::entity::video_chat::Entity::delete_many().filter(super::entity::video_chat::Column::VisitId.eq(visit)).exec(db).await?;
    video_participant::Entity::delete_many().filter(video_participant::Column::VisitId.eq(visit)).exec(db).await?;
    video_guest::Entity::delete_many().filter(video_guest::Column::VisitId.eq(visit)).exec(db).await?;
    video_room::Entity::delete_by_id(visit).exec(db).await?;
    Ok(())
}
