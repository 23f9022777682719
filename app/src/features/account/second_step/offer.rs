//! Offers a passkey to whoever signs in with a password on a device for the second time.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{
    entity::passkey,
    passkeys::{are_possible, permit},
};
use crate::{
    access::{Grant, entity::account_session, policy::Permission},
    base::error::Error,
    features::account::core::{A_YEAR, KNOWN_COOKIE, Opened},
    platform::{request as web, tokens::hash},
};

/// Set by the browser when the device knows its owner by face, finger or PIN (`public/phone.js`).
const ABLE_COOKIE: &str = "passkeys";
/// Whether a passkey is offered.
const OFFER_COOKIE: &str = "passkey-offer";
const OPEN: &str = "open";
const DECLINED: &str = "declined";
/// In seconds: after that it is no matter of this sign-in any more.
const HALF_AN_HOUR: i64 = 1800;

/// Offers a passkey to whoever typed their password a moment ago, unless this is the first time here, they have one, the device has
/// none to give, or the offer was declined on it. For five minutes it needs no password again.
///
/// # Errors
/// When the database fails.
pub(crate) async fn offer<P: Permission>(grant: &Grant<P>, opened: &Opened) -> Result<(), Error> {
    let declined = web::cookie(OFFER_COOKIE).as_deref() == Some(DECLINED);
    if declined || web::cookie(KNOWN_COOKIE).is_none() || web::cookie(ABLE_COOKIE).is_none() || !are_possible(grant) {
        return close();
    }
    let this = account_session::Column::TokenHash.eq(hash(&opened.token));
    let Some(session) = account_session::Entity::find().filter(this).one(grant.db()).await? else { return close() };
    let own = passkey::Column::AccountId.eq(session.account_id);
    if passkey::Entity::find().filter(own).count(grant.db()).await? > 0 {
        return close();
    }
    permit(grant, session.id, session.account_id).await?;
    web::keep_cookie(OFFER_COOKIE, OPEN, HALF_AN_HOUR)
}

/// Whether this browser offers one.
pub fn is_open() -> bool {
    web::cookie(OFFER_COOKIE).as_deref() == Some(OPEN)
}

/// Takes an offer back that is open: it was taken, or somebody else is here.
///
/// # Errors
/// When the server was put together without session rules.
pub(crate) fn close() -> Result<(), Error> {
    if is_open() { web::keep_cookie(OFFER_COOKIE, "", 0) } else { Ok(()) }
}

/// On this device it is offered no more.
///
/// # Errors
/// When the server was put together without session rules.
pub(crate) fn decline() -> Result<(), Error> {
    web::keep_cookie(OFFER_COOKIE, DECLINED, A_YEAR)
}
