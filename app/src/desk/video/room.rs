//! A visit by video with its room.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{video_participant, video_room},
    model::{Facts, Gate, Way, gate},
    offices::{self, VideoOffice},
};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId},
    desk::scheduling::act::visit_of,
    platform::batch::{Batch, Rows, alone},
    record::visit::{entity::visit, model::Kind},
};

/// A visit by video: where it is held, and whether somebody may come in now.
pub struct VideoVisit {
    pub visit: visit::Model,
    pub office: VideoOffice,
    pub way: Way,
    pub gate: Gate,
    pub room: Option<video_room::Model>,
}

impl VideoVisit {
    /// # Errors
    /// `NotFound` for a visit that is not of this chart, that the grant does not let be seen, or that is none by video.
    pub async fn of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<Self, Error> {
        let (visit, _) = visit_of(grant, id).await?;
        if visit.kind != Kind::Video {
            return Err(Error::NotFound);
        }
        Ok(Self::read(grant.db(), visit, grant.now().instant).await?)
    }

    /// # Errors
    /// When the database fails.
    pub(super) async fn read(db: &impl ConnectionTrait, visit: visit::Model, now: DateTime<Utc>) -> Result<Self, DbErr> {
        alone(db, |batch| Self::ask(batch, visit, now)).await
    }

    /// Asks for the room of a visit by video that the caller was let see.
    pub fn ask(batch: &mut Batch, visit: visit::Model, now: DateTime<Utc>) -> impl FnOnce(&mut Rows) -> Result<Self, DbErr> + use<> {
        let office = visit.department_id.map(|id| offices::ask(batch, vec![id]));
        let room = batch.ask(video_room::Entity::find_by_id(visit.id));
        move |answers| {
            let office = office.map(|office| office(answers)).transpose()?.unwrap_or_default();
            let office = office.into_values().next().unwrap_or(VideoOffice::NONE);
            let room = answers.take(room)?.pop();
            let gate = gate(&facts(&visit, room.as_ref()), office.opens_minutes, now);
            Ok(Self { way: office.way(visit.join_url.as_deref()), gate, office, visit, room })
        }
    }

    /// The link outside, while somebody may come in: nobody else reads it.
    pub fn link(&self) -> Option<&str> {
        match &self.way {
            Way::Outside(url) if self.gate == Gate::Open => Some(url),
            _ => None,
        }
    }
}

pub(super) fn facts(visit: &visit::Model, room: Option<&video_room::Model>) -> Facts {
    Facts {
        status: visit.status,
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
        ended: room.is_some_and(|room| room.ended_at.is_some()),
    }
}

/// The room of a visit: whoever else writes into it waits. After the lock of clinicians, so that no two wait for each other.
///
/// # Errors
/// When the database fails.
pub(super) async fn lock(tx: &DatabaseTransaction, visit: Uuid) -> Result<video_room::Model, DbErr> {
    let new = video_room::ActiveModel {
        visit_id: Set(visit),
        last_number: Set(0),
        people_number: Set(0),
        closed: Set(false),
        begun_at: Set(None),
        ended_at: Set(None),
        chat_kept: Set(false),
    };
    let known = OnConflict::column(video_room::Column::VisitId).do_nothing().to_owned();
    video_room::Entity::insert(new).on_conflict(known).exec_without_returning(tx).await?;
    let mut query = video_room::Entity::find_by_id(visit);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx).await?.ok_or(DbErr::RecordNotFound("a room that was just written".into()))
}

/// Takes the next number of what is said in a locked room.
///
/// # Errors
/// When the database fails.
pub(super) async fn next_number(tx: &DatabaseTransaction, room: &video_room::Model) -> Result<i64, DbErr> {
    let number = room.last_number + 1;
    video_room::Entity::update_many()
        .col_expr(video_room::Column::LastNumber, Expr::value(number))
        .filter(video_room::Column::VisitId.eq(room.visit_id))
        .exec(tx)
        .await?;
    Ok(number)
}

/// Says that somebody came, left, or changed something: open pages look again.
///
/// # Errors
/// When the database fails.
pub(super) async fn people_changed(tx: &impl ConnectionTrait, visit: Uuid) -> Result<(), DbErr> {
    video_room::Entity::update_many()
        .col_expr(video_room::Column::PeopleNumber, Expr::col(video_room::Column::PeopleNumber).add(1))
        .filter(video_room::Column::VisitId.eq(visit))
        .exec(tx)
        .await?;
    Ok(())
}

/// Who has a place in a room, in the order in which they came.
///
/// # Errors
/// When the database fails.
pub async fn people(db: &impl ConnectionTrait, visit: Uuid) -> Result<Vec<video_participant::Model>, DbErr> {
    let all = video_participant::Entity::find().filter(video_participant::Column::VisitId.eq(visit));
    all.order_by_asc(video_participant::Column::Since).order_by_asc(video_participant::Column::Id).all(db).await
}
