//! What became of a visit.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::booking_event;
use crate::{
    access::{Grant, policy::ViewVisits},
    base::error::Error,
};

/// What happened to a visit, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn events(grant: &Grant<ViewVisits>, visit: Uuid) -> Result<Vec<booking_event::Model>, Error> {
    let all = booking_event::Entity::find().filter(booking_event::Column::VisitId.eq(visit)).order_by_asc(booking_event::Column::At);
    Ok(all.order_by_asc(booking_event::Column::Id).all(grant.db()).await?)
}
