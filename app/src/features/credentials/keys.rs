//! The keys with which the hospital signs: one at a time is sealed in the database, all of them are published for ever, but for
//! those that somebody stole.

use chrono::Utc;
use p256::ecdsa::SigningKey;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};

pub use super::issuer::Issuer;
use super::{
    entity::{health_card, signing_key},
    key::{Key, from_file, public_jwk, random},
};
use crate::{access::System, base::error::Error, platform::secret::Secret};

/// Keeps a key; from now on it is the one that signs. What it is ordered by is the machine's time: the demo's goes back.
async fn keep(db: &impl ConnectionTrait, secret: &Secret, key: SigningKey) -> Result<Key, Error> {
    let jwk = public_jwk(&key)?;
    let kid = jwk["kid"].as_str().unwrap_or_default().to_owned();
    let row = signing_key::ActiveModel {
        kid: Set(kid.clone()),
        public_jwk: Set(jwk.to_string()),
        sealed: Set(secret.seal(&key.to_bytes())?),
        created_at: Set(Utc::now()),
        withdrawn_at: Set(None),
    };
    let again = OnConflict::column(signing_key::Column::Kid)
        .update_columns([signing_key::Column::Sealed, signing_key::Column::CreatedAt])
        .to_owned();
    signing_key::Entity::insert(row).on_conflict(again).exec_without_returning(db).await?;
    Ok(Key { kid, key })
}

/// Makes a new key and keeps it; from now on it is the one that signs.
///
/// # Errors
/// When the machine gives no randomness, or the database fails.
pub async fn make(db: &impl ConnectionTrait, secret: &Secret) -> Result<Key, Error> {
    keep(db, secret, random()?).await
}

/// The keys whose private part is there, the newest first.
async fn sealed(db: &impl ConnectionTrait) -> Result<Vec<signing_key::Model>, Error> {
    let rows =
        signing_key::Entity::find().order_by_desc(signing_key::Column::CreatedAt).order_by_desc(signing_key::Column::Kid).all(db).await?;
    Ok(rows.into_iter().filter(|row| !row.sealed.is_empty()).collect())
}

fn opened(secret: &Secret, row: &signing_key::Model) -> Option<Key> {
    let key = SigningKey::from_slice(&secret.open(&row.sealed)?).ok()?;
    Some(Key { kid: row.kid.clone(), key })
}

/// The newest key that this secret opens; a new one when there is none at all.
///
/// # Errors
/// As [`make`]; and when this secret opens none of those there are.
pub async fn current(db: &impl ConnectionTrait, secret: &Secret) -> Result<Key, Error> {
    let rows = sealed(db).await?;
    if rows.is_empty() {
        return make(db, secret).await;
    }
    rows.iter().find_map(|row| opened(secret, row)).ok_or_else(|| Error::unexpected("keys", &"sealed with another secret"))
}

/// Whether this secret opens a key, or there is none yet: with another secret, nothing could be signed.
///
/// # Errors
/// When the database fails.
pub async fn fits(system: &System, secret: &Secret) -> Result<bool, Error> {
    let rows = sealed(system.db()).await?;
    Ok(rows.is_empty() || rows.iter().any(|row| opened(secret, row).is_some()))
}

/// Makes a new key that signs from now on, and says its name. The keys before it stay published, so that their cards still
/// verify; what they signed with is destroyed.
///
/// # Errors
/// As [`make`].
pub async fn rotate(system: &System, secret: &Secret) -> Result<String, Error> {
    let tx = system.begin().await?;
    let key = make(&tx, secret).await?;
    retire_others(&tx, &key.kid).await?;
    tx.commit().await?;
    Ok(key.kid)
}

async fn retire_others(tx: &impl ConnectionTrait, kid: &str) -> Result<(), Error> {
    let retired = signing_key::ActiveModel { sealed: Set(Vec::new()), ..Default::default() };
    signing_key::Entity::update_many().set(retired).filter(signing_key::Column::Kid.ne(kid)).exec(tx).await?;
    Ok(())
}

/// Why a key from a file does not sign.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is no private key of P-256 in a form that is read here.
    NoKey,
    /// It was withdrawn: somebody else may have it.
    Withdrawn,
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Failed(error)
    }
}

impl From<sea_orm::DbErr> for Refused {
    fn from(error: sea_orm::DbErr) -> Self {
        Refused::Failed(error.into())
    }
}

/// Takes the key in `text` (JSON Web Key, or PEM) as the one that signs from now on, and says its name. As with [`rotate`], the
/// keys before it stay published.
///
/// # Errors
/// See [`Refused`].
pub async fn import(system: &System, secret: &Secret, text: &str) -> Result<String, Refused> {
    let key = from_file(text).ok_or(Refused::NoKey)?;
    let kid = public_jwk(&key)?["kid"].as_str().unwrap_or_default().to_owned();
    let tx = system.begin().await?;
    let known = signing_key::Entity::find_by_id(kid.as_str()).one(&tx).await?;
    if known.is_some_and(|row| row.withdrawn_at.is_some()) {
        return Err(Refused::Withdrawn);
    }
    // A server that starts again changes nothing.
    let signs = sealed(&tx).await?.first().and_then(|row| opened(secret, row)).is_some_and(|current| current.kid == kid);
    if !signs {
        keep(&tx, secret, key).await?;
        retire_others(&tx, &kid).await?;
    }
    tx.commit().await?;
    Ok(kid)
}

/// Takes a key out of publication because somebody else may have it, and takes back all of its cards; says how many. When it
/// was the one that signs, the next card is signed with a new one.
///
/// # Errors
/// `NotFound` for a key of somebody else.
pub async fn withdraw(system: &System, kid: &str) -> Result<u64, Error> {
    let (tx, now) = (system.begin().await?, Utc::now());
    let withdrawn = signing_key::ActiveModel { sealed: Set(Vec::new()), withdrawn_at: Set(Some(now)), ..Default::default() };
    let found = signing_key::Entity::update_many().set(withdrawn).filter(signing_key::Column::Kid.eq(kid)).exec(&tx).await?;
    if found.rows_affected == 0 {
        return Err(Error::NotFound);
    }
    let revoked = health_card::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    let taken_back = health_card::Entity::update_many()
        .set(revoked)
        .filter(health_card::Column::Kid.eq(kid))
        .filter(health_card::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(taken_back.rows_affected)
}
