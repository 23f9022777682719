//! Cards whose record says something else now.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{health_card, health_card_source},
    sources::{Source, sources},
};
use crate::{
    access::System,
    base::{clock::Clock, error::Error},
};

/// Takes back every card that was made from something that says something else now, or is gone. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn revoke_outdated(system: &System, clock: &Clock) -> Result<usize, Error> {
    take_back_outdated(system.db(), clock.zone(), clock.now().instant, None).await
}

/// Of everybody, or of one patient. A card stays when what it says is still so, whatever else changed in a resource.
///
/// # Errors
/// When the database fails.
pub(super) async fn take_back_outdated(
    db: &impl ConnectionTrait,
    zone: Tz,
    now: DateTime<Utc>,
    patient: Option<Uuid>,
) -> Result<usize, Error> {
    let mut taken_back = 0;
    for id in with_changed_sources(db, patient).await? {
        let Some(card) = health_card::Entity::find_by_id(id).one(db).await? else { continue };
        let made_from = health_card_source::Entity::find().filter(health_card_source::Column::CardId.eq(id)).all(db).await?;
        let ids: Vec<Uuid> = made_from.iter().map(|source| source.resource_id).collect();
        let today = sources(db, zone, &ids).await?;
        if still_says(&card.jws, &today) {
            remember(db, id, today).await?;
            continue;
        }
        let outdated = health_card::ActiveModel { revoked_at: Set(Some(now)), outdated: Set(true), ..Default::default() };
        health_card::Entity::update_many()
            .set(outdated)
            .filter(health_card::Column::Id.eq(id))
            .filter(health_card::Column::RevokedAt.is_null())
            .exec(db)
            .await?;
        taken_back += 1;
    }
    Ok(taken_back)
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Cards that hold, and a resource of which is not there any more as it was.
async fn with_changed_sources(db: &impl ConnectionTrait, patient: Option<Uuid>) -> Result<Vec<Uuid>, Error> {
    let of_one = if patient.is_some() { "AND card.patient_id = $1" } else { "" };
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!(
            "SELECT DISTINCT card.id FROM health_card card \
             JOIN health_card_source source ON source.card_id = card.id \
             LEFT JOIN fhir_resource same ON same.id = source.resource_id AND same.content_hash = source.content_hash \
             WHERE card.revoked_at IS NULL AND same.id IS NULL {of_one}"
        ),
        patient.map(Into::into),
    );
    Ok(Found::find_by_statement(statement).all(db).await?.into_iter().map(|found| found.id).collect())
}

/// Whether a card says what it would say if it were signed today.
fn still_says(jws: &str, today: &[Source]) -> bool {
    let Ok(card) = card_reader::card::read(jws) else { return false };
    let signed: Vec<&Value> = card.resources().into_iter().skip(1).collect();
    // Written and read as what was signed: a number may lose its last digit on the way.
    let mut says = today.iter().map(|source| serde_json::from_str::<Value>(&source.says.to_string()).unwrap_or_default());
    signed.len() == today.len() && says.all(|says| signed.contains(&&says))
}

/// What a card was made from changed in something that is not on it.
async fn remember(db: &impl ConnectionTrait, card: Uuid, sources: Vec<Source>) -> Result<(), Error> {
    for source in sources {
        let seen = health_card_source::ActiveModel { content_hash: Set(source.content_hash), ..Default::default() };
        health_card_source::Entity::update_many()
            .set(seen)
            .filter(health_card_source::Column::CardId.eq(card))
            .filter(health_card_source::Column::ResourceId.eq(source.id))
            .exec(db)
            .await?;
    }
    Ok(())
}
