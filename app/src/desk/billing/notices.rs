//! What the processor tells by itself: each notice counts once, in any order, and only what the processor says when it is asked counts.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    disputes,
    entity::{payment_attempt, processor_event},
    processor::{Refused, Unknown, check_signature},
    settle::settle,
    till::Till,
    verifying,
};
use crate::base::error::Error;

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Done,
    /// It was taken before.
    Known,
    Refused(Refused),
    /// It is tried again later: the processor sends it once more.
    Later,
}

/// Takes a notice.
///
/// # Errors
/// When the database fails.
pub async fn take(till: &Till, signature: &str, body: &[u8]) -> Result<Taken, Error> {
    let Some(settings) = till.processor.settings() else { return Ok(Taken::Refused(Refused::Forged)) };
    if let Err(refused) = check_signature(&settings.webhook_secret, signature, body, chrono::Utc::now().timestamp()) {
        return Ok(Taken::Refused(refused));
    }
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let (Some(id), Some(kind)) = (value["id"].as_str(), value["type"].as_str()) else { return Ok(Taken::Refused(Refused::Unsigned)) };
    let (id, kind): (String, String) = (id.chars().take(120).collect(), kind.chars().take(80).collect());
    let object = value["data"]["object"]["id"].as_str().map(|id| id.chars().take(120).collect::<String>());
    let row = processor_event::ActiveModel {
        id: Set(id.clone()),
        kind: Set(kind.clone()),
        object: Set(object.clone()),
        received_at: Set(till.now),
        handled_at: Set(None),
    };
    let known = OnConflict::column(processor_event::Column::Id).do_nothing().to_owned();
    processor_event::Entity::insert(row).on_conflict(known).exec_without_returning(till.db()).await?;
    let found = processor_event::Entity::find_by_id(id.clone()).one(till.db()).await?;
    if found.is_some_and(|found| found.handled_at.is_some()) {
        return Ok(Taken::Known);
    }
    let heard = match object {
        Some(charge) if kind.starts_with("payment_intent.") => handle(till, &charge).await?,
        Some(dispute) if kind.starts_with("charge.dispute.") => disputes::take(till, &dispute).await?,
        Some(setup) if kind.starts_with("setup_intent.") => verifying::ask_of_setup(till, &setup).await?,
        _ => true,
    };
    if !heard {
        return Ok(Taken::Later);
    }
    let handled = processor_event::ActiveModel { handled_at: Set(Some(till.now)), ..Default::default() };
    processor_event::Entity::update_many().set(handled).filter(processor_event::Column::Id.eq(id)).exec(till.db()).await?;
    Ok(Taken::Done)
}

/// Asks how the charge stands, whatever the notice says. Returns whether it could be asked.
async fn handle(till: &Till, charge: &str) -> Result<bool, Error> {
    let listed = match till.processor.look(charge).await {
        Ok(Some(listed)) => listed,
        Ok(None) => return Ok(true),
        Err(Unknown) => return Ok(false),
    };
    let Some(id) = listed.attempt.as_deref().and_then(|id| id.parse::<Uuid>().ok()) else { return Ok(true) };
    let attempt = payment_attempt::Entity::find_by_id(id).one(till.db()).await?;
    // Another portal's, or another sum than was asked for: nothing of it is ours to enter.
    if attempt.is_some_and(|attempt| attempt.cents == listed.cents) {
        settle(till, id, &listed.outcome).await?;
    }
    Ok(true)
}
