//! How the lists of those who wait do.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{booking_event, fast_pass_entry, opening, visit_offer},
    model::{Happened, OfferState},
};

/// How a list does: openings that were filled, and days that people gained by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub openings: usize,
    pub filled: usize,
    pub accepted: usize,
    pub declined: usize,
    pub ran_out: usize,
    /// The median, in whole days.
    pub days_gained: Option<i64>,
}

/// The figures of these departments since a moment.
///
/// # Errors
/// When the database fails.
pub async fn figures(db: &impl ConnectionTrait, departments: Vec<Uuid>, since: DateTime<Utc>) -> Result<Figures, DbErr> {
    let openings = opening::Entity::find()
        .filter(opening::Column::DepartmentId.is_in(departments.iter().copied()))
        .filter(opening::Column::FreedAt.gte(since))
        .all(db)
        .await?;
    let offers =
        visit_offer::Entity::find().filter(visit_offer::Column::OpeningId.is_in(openings.iter().map(|row| row.id))).all(db).await?;
    let ended = |state: OfferState| offers.iter().filter(|offer| offer.state == state).count();
    let entries = fast_pass_entry::Entity::find()
        .filter(
            fast_pass_entry::Column::Id
                .is_in(offers.iter().filter(|offer| offer.state == OfferState::Taken).filter_map(|offer| offer.entry_id)),
        )
        .all(db)
        .await?;
    let visits = entries.iter().map(|entry| entry.visit_id);
    let events = booking_event::Entity::find()
        .filter(booking_event::Column::VisitId.is_in(visits))
        .filter(booking_event::Column::What.eq(Happened::MovedEarlier))
        .filter(booking_event::Column::At.gte(since))
        .all(db)
        .await?;
    let mut gained: Vec<i64> = events.iter().filter_map(|event| Some((event.from_at? - event.to_at?).num_days())).collect();
    gained.sort_unstable();
    Ok(Figures {
        openings: openings.len(),
        filled: openings.iter().filter(|row| row.filled_at.is_some()).count(),
        accepted: ended(OfferState::Taken),
        declined: ended(OfferState::Declined),
        ran_out: ended(OfferState::RunOut),
        days_gained: gained.get(gained.len() / 2).copied(),
    })
}
