//! Sessions begin and end here.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    attempts::{self, Turn},
    model::username_key,
    password::Passwords,
};
use crate::{
    access::{
        Grant, System,
        entity::{account, account_session},
        policy::{SignIn, UseOwnAccount},
        session,
    },
    error::Error,
    ids::AccountId,
};

/// A session that was opened.
pub struct Opened {
    /// For the cookie.
    pub token: String,
    /// The language kept with the account.
    pub locale: String,
}

/// # Errors
/// `WrongCredentials`, the same for an unknown name as for a wrong password; `Locked`; `TooManyTries`; `Busy`.
pub async fn sign_in(grant: &Grant<SignIn>, passwords: &Passwords, username: &str, password: String) -> Result<Opened, Error> {
    let db = grant.db();
    let key = username_key(username);
    let (by_address, by_account) = (format!("address:{}", network(grant.address())), format!("account:{key}"));
    if let Turn::Wait { minutes } = attempts::take(db, &by_address, attempts::PER_ADDRESS).await? {
        return Err(Error::TooManyTries { minutes });
    }
    let last = match attempts::take(db, &by_account, attempts::PER_ACCOUNT).await? {
        Turn::Wait { minutes } => return Err(Error::Locked { minutes }),
        Turn::Free { last } => last,
    };
    let found = account::Entity::find().filter(account::Column::UsernameKey.eq(key)).one(db).await?;
    let verified = passwords.verify(password, found.as_ref().map(|account| account.password_hash.clone())).await?;
    let Some(account) = found.filter(|_| verified.matches) else {
        return Err(if last { Error::Locked { minutes: attempts::full_lock() } } else { Error::WrongCredentials });
    };
    let tx = grant.begin().await?;
    if let Some(hash) = verified.upgrade {
        let upgraded = account::ActiveModel { password_hash: Set(hash), ..Default::default() };
        account::Entity::update_many().set(upgraded).filter(account::Column::Id.eq(account.id)).exec(&tx).await?;
    }
    attempts::forget(&tx, &by_account).await?;
    attempts::forget(&tx, &by_address).await?;
    let token = session::open(&tx, AccountId(account.id)).await?;
    tx.commit().await?;
    Ok(Opened { token, locale: account.locale })
}

/// Opens a session without a password. The routes of `server demo` call this, and nothing else does.
///
/// # Errors
/// When the database fails.
pub async fn open_for_demo(system: &System, username: &str) -> Result<Option<Opened>, Error> {
    let found = account::Entity::find().filter(account::Column::UsernameKey.eq(username_key(username))).one(system.db()).await?;
    let Some(account) = found else { return Ok(None) };
    let token = session::open(system.db(), AccountId(account.id)).await?;
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
    account_session::Entity::delete_many().filter(account_session::Column::AccountId.eq(account.0)).exec(grant.db()).await?;
    Ok(())
}

/// Whoever holds one IPv6 address holds its whole /64 network, so that is what is counted.
fn network(address: std::net::IpAddr) -> String {
    match address.to_canonical() {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}
