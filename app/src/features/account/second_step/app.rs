//! The authenticator app: set up, confirmed, removed.

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    codes::new_recovery_codes,
    entity::{recovery_code, trusted_device},
    secrets,
    setup::tell,
    totp,
};
use crate::{
    access::{Grant, entity::account_session, policy::ManageOwnAccount},
    base::error::Error,
    features::account::{
        core::{change, check_password, own},
        problem,
    },
    people::account,
    platform::{password_hash::Passwords, request::context},
};

/// The secret for an app that is being set up: the same until it is confirmed.
///
/// # Errors
/// When the database fails.
pub async fn secret_to_confirm(grant: &Grant<ManageOwnAccount>) -> Result<(account::Model, String), Error> {
    let account = own(grant).await?;
    if account.totp_confirmed_at.is_some() {
        return Err(Error::NotFound);
    }
    if let Some(secret) = secrets::of(&account)? {
        return Ok((account, secret));
    }
    let secret = totp::new_secret()?;
    let sealed = account::ActiveModel { totp_secret: Set(Some(secrets::sealed(&context()?, &secret)?)), ..Default::default() };
    change(grant.db(), account.id, sealed).await?;
    Ok((account, secret))
}

/// Switches the app on after its first code, when the password is right; returns fresh recovery codes.
///
/// # Errors
/// `Invalid` for a wrong code or password.
pub async fn confirm_app(
    grant: &Grant<ManageOwnAccount>,
    passwords: &Passwords,
    code: &str,
    password: String,
) -> Result<Vec<String>, Error> {
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    let now = Utc::now();
    let right = secrets::of(&account)?
        .is_some_and(|secret| totp::matching_step(&secret, code, u64::try_from(now.timestamp()).unwrap_or(0)).is_some());
    if !right || account.totp_confirmed_at.is_some() {
        return Err(Error::field("code", problem::CODE_WRONG));
    }
    let tx = grant.begin().await?;
    change(&tx, account.id, account::ActiveModel { totp_confirmed_at: Set(Some(now)), ..Default::default() }).await?;
    let codes = new_recovery_codes(&tx, account.id).await?;
    // Who has just shown a code has passed the second step in this session too.
    let second_step_passed = account_session::ActiveModel { second_step_passed: Set(true), ..Default::default() };
    account_session::Entity::update_many()
        .set(second_step_passed)
        .filter(account_session::Column::Id.eq(grant.holder()?.session))
        .exec(&tx)
        .await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Switches the app off, when the password is right.
///
/// # Errors
/// `Invalid` for a wrong password.
pub async fn remove_app(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, password: String) -> Result<(), Error> {
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    let tx = grant.begin().await?;
    let off = account::ActiveModel { totp_secret: Set(None), totp_confirmed_at: Set(None), ..Default::default() };
    change(&tx, account.id, off).await?;
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account.id)).exec(&tx).await?;
    trusted_device::Entity::delete_many().filter(trusted_device::Column::AccountId.eq(account.id)).exec(&tx).await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(())
}
