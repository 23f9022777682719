//! The cards of a chart.

use std::cmp::Reverse;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::{
    entity::health_card,
    outdated::{take_back, with_changed_sources},
};
use crate::{
    access::{Grant, policy::UseHealthCards},
    base::error::Error,
    people::patient,
    platform::batch::Batch,
};

/// The cards of a chart, newest first. One whose record was corrected is taken back when it is looked at.
///
/// # Errors
/// When the database fails.
pub async fn cards(grant: &Grant<UseHealthCards>) -> Result<Vec<health_card::Model>, Error> {
    let (mut batch, db) = (Batch::default(), grant.db());
    let (changed, cards) = (batch.ask(with_changed_sources(Some(grant.patient().0))), batch.ask(open(grant)));
    let mut answers = batch.read(db).await?;
    let (changed, mut cards) = (answers.take(changed)?, answers.take(cards)?);
    if !changed.is_empty() {
        take_back(db, grant.zone(), grant.now().instant, changed).await?;
        cards = open(grant).all(db).await?;
    }
    cards.sort_by_key(|card| Reverse((card.issued_at, card.id)));
    Ok(cards)
}

/// One card.
///
/// # Errors
/// `NotFound` when there is no such card in this chart, or it was taken back.
pub async fn card(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<health_card::Model, Error> {
    let changed = with_changed_sources(Some(grant.patient().0)).all(grant.db()).await?;
    take_back(grant.db(), grant.zone(), grant.now().instant, changed).await?;
    let found = open(grant).filter(health_card::Column::Id.eq(id)).filter(health_card::Column::RevokedAt.is_null());
    found.one(grant.db()).await?.ok_or(Error::NotFound)
}

/// Takes a card back.
///
/// # Errors
/// As [`card`].
pub async fn revoke(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<(), Error> {
    let found = card(grant, id).await?;
    let revoked = health_card::ActiveModel { revoked_at: Set(Some(grant.now().instant)), ..Default::default() };
    health_card::Entity::update_many().set(revoked).filter(health_card::Column::Id.eq(found.id)).exec(grant.db()).await?;
    Ok(())
}

/// Whom the cards are about.
///
/// # Errors
/// When the database fails.
pub async fn person(grant: &Grant<UseHealthCards>) -> Result<patient::Model, Error> {
    patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)
}

fn open(grant: &Grant<UseHealthCards>) -> Select<health_card::Entity> {
    let all = health_card::Entity::find().filter(health_card::Column::PatientId.eq(grant.patient().0));
    if grant.sees_sensitive() { all } else { all.filter(health_card::Column::Sensitive.eq(false)) }
}
