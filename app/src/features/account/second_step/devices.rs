//! Where somebody is signed in, and devices that are trusted.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{entity::trusted_device, model::TRUST};
use crate::{
    access::{Grant, entity::account_session, policy::ManageOwnAccount},
    base::{error::Error, ids::new_id},
    platform::tokens::{hash, token},
};

/// Whether this browser was trusted by this account not long ago.
pub(crate) async fn is_trusted(db: &impl ConnectionTrait, account: Uuid, token: Option<&str>) -> Result<bool, DbErr> {
    let Some(token) = token else { return Ok(false) };
    let found = trusted_device::Entity::find().filter(trusted_device::Column::TokenHash.eq(hash(token))).one(db).await?;
    Ok(found.is_some_and(|device| device.account_id == account && device.expires_at > Utc::now()))
}

pub(super) async fn trust_device(tx: &impl ConnectionTrait, account: Uuid, device: &str) -> Result<String, DbErr> {
    let (token, now) = (token()?, Utc::now());
    trusted_device::Entity::insert(trusted_device::ActiveModel {
        id: Set(new_id()),
        account_id: Set(account),
        token_hash: Set(hash(&token)),
        device: Set(device.to_owned()),
        created_at: Set(now),
        expires_at: Set(now + TRUST),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(token)
}

/// One browser that is signed in or trusted.
pub struct Device {
    pub id: Uuid,
    pub name: String,
    pub since: DateTime<Utc>,
    /// Of a session; a trusted device has an end instead.
    pub last_seen: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub here: bool,
}

/// Where somebody is signed in, and which devices are trusted.
///
/// # Errors
/// When the database fails.
pub async fn devices(grant: &Grant<ManageOwnAccount>) -> Result<(Vec<Device>, Vec<Device>), Error> {
    let holder = grant.holder()?;
    let sessions = account_session::Entity::find()
        .filter(account_session::Column::AccountId.eq(holder.account.0))
        .order_by_desc(account_session::Column::LastSeenAt)
        .all(grant.db())
        .await?;
    let trusted = trusted_device::Entity::find()
        .filter(trusted_device::Column::AccountId.eq(holder.account.0))
        .filter(trusted_device::Column::ExpiresAt.gt(Utc::now()))
        .order_by_desc(trusted_device::Column::CreatedAt)
        .all(grant.db())
        .await?;
    let sessions = sessions
        .into_iter()
        .map(|row| Device {
            id: row.id,
            name: row.device.unwrap_or_default(),
            since: row.created_at,
            last_seen: Some(row.last_seen_at),
            until: None,
            here: row.id == holder.session,
        })
        .collect();
    let trusted = trusted
        .into_iter()
        .map(|row| Device {
            id: row.id,
            name: row.device,
            since: row.created_at,
            last_seen: None,
            until: Some(row.expires_at),
            here: false,
        })
        .collect();
    Ok((sessions, trusted))
}

/// Ends one session or the trust in one device of one's own.
///
/// # Errors
/// `NotFound` for somebody else's.
pub async fn revoke_device(grant: &Grant<ManageOwnAccount>, id: Uuid) -> Result<(), Error> {
    let account = grant.holder()?.account.0;
    let sessions = account_session::Entity::delete_many()
        .filter(account_session::Column::Id.eq(id))
        .filter(account_session::Column::AccountId.eq(account))
        .exec(grant.db())
        .await?;
    let trusted = trusted_device::Entity::delete_many()
        .filter(trusted_device::Column::Id.eq(id))
        .filter(trusted_device::Column::AccountId.eq(account))
        .exec(grant.db())
        .await?;
    if sessions.rows_affected + trusted.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}
