//! What was typed into a form that was refused: kept for a quarter of an hour, so that nobody types it twice.
//!
//! The browser holds a token in a cookie, the database what was typed under its hash; secrets are never kept, and nothing of it
//! stands in an address.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::{
    db::{Db, System},
    entity::form_draft,
};
use crate::{
    base::error::Error,
    platform::tokens::{hash, token},
};

pub const COOKIE: &str = "draft";
/// Whatever is older is deleted each minute: a quarter of an hour in all.
pub(crate) const LIFE: TimeDelta = TimeDelta::minutes(14);

/// Fields that are never kept: passwords, answers, codes.
const SECRETS: &[&str] = &["password", "new_password", "repeat", "answer", "code", "passcode", "secret"];

/// A form that was refused.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The server function it was posted to.
    pub action: String,
    pub entries: BTreeMap<String, String>,
    pub error: Error,
}

/// Keeps what was typed, and returns the token for the cookie.
///
/// # Errors
/// When the database fails.
pub async fn keep(db: &Db, action: &str, entries: &BTreeMap<String, String>, error: &Error) -> Result<String, DbErr> {
    let now = Utc::now();
    let token = token()?;
    let kept: BTreeMap<_, _> = entries.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())).collect();
    form_draft::Entity::insert(form_draft::ActiveModel {
        token_hash: Set(hash(&token)),
        action: Set(action.into()),
        entries: Set(serde_json::to_string(&kept).unwrap_or_default()),
        error: Set(serde_json::to_string(error).unwrap_or_default()),
        created_at: Set(now),
    })
    .exec_without_returning(&db.0)
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

/// What this browser's last refused form said, if that is not long ago.
///
/// # Errors
/// When the database fails.
pub async fn load(db: &Db, token: &str) -> Result<Option<Draft>, DbErr> {
    let found = form_draft::Entity::find_by_id(hash(token)).one(&db.0).await?;
    Ok(found.filter(|draft| Utc::now() - draft.created_at < LIFE).and_then(|draft| {
        Some(Draft {
            action: draft.action,
            entries: serde_json::from_str(&draft.entries).ok()?,
            error: serde_json::from_str(&draft.error).ok()?,
        })
    }))
}
