//! What became of a visit.

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::booking_event;
use crate::platform::batch::{Batch, Rows};

/// Asks what happened to a visit, the oldest first.
pub fn ask_events(batch: &mut Batch, visit: Uuid) -> impl FnOnce(&mut Rows) -> Result<Vec<booking_event::Model>, DbErr> + use<> {
    let all = batch.ask(booking_event::Entity::find().filter(booking_event::Column::VisitId.eq(visit)));
    move |answers| {
        let mut events = answers.take(all)?;
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events)
    }
}
