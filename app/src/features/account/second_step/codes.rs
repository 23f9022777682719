//! Codes of the second step: those of the app, and recovery codes.

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{entity::recovery_code, model::RECOVERY_CODES, secrets, setup::tell, totp};
use crate::{
    access::{Grant, policy::ManageOwnAccount},
    base::{error::Error, ids::new_id},
    features::account::core::{check_password, own},
    people::account,
    platform::{
        password_hash::Passwords,
        throttle as attempts,
        throttle::Throttle,
        tokens::{hash, random_code},
    },
};

/// Whether a code of the app or a recovery code is right. Each is good once.
pub(crate) async fn accepts(db: &impl ConnectionTrait, account: &account::Model, code: &str) -> Result<bool, Error> {
    if account.totp_confirmed_at.is_some()
        && let Some(secret) = secrets::of(account)?
    {
        let now = u64::try_from(Utc::now().timestamp()).unwrap_or(0);
        if let Some(step) = totp::matching_step(&secret, code, now) {
            // Whoever looks over a shoulder comes too late: one code opens one session (RFC 6238, 5.2).
            return Ok(matches!(attempts::count(db, &format!("totp:{}:{step}", account.id), 1).await?, Throttle::Allowed { .. }));
        }
    }
    let typed: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect();
    let used = recovery_code::ActiveModel { used_at: Set(Some(Utc::now())), ..Default::default() };
    let used = recovery_code::Entity::update_many()
        .set(used)
        .filter(recovery_code::Column::AccountId.eq(account.id))
        .filter(recovery_code::Column::CodeHash.eq(hash(&format!("{}:{typed}", account.id))))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Fresh recovery codes, when the password is right; the ones before are over.
///
/// # Errors
/// `Invalid` for a wrong password.
pub async fn renew_recovery_codes(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, password: String) -> Result<Vec<String>, Error> {
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    let tx = grant.begin().await?;
    let codes = new_recovery_codes(&tx, account.id).await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(codes)
}

pub(super) async fn new_recovery_codes(tx: &impl ConnectionTrait, account: Uuid) -> Result<Vec<String>, Error> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account)).exec(tx).await?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let code = random_code(10)?;
        recovery_code::Entity::insert(recovery_code::ActiveModel {
            id: Set(new_id()),
            account_id: Set(account),
            code_hash: Set(hash(&format!("{account}:{code}"))),
            ..Default::default()
        })
        .exec_without_returning(tx)
        .await?;
        codes.push(crate::base::text::displayed(&code));
    }
    Ok(codes)
}
