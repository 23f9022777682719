//! Writing acts down, and reading them in the order of their numbers.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{entity, model::ActKind};
use crate::{access::System, base::ids::new_id, platform::entity::setting};

/// The last number that was given.
const LAST: &str = "outgoing.last";
/// So many acts get their numbers at once.
const AT_ONCE: u64 = 1000;

/// Writes an act down, together with it.
///
/// # Errors
/// When the database fails.
pub async fn announce(tx: &impl ConnectionTrait, kind: ActKind, about: Uuid, at: DateTime<Utc>) -> Result<(), DbErr> {
    let row = entity::ActiveModel { id: Set(new_id()), kind: Set(kind), about: Set(about), at: Set(at), number: Set(None) };
    entity::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The acts after a number, so many at most.
///
/// # Errors
/// When the database fails.
pub async fn after(system: &System, number: i64, most: u64) -> Result<Vec<entity::Model>, DbErr> {
    give_numbers(system).await?;
    entity::Entity::find().filter(entity::Column::Number.gt(number)).order_by_asc(entity::Column::Number).limit(most).all(system.db()).await
}

/// Gives numbers to what was committed since the last time. One server does it at a time: whoever changes the setting holds it until
/// the commit.
async fn give_numbers(system: &System) -> Result<(), DbErr> {
    loop {
        let tx = system.begin().await?;
        let first = setting::ActiveModel { name: Set(LAST.into()), value: Set("0".into()) };
        let known = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
        setting::Entity::insert(first).on_conflict(known).exec_without_returning(&tx).await?;
        setting::Entity::update_many()
            .col_expr(setting::Column::Value, Expr::col(setting::Column::Value))
            .filter(setting::Column::Name.eq(LAST))
            .exec(&tx)
            .await?;
        let last = setting::Entity::find_by_id(LAST.to_owned()).one(&tx).await?;
        let mut last: i64 = last.and_then(|found| found.value.parse().ok()).unwrap_or(0);
        let waiting = entity::Entity::find()
            .filter(entity::Column::Number.is_null())
            .order_by_asc(entity::Column::At)
            .order_by_asc(entity::Column::Id)
            .limit(AT_ONCE)
            .all(&tx)
            .await?;
        let more = waiting.len() as u64 == AT_ONCE;
        for act in waiting {
            last += 1;
            let numbered = entity::ActiveModel { number: Set(Some(last)), ..Default::default() };
            entity::Entity::update_many().set(numbered).filter(entity::Column::Id.eq(act.id)).exec(&tx).await?;
        }
        let now = setting::ActiveModel { value: Set(last.to_string()), ..Default::default() };
        setting::Entity::update_many().set(now).filter(setting::Column::Name.eq(LAST)).exec(&tx).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}
