//! What was written in a visit: part of the record when all who were there agreed, otherwise gone with the visit.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::{video_chat, video_participant, video_room},
    model::Role,
    room::people,
};
use crate::{
    access::{Grant, policy::ViewSummaries},
    base::{error::Error, i18n::Texts},
    desk::scheduling::act::visit_of,
};

/// So many visits are read in one statement.
const CHUNK: usize = 500;

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

impl Line {
    /// Who wrote it, and when.
    pub fn about(&self, t: Texts, zone: &Tz) -> String {
        let guest = (self.role == Role::Guest).then(|| t.video_guest_name(&self.name));
        format!("{} · {}", guest.as_deref().unwrap_or(&self.name), t.time(self.at, zone))
    }
}

/// What was written and kept at a visit of this chart.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart, or where nothing was kept.
pub async fn kept(grant: &Grant<ViewSummaries>, id: Uuid) -> Result<Vec<Line>, Error> {
    let (visit, _) = visit_of(grant, id).await?;
    kept_at(grant, &[visit.id]).await?.remove(&visit.id).ok_or(Error::NotFound)
}

/// What was written and kept at visits of this chart; a visit where nothing was kept is left out.
///
/// # Errors
/// When the database fails.
pub async fn kept_at(grant: &Grant<ViewSummaries>, visits: &[Uuid]) -> Result<HashMap<Uuid, Vec<Line>>, Error> {
    let db = grant.db();
    let mut kept: HashMap<Uuid, Vec<Line>> = HashMap::new();
    for visits in visits.chunks(CHUNK) {
        let rooms = video_room::Entity::find()
            .filter(video_room::Column::VisitId.is_in(visits.iter().copied()))
            .filter(video_room::Column::ChatKept.eq(true));
        let rooms: Vec<Uuid> = rooms.all(db).await?.into_iter().map(|room| room.visit_id).collect();
        if rooms.is_empty() {
            continue;
        }
        let all = video_participant::Entity::find().filter(video_participant::Column::VisitId.is_in(rooms.iter().copied())).all(db).await?;
        let lines = video_chat::Entity::find()
            .filter(video_chat::Column::VisitId.is_in(rooms))
            .order_by_asc(video_chat::Column::VisitId)
            .order_by_asc(video_chat::Column::Number);
        for row in lines.all(db).await? {
            let Some(from) = all.iter().find(|one| one.id == row.from_id) else { continue };
            let line = Line { role: from.role, name: from.name.clone(), words: row.words, at: row.at };
            kept.entry(row.visit_id).or_default().push(line);
        }
    }
    Ok(kept)
}
