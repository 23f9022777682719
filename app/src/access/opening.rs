//! Where sessions begin, and where those are cleared away that ended for want of use.

use chrono::{TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::IntoCondition,
};

use super::{db::System, entity::account_session};
use crate::{
    base::ids::{AccountId, new_id},
    platform::{
        push::{entity::phone_device, phone},
        request,
        tokens::{hash, token},
    },
};

/// Opens a session and returns its token: 256 random bits, of which only the hash is stored.
pub(crate) async fn open(db: &impl ConnectionTrait, account: AccountId, device: &str, second_step_passed: bool) -> Result<String, DbErr> {
    let token = token()?;
    let now = Utc::now();
    let id = new_id();
    account_session::Entity::insert(account_session::ActiveModel {
        id: Set(id),
        token_hash: Set(hash(&token)),
        account_id: Set(account.0),
        created_at: Set(now),
        last_seen_at: Set(now),
        device: Set(Some(device.to_owned()).filter(|device| !device.is_empty())),
        second_step_passed: Set(second_step_passed),
    })
    .exec_without_returning(db)
    .await?;
    phone::signed_in(db, request::cookie(phone::COOKIE).as_deref(), account.0, id).await?;
    Ok(token)
}

/// Tells a browser, by its cookie, of a session that was opened beside a request.
///
/// # Errors
/// When the database fails.
pub async fn in_browser(system: &System, token: &str, phone: Option<&str>) -> Result<(), DbErr> {
    let found = account_session::Entity::find().filter(account_session::Column::TokenHash.eq(hash(token))).one(system.db()).await?;
    match found {
        Some(session) => phone::signed_in(system.db(), phone, session.account_id, session.id).await,
        None => Ok(()),
    }
}

/// Deletes the sessions of whoever never came back; returns how many. No session lives longer than a day.
///
/// # Errors
/// When the database fails.
pub async fn forget(system: &System) -> Result<u64, DbErr> {
    let forgotten = account_session::Column::CreatedAt.lt(Utc::now() - TimeDelta::hours(24));
    let over = account_session::Entity::find().select_only().column(account_session::Column::Id).filter(forgotten.clone()).into_query();
    let tx = system.begin().await?;
    phone::detach(&tx, phone_device::Column::SessionId.in_subquery(over).into_condition()).await?;
    let deleted = account_session::Entity::delete_many().filter(forgotten).exec(&tx).await?;
    tx.commit().await?;
    Ok(deleted.rows_affected)
}
