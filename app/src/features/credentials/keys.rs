//! The keys with which the hospital signs: one at a time is sealed in the database, all of them are published for ever, but for
//! those that somebody stole.

use std::sync::Arc;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use card_reader::card::thumbprint;
use chrono::Utc;
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    pkcs8::DecodePrivateKey as _,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};
use serde_json::{Value, json};

use super::entity::{health_card, signing_key};
use crate::{access::System, base::error::Error, platform::secret::Secret};

/// Who signs: the issuer's address and the secret of its keys.
#[derive(Clone)]
pub struct Issuer {
    /// Without a slash at the end.
    pub url: Arc<str>,
    pub secret: Secret,
}

/// A key ready to sign.
pub struct Key {
    pub kid: String,
    key: SigningKey,
}

impl Key {
    /// ES256 (RFC 7518): `r` and `s`, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().to_vec()
    }
}

fn public_jwk(key: &SigningKey) -> Result<Value, Error> {
    let point = key.verifying_key().to_encoded_point(false);
    let (Some(x), Some(y)) = (point.x(), point.y()) else { return Err(Error::unexpected("key", &"no point of the curve")) };
    let (x, y) = (BASE64_URL_SAFE_NO_PAD.encode(x), BASE64_URL_SAFE_NO_PAD.encode(y));
    let kid = thumbprint(&x, &y);
    Ok(json!({"kty": "EC", "kid": kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y}))
}

/// A private key that somebody made elsewhere: a JSON Web Key, or PEM as OpenSSL writes it.
fn from_file(text: &str) -> Option<SigningKey> {
    if text.trim_start().starts_with('{') {
        let jwk: Value = serde_json::from_str(text).ok()?;
        let of_this_curve = jwk["kty"] == "EC" && jwk["crv"] == "P-256";
        let number = BASE64_URL_SAFE_NO_PAD.decode(jwk["d"].as_str().filter(|_| of_this_curve)?).ok()?;
        return SigningKey::from_slice(&number).ok();
    }
    match (pem(text, "PRIVATE KEY"), pem(text, "EC PRIVATE KEY")) {
        (Some(der), _) => SigningKey::from_pkcs8_der(&der).ok(),
        (None, Some(der)) => SecretKey::from_sec1_der(&der).ok().map(SigningKey::from),
        (None, None) => None,
    }
}

/// What stands under a label (RFC 7468).
fn pem(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
    BASE64_STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()
}

fn random() -> Result<SigningKey, Error> {
    loop {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
        // All but one in 2^32 numbers are keys.
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            return Ok(key);
        }
    }
}

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

/// Every public key that was not withdrawn, as `/.well-known/jwks.json` publishes them.
///
/// # Errors
/// When the database fails.
pub async fn published(db: &impl ConnectionTrait) -> Result<Value, Error> {
    let rows = signing_key::Entity::find()
        .filter(signing_key::Column::WithdrawnAt.is_null())
        .order_by_asc(signing_key::Column::CreatedAt)
        .all(db)
        .await?;
    let mut keys: Vec<Value> = Vec::new();
    for row in rows {
        let mut jwk: Value = serde_json::from_str(&row.public_jwk).unwrap_or_default();
        // Tells readers that there is a list, and whether they know its newest version.
        jwk["crlVersion"] = json!(version(&revoked(db, &row.kid).await?));
        keys.push(jwk);
    }
    Ok(json!({ "keys": keys }))
}

/// The version of a revocation list: it grows with each card, and begins with 1.
fn version(revoked: &[String]) -> usize {
    revoked.len() + 1
}

/// The revocation list of a key, as `/.well-known/crl/{kid}.json` publishes it.
///
/// # Errors
/// `NotFound` for a key of somebody else.
pub async fn revocations(db: &impl ConnectionTrait, kid: &str) -> Result<Value, Error> {
    signing_key::Entity::find_by_id(kid).one(db).await?.ok_or(Error::NotFound)?;
    let revoked = revoked(db, kid).await?;
    Ok(json!({"kid": kid, "method": "rid", "ctr": version(&revoked), "rids": revoked}))
}

/// The revocation ids of the cards of a key that were taken back.
///
/// # Errors
/// When the database fails.
pub async fn revoked(db: &impl ConnectionTrait, kid: &str) -> Result<Vec<String>, Error> {
    let found = health_card::Entity::find()
        .filter(health_card::Column::Kid.eq(kid))
        .filter(health_card::Column::RevokedAt.is_not_null())
        .order_by_asc(health_card::Column::RevokedAt)
        .select_only()
        .column(health_card::Column::RevocationId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_secret_only() {
        let secret = Secret::new([1; 32]);
        let sealed = secret.seal(b"a key").expect("sealed");
        assert_eq!(secret.open(&sealed).as_deref(), Some(&b"a key"[..]));
        assert_eq!(Secret::new([2; 32]).open(&sealed), None);
        let mut changed = sealed.clone();
        changed[NONCE] ^= 1;
        assert_eq!(secret.open(&changed), None);
        assert_eq!(secret.open(b"short"), None);
        assert_ne!(secret.seal(b"a key").expect("sealed"), sealed, "never the same twice");
    }

    /// The key of the specification's examples, and the name it has there.
    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode("FvOOk6hMixJ2o9zt4PCfan_UW7i4aOEnzj76ZaCI9Og").expect("base64");
        let jwk = public_jwk(&SigningKey::from_slice(&bytes).expect("a key")).expect("a JWK");
        assert_eq!(jwk["kid"], "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s");
        assert_eq!(jwk["x"], "11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw");
    }

    /// The same key in the forms in which OpenSSL and others give it.
    #[test]
    fn a_key_is_read_from_a_file() {
        let old = "-----BEGIN EC PRIVATE KEY-----\n\
            MHcCAQEEIBbzjpOoTIsSdqPc7eDwn2p/1Fu4uGjhJ84++mWgiPTooAoGCCqGSM49\n\
            AwEHoUQDQgAE11XvRWy1I2S0EyJlyf/bWfw/TQ5CJJNLw78bHXNxcgx5lfDG87WG\n\
            8JjQq5ys98qjvIDIxPoCNzc3s6QAHpVjLw==\n-----END EC PRIVATE KEY-----\n";
        let new = "-----BEGIN PRIVATE KEY-----\n\
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFvOOk6hMixJ2o9zt\n\
            4PCfan/UW7i4aOEnzj76ZaCI9OihRANCAATXVe9FbLUjZLQTImXJ/9tZ/D9NDkIk\n\
            k0vDvxsdc3FyDHmV8MbztYbwmNCrnKz3yqO8gMjE+gI3NzezpAAelWMv\n-----END PRIVATE KEY-----\n";
        let jwk = r#" {"kty": "EC", "crv": "P-256", "d": "FvOOk6hMixJ2o9zt4PCfan_UW7i4aOEnzj76ZaCI9Og"}"#;
        let with_parameters = format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{old}");
        for text in [old, new, jwk, with_parameters.as_str()] {
            let key = from_file(text).expect("a key");
            assert_eq!(public_jwk(&key).expect("a JWK")["kid"], "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s", "{text}");
        }
        let other_curve = jwk.replace("P-256", "P-384");
        for text in ["", "{}", "-----BEGIN PRIVATE KEY-----", other_curve.as_str(), &new.replace("MIGH", "AAAA")] {
            assert!(from_file(text).is_none(), "{text}");
        }
    }
}
