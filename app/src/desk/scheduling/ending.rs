//! Ending offers: each is open once.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    entity::{opening, visit_offer},
    hours::Slot,
    model::OfferState,
};
use crate::record::visit::taken;

impl visit_offer::Model {
    pub fn slot(&self) -> Slot {
        Slot {
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            clinician: self.clinician_id,
            department: self.department_id,
            slot_id: self.slot_id,
        }
    }

    /// What became of it by now: one whose time is over has run out, whether somebody wrote that down or not.
    pub fn state_at(&self, now: DateTime<Utc>) -> OfferState {
        if self.state == OfferState::Open && self.until <= now { OfferState::RunOut } else { self.state }
    }
}

/// Ends an offer that is open; `false` when it is over already: it never comes back.
///
/// # Errors
/// When the database fails.
pub async fn end(
    tx: &impl ConnectionTrait,
    offer: &visit_offer::Model,
    state: OfferState,
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let ended = visit_offer::ActiveModel {
        state: Set(state),
        ended_at: Set(Some(now)),
        ended_by: Set(by.map(str::to_owned)),
        ..Default::default()
    };
    let mut open = visit_offer::Entity::update_many()
        .set(ended)
        .filter(visit_offer::Column::Id.eq(offer.id))
        .filter(visit_offer::Column::State.eq(OfferState::Open));
    if matches!(state, OfferState::Taken | OfferState::Declined) {
        open = open.filter(visit_offer::Column::Until.gt(now));
    }
    let done = open.exec(tx).await?.rows_affected == 1;
    if done && state != OfferState::Taken {
        taken::release(tx, offer.id).await?;
        if let Some(opening) = offer.opening_id {
            is_free_again(tx, opening, now).await?;
        }
    }
    Ok(done)
}

/// What was free and is held by nobody any more is asked about again: whoever joined meanwhile saw it.
///
/// # Errors
/// When the database fails.
async fn is_free_again(tx: &impl ConnectionTrait, opening: uuid::Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    opening::Entity::update_many()
        .col_expr(opening::Column::FreedAt, Expr::value(now))
        .filter(opening::Column::Id.eq(opening))
        .filter(opening::Column::Open.eq(true))
        .exec(tx)
        .await?;
    Ok(())
}
