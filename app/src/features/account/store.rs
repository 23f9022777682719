//! Reads and keeps what belongs to an account.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use super::model::{PersonCard, Session, Via, initials};
use crate::{
    access::{
        Grant, Holder, Person,
        entity::account_session,
        policy::{ManageOwnAccount, UseOwnAccount},
        proxy,
    },
    base::{
        end_reason::EndReason,
        error::{Error, Why},
        i18n::Locale,
        text::{is_email, is_username, username_key},
    },
    features::account::{
        recovery::store::{mail_proof, set_password},
        second_step::{
            entity::{passkey, trusted_device},
            store::{change, check_password, own},
        },
        sign_up::store::username_taken,
    },
    people::{account, proxy_grant},
    platform::{
        mail::{
            letter::Letter,
            model::News,
            store::{organization_here, post},
        },
        password_hash::Passwords,
        passwords,
    },
};

/// The people whose charts are open right now; who has lost access is not among them.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn session(grant: &Grant<UseOwnAccount>, idle_seconds: u32) -> Result<Session, Error> {
    let holder = grant.holder()?;
    let now = grant.now();
    let mut people = Vec::new();
    if let Some(own) = &holder.own_chart {
        people.push(card(holder, own, 0, proxy::age_on(own.birth_date, now.today), Via::Own));
    }
    for (found, level) in holder.acts_for(now) {
        if let Ok(level) = level {
            let age = proxy::age_on(found.facts.birth_date, now.today);
            people.push(card(holder, &found.person, found.hue, age, Via::Proxy(found.relationship, level)));
        }
    }
    Ok(Session { name: holder.name.clone(), staff: holder.staff, second_step_passed: holder.second_step_passed, people, idle_seconds })
}

fn card(holder: &Holder, person: &Person, hue: u8, age: i32, via: Via) -> PersonCard {
    let family = person.full_name.rsplit(' ').next().filter(|family| *family != person.given_name).unwrap_or_default();
    let look = holder.appearances.iter().find(|look| look.patient == person.patient);
    PersonCard {
        patient: person.patient,
        given_name: person.given_name.clone(),
        nickname: look.and_then(|look| look.nickname.clone()),
        photo: look.is_some_and(|look| look.has_photo),
        full_name: person.full_name.clone(),
        initials: initials(&person.given_name, family),
        hue: look.and_then(|look| look.hue).unwrap_or(hue),
        age,
        via,
    }
}

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
        return Err(Error::field("repeat", Why::NotConfirmed));
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
        return Err(Error::field("username", Why::UsernameShape));
    }
    if key != account.username_key && username_taken(grant.db(), username).await? {
        return Err(Error::field("username", Why::UsernameTaken));
    }
    check_password(grant, passwords, &account, password).await?;
    let tx = grant.begin().await?;
    let row = account::ActiveModel { username: Set(username.to_owned()), username_key: Set(key), ..Default::default() };
    match change(&tx, account.id, row).await {
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(Error::field("username", Why::UsernameTaken));
        }
        other => other?,
    }
    if let Some(to) = account.recipient() {
        post(&tx, &to, &Letter::UsernameChanged, &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `Invalid` says what is wrong.
pub async fn change_email(grant: &Grant<ManageOwnAccount>, passwords: &Passwords, email: &str, password: String) -> Result<(), Error> {
    let email = email.trim();
    if !is_email(email) {
        return Err(Error::field("email", if email.is_empty() { Why::Missing } else { Why::NotAnEmail }));
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
        post(&tx, &to, &Letter::AccountClosed, &organization_here()?, now, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}
