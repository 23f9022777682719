//! What became of a visit.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::entity::booking_event;

/// What happened to a visit, as a query.
pub fn events(visit: Uuid) -> Select<booking_event::Entity> {
    booking_event::Entity::find().filter(booking_event::Column::VisitId.eq(visit))
}
