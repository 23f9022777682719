//! What was typed into a form that was refused: kept for a quarter of an hour, so that nobody types it twice.
//!
//! The browser holds a token in a cookie, the database what was typed, sealed with the token, under the hash of the token and of whose
//! session it was: on a shared computer nobody else finds it, and whoever reads the database reads nothing of it. Secrets are never
//! kept, and nothing of it stands in an address.

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::{
    db::{Db, System},
    entity::form_draft,
};
use crate::{
    base::{error::Error, ids::AccountId, payment_card},
    platform::{
        request::SECRETS,
        secret::Secret,
        throttle::{limit, network},
        tokens::{hash, token},
    },
};

pub const COOKIE: &str = "draft";
/// Of a form that came when the session was over. Signing in again, with a wrong password first, leaves it alone.
pub const UNSENT_COOKIE: &str = "unsent";
/// Whatever is older is deleted each minute: a quarter of an hour in all.
pub(crate) const LIFE: TimeDelta = TimeDelta::minutes(14);

/// A form that was refused.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The server function it was posted to.
    pub action: String,
    pub entries: BTreeMap<String, String>,
    pub error: Error,
}

/// Of one form, so many bytes are kept: room for every field that a form of ours takes, and no store for anybody's files.
pub const MOST: usize = 16 * 1024;
/// Forms of people who are not signed in, refused to one address within a quarter of an hour, are kept up to so many.
const PER_ADDRESS: i32 = 200;

/// What a draft is kept under; `account` is who was signed in.
fn key(token: &str, account: Option<AccountId>) -> String {
    hash(&account.map_or_else(|| token.to_owned(), |account| format!("{token} {}", account.0)))
}

/// What seals a draft: it can be opened with the token alone, which no table holds.
fn sealing(token: &str) -> Secret {
    Secret::derived("draft", token)
}

/// Counts a refused form of somebody who is not signed in, before anything of it is kept.
///
/// # Errors
/// `TooManyTries` after too many from one address.
pub async fn throttle(db: &Db, address: IpAddr) -> Result<(), Error> {
    limit(&db.pool, &format!("draft:{}", network(address)), PER_ADDRESS).await
}

/// Keeps what was typed, and returns the token for the cookie. The shortest fields come first, and what has no room is left out.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    db: &Db,
    account: Option<AccountId>,
    action: &str,
    entries: &BTreeMap<String, String>,
    error: &Error,
) -> Result<String, DbErr> {
    let now = Utc::now();
    let token = token()?;
    let kept = entries.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str()));
    let mut kept: Vec<_> = kept.map(|(name, value)| (name, payment_card::without_numbers(value))).collect();
    kept.sort_by_key(|(name, value)| name.len() + value.len());
    let mut room = MOST;
    let fits = |(name, value): &(&String, Cow<'_, str>)| {
        let left = room.checked_sub(name.len() + value.len());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let kept: BTreeMap<_, _> = kept.into_iter().take_while(fits).collect();
    let typed = serde_json::to_vec(&kept).unwrap_or_default();
    form_draft::Entity::insert(form_draft::ActiveModel {
        token_hash: Set(key(&token, account)),
        action: Set(action.into()),
        entries: Set(BASE64_STANDARD.encode(sealing(&token).seal(&typed).map_err(|error| DbErr::Custom(error.to_string()))?)),
        error: Set(serde_json::to_string(error).unwrap_or_default()),
        created_at: Set(now),
    })
    .exec_without_returning(&db.pool)
    .await?;
    Ok(token)
}

/// Deletes what was kept for long enough; returns how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget(system: &System) -> Result<u64, DbErr> {
    let old = form_draft::Column::CreatedAt.lt(Utc::now() - LIFE);
    Ok(form_draft::Entity::delete_many().filter(old).exec(system.db()).await?.rows_affected)
}

/// What this browser's last refused form said, if that is not long ago and the same account was signed in, or nobody as now.
///
/// # Errors
/// When the database fails.
pub async fn load(db: &Db, account: Option<AccountId>, token: &str) -> Result<Option<Draft>, DbErr> {
    let found = form_draft::Entity::find_by_id(key(token, account)).one(&db.pool).await?;
    Ok(found.filter(|draft| Utc::now() - draft.created_at < LIFE).and_then(|draft| {
        Some(Draft {
            action: draft.action,
            entries: serde_json::from_slice(&sealing(token).open(&BASE64_STANDARD.decode(draft.entries).ok()?)?).ok()?,
            error: serde_json::from_str(&draft.error).ok()?,
        })
    }))
}
