//! Cards whose record says something else now.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{health_card, health_card_source},
    sources::{Source, sources},
};
use crate::{
    access::System,
    base::{clock::Clock, error::Error},
    record::resource::entity::fhir_resource,
};

/// So many cards are read at once.
const AT_ONCE: usize = 50;

/// Takes back every card that was made from something that says something else now, or is gone. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn revoke_outdated(system: &System, clock: &Clock) -> Result<usize, Error> {
    let changed = with_changed_sources(None).select_only().column(health_card::Column::Id);
    let (changed, mut taken_back) = (changed.into_tuple::<Uuid>().all(system.db()).await?, 0);
    for ids in changed.chunks(AT_ONCE) {
        let cards = health_card::Entity::find().filter(health_card::Column::Id.is_in(ids.iter().copied())).all(system.db()).await?;
        taken_back += take_back(system.db(), clock.zone(), clock.now().instant, cards).await?;
    }
    Ok(taken_back)
}

/// Of these cards, whose sources changed. A card stays when what it says is still so, whatever else changed in a resource.
///
/// # Errors
/// When the database fails.
pub(super) async fn take_back(
    db: &impl ConnectionTrait,
    zone: Tz,
    now: DateTime<Utc>,
    changed: Vec<health_card::Model>,
) -> Result<usize, Error> {
    let mut taken_back = 0;
    for card in changed {
        let id = card.id;
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

/// Cards that hold, and a resource of which is not there any more as it was.
pub(super) fn with_changed_sources(patient: Option<Uuid>) -> Select<health_card::Entity> {
    let of_source = |column: health_card_source::Column| Expr::col((health_card_source::Entity, column));
    let same = fhir_resource::Entity::find()
        .select_only()
        .column(fhir_resource::Column::Id)
        .filter(Expr::col((fhir_resource::Entity, fhir_resource::Column::Id)).eq(of_source(health_card_source::Column::ResourceId)))
        .filter(
            Expr::col((fhir_resource::Entity, fhir_resource::Column::ContentHash)).eq(of_source(health_card_source::Column::ContentHash)),
        )
        .into_query();
    let changed = health_card_source::Entity::find()
        .select_only()
        .column(health_card_source::Column::ResourceId)
        .filter(of_source(health_card_source::Column::CardId).equals((health_card::Entity, health_card::Column::Id)))
        .filter(Expr::not_exists(same))
        .into_query();
    let held = health_card::Entity::find().filter(health_card::Column::RevokedAt.is_null()).filter(Expr::exists(changed));
    match patient {
        Some(patient) => held.filter(health_card::Column::PatientId.eq(patient)),
        None => held,
    }
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
