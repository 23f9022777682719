//! The staff's side: the visits by video of a day, and who waits since when.

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::{video_participant, video_room},
    offices::{VideoOffice, offices},
    room::{VideoVisit, facts},
};
use crate::{
    access::{
        Grant, Permission,
        policy::{OpenVisit, SeeSchedules},
    },
    base::{error::Error, ids::PatientId},
    desk::{
        check_in::entity::visit_arrival,
        scheduling::{
            hours::{DAY_MINUTES, instant},
            staff::departments,
            staff_visits::visit_of,
        },
    },
    people::patient,
    record::visit::{
        entity::visit,
        model::{Kind, Status},
    },
};

/// So long before and after now visits are shown, whichever day it is.
const AROUND: TimeDelta = TimeDelta::hours(2);

/// A visit by video as its office sees it.
pub struct OfDay {
    pub found: VideoVisit,
    pub person: patient::Model,
    pub arrival: Option<visit_arrival::Model>,
    pub people: Vec<video_participant::Model>,
}

/// Those of a day at the caller's departments, the earliest first.
///
/// # Errors
/// When the database fails.
pub async fn day(grant: &Grant<SeeSchedules>, on: NaiveDate) -> Result<Vec<OfDay>, Error> {
    let (db, zone, now) = (grant.db(), grant.zone(), grant.now().instant);
    let mine = departments(grant).await?;
    let (Some(from), Some(until)) = (instant(on, 0, &zone), instant(on, DAY_MINUTES, &zone)) else { return Ok(Vec::new()) };
    // Around midnight, also those that are open.
    let (from, until) = (from.min(now - AROUND), until.max(now + AROUND));
    let visits = visit::Entity::find()
        .filter(visit::Column::DepartmentId.is_in(mine.iter().copied()))
        .filter(visit::Column::StartsAt.gte(from))
        .filter(visit::Column::StartsAt.lt(until))
        .filter(visit::Column::Kind.eq(Kind::Video))
        .filter(visit::Column::Status.is_not_in([Status::Cancelled, Status::Requested]))
        .order_by_asc(visit::Column::StartsAt)
        .all(db)
        .await?;
    let ids = || visits.iter().map(|visit| visit.id);
    let offices = offices(db, &mine).await?;
    let rooms = video_room::Entity::find().filter(video_room::Column::VisitId.is_in(ids())).all(db).await?;
    let arrivals = visit_arrival::Entity::find().filter(visit_arrival::Column::VisitId.is_in(ids())).all(db).await?;
    let places = video_participant::Entity::find().filter(video_participant::Column::VisitId.is_in(ids())).all(db).await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(visits.iter().map(|visit| visit.patient_id))).all(db).await?;
    let of = |visit: visit::Model| {
        let person = people.iter().find(|person| person.id == visit.patient_id)?.clone();
        let office = visit.department_id.and_then(|id| offices.get(&id).copied()).unwrap_or(VideoOffice::NONE);
        let room = rooms.iter().find(|room| room.visit_id == visit.id).cloned();
        let gate = super::model::gate(&facts(&visit, room.as_ref()), office.opens_minutes, now);
        let arrival = arrivals.iter().find(|row| row.visit_id == visit.id && Some(row.starts_at) == visit.starts_at).cloned();
        let people = places.iter().filter(|one| one.visit_id == visit.id).cloned().collect();
        let found = VideoVisit { way: office.way(visit.join_url.as_deref()), gate, office, room, visit };
        Some(OfDay { found, person, arrival, people })
    };
    Ok(visits.into_iter().filter_map(of).collect())
}

/// One of them.
///
/// # Errors
/// `NotFound` for a visit of other departments, or that is none by video.
pub async fn of_visit(grant: &Grant<OpenVisit>, id: Uuid) -> Result<OfDay, Error> {
    let found = video_visit(grant, id).await?;
    let person = patient::current(grant.db(), found.visit.patient_id).await?.ok_or(Error::NotFound)?;
    let arrival = visit_arrival::Entity::find_by_id(id).one(grant.db()).await?;
    let people = super::room::people(grant.db(), id).await?;
    Ok(OfDay { found, person, arrival, people })
}

/// The same, without who is there.
///
/// # Errors
/// As [`of_visit`].
pub async fn video_visit<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<VideoVisit, Error> {
    let (visit, _) = visit_of(grant, id).await?;
    if visit.kind != Kind::Video {
        return Err(Error::NotFound);
    }
    Ok(VideoVisit::read(grant.db(), visit, grant.now().instant).await?)
}
