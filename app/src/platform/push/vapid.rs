//! How push services know the portal: a key that is made once and sealed like the others, and a signed line for each message. Source:
//! RFC 8292.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use serde_json::json;

use super::{encrypt::random_key, entity::push_key};
use crate::{base::error::Error, platform::secret::Secret};

/// There is one key: browsers give an address for one, and with another each would have to be asked anew.
const ONLY: i32 = 1;
/// For which a signed line is good; a day at most.
const LIFE: TimeDelta = TimeDelta::hours(12);

/// The portal's key.
#[derive(Clone)]
pub struct Vapid(SigningKey);

impl Vapid {
    /// The key of this database; made when there is none.
    ///
    /// # Errors
    /// When the machine gives no randomness, the database fails, or the key was sealed with another secret.
    pub async fn current(db: &impl ConnectionTrait, secret: &Secret) -> Result<Self, Error> {
        let mut found = push_key::Entity::find_by_id(ONLY).one(db).await?;
        if found.is_none() {
            let made =
                push_key::ActiveModel { id: Set(ONLY), sealed: Set(secret.seal(&random_key()?.to_bytes())?), created_at: Set(Utc::now()) };
            // Of two servers that begin at once, the first one's stays.
            let known = OnConflict::column(push_key::Column::Id).do_nothing().to_owned();
            push_key::Entity::insert(made).on_conflict(known).exec_without_returning(db).await?;
            found = push_key::Entity::find_by_id(ONLY).one(db).await?;
        }
        let key = found.and_then(|row| SigningKey::from_slice(&secret.open(&row.sealed)?).ok());
        key.map(Self).ok_or_else(|| Error::unexpected("push key", &"sealed with another secret"))
    }

    /// The public key, as browsers take it.
    pub fn public(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_encoded_point(false))
    }

    /// The header `Authorization` for a service; `contact` is whom its operators may write to.
    pub fn authorization(&self, origin: &str, contact: &str, now: DateTime<Utc>) -> String {
        let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "typ": "JWT", "alg": "ES256" }));
        let body = part(json!({ "aud": origin, "exp": (now + LIFE).timestamp(), "sub": contact }));
        let signature: Signature = self.0.sign(format!("{head}.{body}").as_bytes());
        format!("vapid t={head}.{body}.{}, k={}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public())
    }
}
