//! What somebody has set up for the second step, and codes by e-mail.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::entity::{passkey, recovery_code};
use crate::{
    access::{
        Grant,
        policy::{ManageOwnAccount, Permission},
    },
    base::error::Error,
    features::account::{
        core::{change, check_password, own},
        email, problem,
    },
    people::account,
    platform::{
        mail::store::{organization_here, post},
        password_hash::Passwords,
    },
};

/// What somebody has set up.
pub struct Setup {
    pub account: account::Model,
    pub passkeys: Vec<passkey::Model>,
    pub recovery_codes_left: u64,
}

/// # Errors
/// When the database fails.
pub async fn setup(grant: &Grant<ManageOwnAccount>) -> Result<Setup, Error> {
    let account = own(grant).await?;
    let passkeys = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(account.id))
        .order_by_asc(passkey::Column::CreatedAt)
        .all(grant.db())
        .await?;
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(account.id))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(grant.db())
        .await?;
    Ok(Setup { account, passkeys, recovery_codes_left: left })
}

/// Switches codes by e-mail on or off. The address must have been proved.
///
/// # Errors
/// `Invalid` without a proved address, or for a wrong password when it is switched off.
pub async fn set_email_code(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, on: bool, password: String) -> Result<(), Error> {
    let account = own(grant).await?;
    if on && account.email_verified_at.is_none() {
        return Err(Error::form(problem::NO_CONTACT));
    }
    if !on {
        check_password(grant, passwords, &account, password).await?;
    }
    let tx = grant.begin().await?;
    change(&tx, account.id, account::ActiveModel { email_code_on: Set(on), ..Default::default() }).await?;
    tell(&tx, grant, &account).await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn tell<P: Permission>(tx: &impl ConnectionTrait, grant: &Grant<P>, account: &account::Model) -> Result<(), Error> {
    if let Some(to) = account.recipient() {
        post(tx, &to, email::second_step_changed(), &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    Ok(())
}
