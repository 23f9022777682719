//! Browsers that keep something or get notices. Each has a cookie, which opens nothing: it tells whose browser it is while nobody is
//! signed in.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::phone_device;
use crate::{
    base::ids::new_id,
    platform::tokens::{hash, token},
};

pub const COOKIE: &str = "phone";
/// In seconds: no browser keeps a cookie longer.
pub const LIFE: i64 = 400 * 24 * 60 * 60;

/// The browser with this cookie.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, token: Option<&str>) -> Result<Option<phone_device::Model>, DbErr> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    phone_device::Entity::find().filter(phone_device::Column::TokenHash.eq(hash(token))).one(db).await
}

/// Makes this browser known as one of an account, and returns its cookie.
pub(crate) async fn make(
    db: &impl ConnectionTrait,
    account: Uuid,
    session: Uuid,
    device: &str,
    now: DateTime<Utc>,
) -> Result<(phone_device::Model, String), DbErr> {
    let token = token()?;
    let row = phone_device::Model {
        id: new_id(),
        token_hash: hash(&token),
        account_id: account,
        session_id: Some(session),
        device: device.to_owned(),
        made_at: now,
        seen_at: now,
    };
    phone_device::Entity::insert(phone_device::ActiveModel::from(row.clone())).exec_without_returning(db).await?;
    Ok((row, token))
}

/// Somebody signed in with a browser: what it has of another account ends, what it has of their own goes on with the new session.
pub(crate) async fn signed_in(db: &impl ConnectionTrait, phone: Option<&str>, account: Uuid, session: Uuid) -> Result<(), DbErr> {
    let Some(found) = find(db, phone).await? else { return Ok(()) };
    if found.account_id != account {
        phone_device::Entity::delete_by_id(found.id).exec(db).await?;
        return Ok(());
    }
    let here = phone_device::ActiveModel { session_id: Set(Some(session)), seen_at: Set(Utc::now()), ..Default::default() };
    phone_device::Entity::update_many().set(here).filter(phone_device::Column::Id.eq(found.id)).exec(db).await?;
    Ok(())
}

/// Sessions that end for want of use leave their browsers as they are.
pub(crate) async fn detach(db: &impl ConnectionTrait, sessions: Condition) -> Result<(), DbErr> {
    let none = phone_device::ActiveModel { session_id: Set(None), ..Default::default() };
    phone_device::Entity::update_many().set(none).filter(sessions).exec(db).await?;
    Ok(())
}

/// Ends all browsers of an account but the one in which a session is open.
///
/// # Errors
/// When the database fails.
pub async fn end_all(db: &impl ConnectionTrait, account: Uuid, but: Option<Uuid>) -> Result<(), DbErr> {
    let mut all = phone_device::Entity::delete_many().filter(phone_device::Column::AccountId.eq(account));
    if let Some(session) = but {
        let another = Condition::any().add(phone_device::Column::SessionId.ne(session)).add(phone_device::Column::SessionId.is_null());
        all = all.filter(another);
    }
    all.exec(db).await?;
    Ok(())
}
