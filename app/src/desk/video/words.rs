//! "Join the video visit", in lists of visits.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::video_room,
    model::{Gate, Way, gate},
    offices::{self, VideoOffice},
    room::facts,
};
use crate::{
    platform::batch::{Batch, Rows},
    record::visit::{entity::visit, model::Kind},
};

/// The page below that of the visit. It is loaded as a whole: it has a script and permissions of its own.
pub const PAGE: &str = "video";

/// No department opens its visits earlier.
const EARLIEST: TimeDelta = TimeDelta::hours(2);

/// Asks which of these visits can be joined now.
pub fn ask(
    batch: &mut Batch,
    visits: &[&visit::Model],
    now: DateTime<Utc>,
) -> impl FnOnce(&mut Rows) -> Result<HashSet<Uuid>, DbErr> + use<> {
    let near = |visit: &&&visit::Model| {
        visit.kind == Kind::Video && visit.starts_at.is_some_and(|at| at - now <= EARLIEST && now - at < TimeDelta::days(1))
    };
    let visits: Vec<visit::Model> = visits.iter().filter(near).map(|visit| (*visit).clone()).collect();
    let asked = (!visits.is_empty()).then(|| {
        let offices = offices::ask(batch, visits.iter().filter_map(|visit| visit.department_id).collect());
        let ids = visits.iter().map(|visit| visit.id);
        (offices, batch.ask(video_room::Entity::find().filter(video_room::Column::VisitId.is_in(ids))))
    });
    move |answers| {
        let Some((offices, rooms)) = asked else { return Ok(HashSet::new()) };
        let (offices, rooms) = (offices(answers)?, answers.take(rooms)?);
        let is_open = |visit: &&visit::Model| {
            let office = visit.department_id.and_then(|id| offices.get(&id).copied()).unwrap_or(VideoOffice::NONE);
            let room = rooms.iter().find(|room| room.visit_id == visit.id);
            let has_way = office.way(visit.join_url.as_deref()) != Way::Unknown;
            has_way && gate(&facts(visit, room), office.opens_minutes, now) == Gate::Open
        };
        Ok(visits.iter().filter(is_open).map(|visit| visit.id).collect())
    }
}
