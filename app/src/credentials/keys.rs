//! The keys with which the hospital signs: made when they are needed, sealed in the database, published for ever.

use std::sync::Arc;

use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entity::{health_card, signing_key};
use crate::{access::System, error::Error};

/// The portal's secret: 32 bytes that seal what must not be read from the database alone.
#[derive(Clone)]
pub struct Secret(Arc<Aes256Gcm>);

const NONCE: usize = 12;

impl Secret {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Arc::new(Aes256Gcm::new(&bytes.into())))
    }

    /// Nonce and ciphertext (AES-256-GCM).
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::unexpected("randomness", &error))?;
        let sealed = self.0.encrypt(&nonce.into(), plain).map_err(|error| Error::unexpected("sealing", &error))?;
        Ok([nonce.to_vec(), sealed].concat())
    }

    /// Nothing when it was sealed with another secret, or changed.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.0.decrypt(&nonce.into(), sealed).ok()
    }
}

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
    // The thumbprint is taken of the required members in the order of their names (RFC 7638).
    let kid = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)));
    Ok(json!({"kty": "EC", "kid": kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y}))
}

/// Makes a new key and keeps it; from now on it is the one that signs.
///
/// # Errors
/// When the machine gives no randomness, or the database fails.
pub async fn make(db: &impl ConnectionTrait, secret: &Secret, now: DateTime<Utc>) -> Result<Key, Error> {
    let key = loop {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
        // All but one in 2^32 numbers are keys.
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            break key;
        }
    };
    let jwk = public_jwk(&key)?;
    let kid = jwk["kid"].as_str().unwrap_or_default().to_owned();
    let row = signing_key::ActiveModel {
        kid: Set(kid.clone()),
        public_jwk: Set(jwk.to_string()),
        sealed: Set(secret.seal(&key.to_bytes())?),
        created_at: Set(now),
    };
    signing_key::Entity::insert(row).exec_without_returning(db).await?;
    Ok(Key { kid, key })
}

/// The newest key that this secret opens; a new one when there is none.
///
/// # Errors
/// As [`make`].
pub async fn current(db: &impl ConnectionTrait, secret: &Secret, now: DateTime<Utc>) -> Result<Key, Error> {
    let rows =
        signing_key::Entity::find().order_by_desc(signing_key::Column::CreatedAt).order_by_desc(signing_key::Column::Kid).all(db).await?;
    let opened = rows.into_iter().find_map(|row| {
        let key = SigningKey::from_slice(&secret.open(&row.sealed)?).ok()?;
        Some(Key { kid: row.kid, key })
    });
    match opened {
        Some(key) => Ok(key),
        None => make(db, secret, now).await,
    }
}

/// Makes a new key that signs from now on, and says its name. The keys before it stay published, so that their cards still verify.
///
/// # Errors
/// As [`make`].
pub async fn rotate(system: &System, secret: &Secret) -> Result<String, Error> {
    Ok(make(system.db(), secret, Utc::now()).await?.kid)
}

/// Every public key, as `/.well-known/jwks.json` publishes them.
///
/// # Errors
/// When the database fails.
pub async fn published(db: &impl ConnectionTrait) -> Result<Value, Error> {
    let rows = signing_key::Entity::find().order_by_asc(signing_key::Column::CreatedAt).all(db).await?;
    let mut keys: Vec<Value> = Vec::new();
    for row in rows {
        let mut jwk: Value = serde_json::from_str(&row.public_jwk).unwrap_or_default();
        let revoked = revoked(db, &row.kid).await?.len();
        if revoked > 0 {
            // Tells readers that there is a list, and whether they know its newest version.
            jwk["crlVersion"] = json!(revoked);
        }
        keys.push(jwk);
    }
    Ok(json!({ "keys": keys }))
}

/// The revocation list of a key, as `/.well-known/crl/{kid}.json` publishes it.
///
/// # Errors
/// `NotFound` for a key of somebody else.
pub async fn revocations(db: &impl ConnectionTrait, kid: &str) -> Result<Value, Error> {
    signing_key::Entity::find_by_id(kid).one(db).await?.ok_or(Error::NotFound)?;
    let revoked = revoked(db, kid).await?;
    Ok(json!({"kid": kid, "method": "rid", "ctr": revoked.len(), "rids": revoked}))
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
}
