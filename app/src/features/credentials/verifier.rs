//! Checking health cards: whose are believed, and what a browser wants to have checked.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use card_reader::card::{Trust, TrustedIssuer};
use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{issuer::Issuer, published};
use crate::{
    access::{Grant, draft::LIFE, entity::form_draft, policy::VerifyCards},
    base::{error::Error, why::Why},
    platform::{
        request as web, throttle as attempts,
        throttle::network,
        tokens::{hash, token},
    },
};

/// The cookie of a browser that checks a card.
const COOKIE: &str = "card";
/// So many letters are read: a card in fifty codes is shorter.
const MOST: usize = 130_000;
/// Checks from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 100;

/// Where the module lies that reads cards in the browser; nothing where it was not built, as in tests of the server alone.
#[derive(Clone, Debug, Default)]
pub struct CardReader(pub Option<Arc<str>>);

/// The action under which it is kept among the drafts of forms.
const ACTION: &str = "/verify";

/// Counts a check, before anything is done for it.
///
/// # Errors
/// `TooManyTries`.
pub async fn count(grant: &Grant<VerifyCards>) -> Result<(), Error> {
    let key = format!("verify:{}", network(grant.address()));
    attempts::limit(grant.db(), &key, PER_ADDRESS).await
}

/// Keeps what is to be checked: under a token that only this browser has, for as long as its page may be looked at.
///
/// # Errors
/// `Invalid` when there is nothing, or too much.
pub async fn keep(grant: &Grant<VerifyCards>, field: &str, text: &str) -> Result<(), Error> {
    let nothing = text.trim().is_empty();
    if nothing || text.len() > MOST {
        return Err(Error::field(field, if nothing { Why::MISSING } else { Why::TOO_LONG }));
    }
    let token = token()?;
    form_draft::Entity::insert(form_draft::ActiveModel {
        token_hash: Set(hash(&token)),
        action: Set(ACTION.to_owned()),
        entries: Set(serde_json::to_string(&BTreeMap::from([("card", text)])).unwrap_or_default()),
        error: Set(String::new()),
        created_at: Set(Utc::now()),
    })
    .exec_without_returning(grant.db())
    .await?;
    web::keep_cookie(COOKIE, &token, LIFE.num_seconds())
}

/// What [`keep`] kept for this browser.
///
/// # Errors
/// When the database fails.
pub async fn kept(grant: &Grant<VerifyCards>) -> Result<Option<String>, Error> {
    let Some(token) = web::cookie(COOKIE).filter(|token| !token.is_empty()) else { return Ok(None) };
    let found = form_draft::Entity::find_by_id(hash(&token)).filter(form_draft::Column::Action.eq(ACTION)).one(grant.db()).await?;
    let found = found.filter(|row| Utc::now() - row.created_at < LIFE);
    Ok(found.and_then(|row| serde_json::from_str::<BTreeMap<String, String>>(&row.entries).ok()?.remove("card")))
}

/// The portal itself and those of the configuration.
///
/// # Errors
/// When the database fails.
pub async fn issuers(db: &impl ConnectionTrait, issuer: &Issuer, organisation: &str, trust: &Trust) -> Result<Vec<TrustedIssuer>, Error> {
    let keys = published::keys(db).await?["keys"].as_array().cloned().unwrap_or_default();
    let mut own = TrustedIssuer { iss: issuer.url.to_string(), name: organisation.to_owned(), keys, revoked: HashMap::new() };
    for kid in own.keys.iter().filter_map(|key| key["kid"].as_str()) {
        own.revoked.insert(kid.to_owned(), published::revoked(db, kid).await?);
    }
    Ok(trust.0.iter().cloned().chain([own]).collect())
}
