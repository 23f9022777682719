//! Keeps what somebody sets of their own account.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use crate::{
    access::{
        Grant,
        entity::account_session,
        policy::{ManageOwnAccount, UseOwnAccount},
    },
    base::{
        end_reason::EndReason,
        error::Error,
        i18n::Locale,
        text::{is_email, is_username, username_key},
        why::Why,
    },
    features::account::{
        core::{change, check_password, own, username_taken},
        email, problem,
        recovery::store::{mail_proof, set_password},
        second_step::entity::{passkey, trusted_device},
    },
    people::{account, proxy_grant},
    platform::{
        mail::{
            model::News,
            store::{organization_here, post},
        },
        password_hash::Passwords,
        passwords,
        push::phone,
    },
};

/// Keeps the language with the account.
///
/// # Errors
/// When the database fails.
pub async fn keep_locale(grant: &Grant<UseOwnAccount>, locale: Locale) -> Result<(), Error> {
    let account = grant.holder()?.account;
    account::Entity::update_many()
        .set(account::ActiveModel { locale: Set(locale.tag().into()), ..Default::default() })
        .filter(account::Column::Id.eq(account.0))
        .exec(grant.db())
        .await?;
    Ok(())
}

/// # Errors
/// `Invalid` says what is wrong.
pub async fn change_password(
    grant: &Grant<ManageOwnAccount>,
    passwords: &Passwords,
    password: String,
    new_password: String,
    repeat: String,
) -> Result<(), Error> {
    let account = own(grant).await?;
    if let Some(why) = passwords::problem(&new_password, &account.username) {
        return Err(Error::field("new_password", why));
    }
    if new_password != repeat {
        return Err(Error::field("repeat", problem::PASSWORDS_DIFFER));
    }
    check_password(grant, passwords, &account, password).await?;
    let hash = passwords.hash(new_password).await?;
    let tx = grant.begin().await?;
    set_password(&tx, grant, &account, hash, Some(grant.holder()?.session)).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `Invalid` says what is wrong.
pub async fn change_username(
    grant: &Grant<ManageOwnAccount>,
    passwords: &Passwords,
    username: &str,
    password: String,
) -> Result<(), Error> {
    let account = own(grant).await?;
    let (username, key) = (username.trim(), username_key(username));
    if !is_username(username) {
        return Err(Error::field("username", problem::USERNAME_SHAPE));
    }
    if key != account.username_key && username_taken(grant.db(), username).await? {
        return Err(Error::field("username", problem::USERNAME_TAKEN));
    }
    check_password(grant, passwords, &account, password).await?;
    let tx = grant.begin().await?;
    let row = account::ActiveModel { username: Set(username.to_owned()), username_key: Set(key), ..Default::default() };
    match change(&tx, account.id, row).await {
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(Error::field("username", problem::USERNAME_TAKEN));
        }
        other => other?,
    }
    if let Some(to) = account.recipient() {
        post(&tx, &to, email::username_changed(), &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `Invalid` says what is wrong.
pub async fn change_email(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, email: &str, password: String) -> Result<(), Error> {
    let email = email.trim();
    if !is_email(email) {
        return Err(Error::field("email", if email.is_empty() { Why::MISSING } else { Why::NOT_AN_EMAIL }));
    }
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    let tx = grant.begin().await?;
    mail_proof(&tx, grant, &account, email).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub async fn choose_notices(grant: &Grant<ManageOwnAccount>, off: Vec<News>, quiet: (Option<i32>, Option<i32>)) -> Result<(), Error> {
    let hours = |hour: Option<i32>| hour.filter(|hour| (0..24).contains(hour));
    let (from, until) = match (hours(quiet.0), hours(quiet.1)) {
        (Some(from), Some(until)) if from != until => (Some(from), Some(until)),
        _ => (None, None),
    };
    let row = account::ActiveModel {
        mail_off: Set(Some(off.iter().map(|news| news.as_str()).collect::<Vec<_>>().join(","))),
        quiet_from: Set(from),
        quiet_until: Set(until),
        ..Default::default()
    };
    Ok(change(grant.db(), grant.holder()?.account.0, row).await?)
}

/// Closes an account. Its row stays, so that the log can name who did what, but nobody signs in with it; the patient may open a
/// new one.
///
/// # Errors
/// `Invalid` for a wrong password.
pub async fn close(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, password: String) -> Result<(), Error> {
    let account = own(grant).await?;
    check_password(grant, passwords, &account, password).await?;
    let now = grant.now().instant;
    let tx = grant.begin().await?;
    let row = account::ActiveModel {
        closed_at: Set(Some(now)),
        // The name is free again, and so is the chart.
        username_key: Set(format!("closed:{}", account.id)),
        patient_id: Set(None),
        password_hash: Set(String::new()),
        totp_secret: Set(None),
        totp_confirmed_at: Set(None),
        ..Default::default()
    };
    change(&tx, account.id, row).await?;
    account_session::Entity::delete_many().filter(account_session::Column::AccountId.eq(account.id)).exec(&tx).await?;
    phone::end_all(&tx, account.id, None).await?;
    passkey::Entity::delete_many().filter(passkey::Column::AccountId.eq(account.id)).exec(&tx).await?;
    trusted_device::Entity::delete_many().filter(trusted_device::Column::AccountId.eq(account.id)).exec(&tx).await?;
    let ended = proxy_grant::ActiveModel { ended_at: Set(Some(now)), end_reason: Set(Some(EndReason::Revoked)), ..Default::default() };
    proxy_grant::Entity::update_many()
        .set(ended)
        .filter(proxy_grant::Column::AccountId.eq(account.id))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(&tx)
        .await?;
    if let Some(to) = account.recipient() {
        post(&tx, &to, email::closed(), &organization_here()?, now, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}
