//! The public keys, and which of their cards were taken back.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::entity::{health_card, signing_key};
use crate::base::error::Error;

/// Every public key that was not withdrawn, as `/.well-known/jwks.json` publishes them.
///
/// # Errors
/// When the database fails.
pub async fn keys(db: &impl ConnectionTrait) -> Result<Value, Error> {
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
