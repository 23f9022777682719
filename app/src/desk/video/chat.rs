//! What was written in a visit: part of the record when all who were there agreed, otherwise gone with the visit.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::{video_chat, video_participant, video_room},
    model::Role,
    room::people,
};
use crate::{
    access::{Grant, policy::ViewSummaries},
    base::error::Error,
    desk::scheduling::act::visit_of,
};

/// Keeps it or deletes it, at the end. Guests are not asked: it is no record of theirs.
///
/// # Errors
/// When the database fails.
pub(super) async fn settle(tx: &DatabaseTransaction, visit: Uuid) -> Result<(), DbErr> {
    let lines = video_chat::Entity::find().filter(video_chat::Column::VisitId.eq(visit)).count(tx).await?;
    let there: Vec<video_participant::Model> =
        people(tx, visit).await?.into_iter().filter(|one| one.role != Role::Guest && one.was_inside).collect();
    if lines > 0 && is_agreed(&there) {
        let kept = video_room::ActiveModel { chat_kept: Set(true), ..Default::default() };
        video_room::Entity::update_many().set(kept).filter(video_room::Column::VisitId.eq(visit)).exec(tx).await?;
    } else {
        video_chat::Entity::delete_many().filter(video_chat::Column::VisitId.eq(visit)).exec(tx).await?;
    }
    Ok(())
}

/// Both sides were there, and everybody agreed.
fn is_agreed(there: &[video_participant::Model]) -> bool {
    let both = there.iter().any(|one| one.role == Role::Clinician) && there.iter().any(|one| one.role.is_patients_side());
    both && there.iter().all(|one| one.keeps_chat)
}

/// A line of chat.
#[derive(Clone, Debug)]
pub struct Line {
    pub role: Role,
    pub name: String,
    pub words: String,
    pub at: DateTime<Utc>,
}

/// What was written and kept at a visit of this chart.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart, or where nothing was kept.
pub async fn kept(grant: &Grant<ViewSummaries>, id: Uuid) -> Result<Vec<Line>, Error> {
    let (visit, _) = visit_of(grant, id).await?;
    let room = video_room::Entity::find_by_id(visit.id).one(grant.db()).await?;
    if !room.is_some_and(|room| room.chat_kept) {
        return Err(Error::NotFound);
    }
    let all = people(grant.db(), id).await?;
    let lines = video_chat::Entity::find().filter(video_chat::Column::VisitId.eq(id)).order_by_asc(video_chat::Column::Number);
    let line = |row: video_chat::Model| {
        let from = all.iter().find(|one| one.id == row.from_id)?;
        Some(Line { role: from.role, name: from.name.clone(), words: row.words, at: row.at })
    };
    Ok(lines.all(grant.db()).await?.into_iter().filter_map(line).collect())
}
