//! Sessions begin and end here.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    access::{
        Grant, System,
        entity::account_session,
        policy::{SignIn, UseOwnAccount},
        session,
    },
    base::{error::Error, ids::AccountId, text::username_key},
    features::account::{
        core::Opened,
        email,
        second_step::{devices, step},
    },
    people::account,
    platform::{
        mail::store::{organization_here, post},
        password_hash::Passwords,
        push::phone,
        throttle as attempts,
        throttle::{Throttle, network},
    },
};

/// What came of a user name and a password.
pub enum SignedIn {
    Opened(Opened),
    /// The password was right, and the second step is to come: the token for its cookie.
    SecondStep(String),
}

/// What somebody brings to the sign-in form.
pub struct Typed {
    pub username: String,
    pub password: String,
    /// Where to go afterwards.
    pub next: String,
    /// The token of a device that was trusted.
    pub device: Option<String>,
}

/// # Errors
/// `WrongCredentials`, the same for an unknown name as for a wrong password; `Locked`; `TooManyTries`; `Busy`.
pub async fn sign_in(grant: &Grant<SignIn>, passwords: &Passwords, typed: Typed) -> Result<SignedIn, Error> {
    let by_address = format!("address:{}", network(grant.address()));
    attempts::guarded(grant.db(), &by_address, attempts::PER_ADDRESS, check(grant, passwords, typed)).await
}

async fn check(grant: &Grant<SignIn>, passwords: &Passwords, typed: Typed) -> Result<SignedIn, Error> {
    let Typed { username, password, next, device } = typed;
    let db = grant.db();
    let key = username_key(&username);
    let by_account = format!("account:{key}");
    let last = match attempts::count(db, &by_account, attempts::PER_ACCOUNT).await? {
        Throttle::Limited { minutes } => return Err(Error::Locked { minutes }),
        Throttle::Allowed { last } => last,
    };
    let found =
        account::Entity::find().filter(account::Column::UsernameKey.eq(key)).filter(account::Column::ClosedAt.is_null()).one(db).await?;
    let verified = passwords.verify(password, found.as_ref().map(|account| account.password_hash.clone())).await?;
    if last && !verified.matches {
        attempts::lock(db, &by_account).await?;
        if let Some(to) = found.as_ref().and_then(account::Model::recipient) {
            post(db, &to, email::locked(attempts::full_lock()), &organization_here()?, grant.now().instant, grant.zone()).await?;
        }
    }
    let Some(account) = found.filter(|_| verified.matches) else {
        return Err(if last { Error::Locked { minutes: attempts::full_lock() } } else { Error::WrongCredentials });
    };
    let tx = grant.begin().await?;
    if let Some(hash) = verified.upgrade {
        let upgraded = account::ActiveModel { password_hash: Set(hash), ..Default::default() };
        account::Entity::update_many().set(upgraded).filter(account::Column::Id.eq(account.id)).exec(&tx).await?;
    }
    attempts::reset(&tx, &by_account).await?;
    let trusted = devices::is_trusted(&tx, account.id, device.as_deref()).await?;
    if step::is_needed(&account) && !trusted {
        let token = step::begin(&tx, account.id, &next).await?;
        tx.commit().await?;
        return Ok(SignedIn::SecondStep(token));
    }
    let token = session::open(&tx, AccountId(account.id), grant.device(), trusted).await?;
    tx.commit().await?;
    Ok(SignedIn::Opened(Opened { token, locale: account.locale }))
}

/// Opens a session without a password. The routes of `server demo` call this, and nothing else does.
///
/// # Errors
/// When the database fails.
pub async fn open_for_demo(system: &System, username: &str, device: &str) -> Result<Option<Opened>, Error> {
    let found = account::Entity::find().filter(account::Column::UsernameKey.eq(username_key(username))).one(system.db()).await?;
    let Some(account) = found else { return Ok(None) };
    let token = session::open(system.db(), AccountId(account.id), device, true).await?;
    Ok(Some(Opened { token, locale: account.locale }))
}

/// Ends this session.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(grant: &Grant<UseOwnAccount>) -> Result<(), Error> {
    let session = grant.holder()?.session;
    account_session::Entity::delete_by_id(session).exec(grant.db()).await?;
    Ok(())
}

/// Ends every session of this account, this one too.
///
/// # Errors
/// When the database fails.
pub async fn sign_out_everywhere(grant: &Grant<UseOwnAccount>) -> Result<(), Error> {
    let account = grant.holder()?.account;
    phone::end_all(grant.db(), account.0, None).await?;
    account_session::Entity::delete_many().filter(account_session::Column::AccountId.eq(account.0)).exec(grant.db()).await?;
    Ok(())
}
