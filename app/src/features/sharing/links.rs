//! SMART Health Links: an address, and a key that only the link holds.
//! Source: HL7 SMART Health Cards and Links IG 1.0.0, SMART Health Links.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;
use uuid::Uuid;

use super::{
    entity::health_link,
    model::{LINK_DAYS, MOST_TRIES},
    shares::{self, Chosen, SeesShares},
};
use crate::{
    access::{
        AccessKind, Grant,
        policy::{EndShares, ShareRecord},
    },
    base::{error::Error, ids::new_id, why::Why},
    features::{credentials::keys::Issuer, sharing::problem},
    platform::password_hash::Passwords,
    record::chapter::RecordSection,
};

/// Makes a link and returns its id.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn make(
    grant: &Grant<ShareRecord>,
    issuer: &Issuer,
    passwords: &Passwords,
    label: &str,
    chosen: &Chosen,
    days: i64,
    passcode: &str,
) -> Result<Uuid, Error> {
    let label = label.trim();
    shares::check(label, &chosen.sections)?;
    // The specification keeps labels short: they stand in a QR code.
    if label.chars().count() > 80 {
        return Err(Error::field("recipient", Why::TOO_LONG));
    }
    if !LINK_DAYS.contains(&days) {
        return Err(Error::field("days", problem::NOT_OFFERED));
    }
    let passcode = passcode.trim();
    // What lasts longer than a day needs a second thing to know.
    if passcode.is_empty() && days > 1 {
        return Err(Error::field("passcode", Why::MISSING));
    }
    if !passcode.is_empty() && !(4..=64).contains(&passcode.chars().count()) {
        return Err(Error::field("passcode", problem::PASSCODE_SHAPE));
    }
    let passcode_hash = match passcode {
        "" => None,
        passcode => Some(passwords.hash(passcode.to_owned()).await?),
    };
    let (mut key, mut path) = ([0u8; 32], [0u8; 32]);
    for bytes in [&mut key, &mut path] {
        getrandom::fill(bytes).map_err(|error| Error::unexpected("randomness", &error))?;
    }
    let (id, now) = (new_id(), Utc::now());
    health_link::Entity::insert(health_link::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        account_id: Set(grant.holder()?.account.0),
        label: Set(label.to_owned()),
        sections: Set(RecordSection::list(&chosen.sections)),
        sensitive: Set(chosen.sensitive),
        path: Set(BASE64_URL_SAFE_NO_PAD.encode(path)),
        sealed_key: Set(issuer.secret.seal(&key)?),
        passcode_hash: Set(passcode_hash),
        tries_left: Set(MOST_TRIES),
        opened: Set(0),
        last_opened_at: Set(None),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::days(days)),
        revoked_at: Set(None),
    })
    .exec_without_returning(grant.db())
    .await?;
    Ok(id)
}

/// The links of a chart, those that last longest first: all for its owner, one's own for a proxy.
///
/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<impl SeesShares>) -> Result<Vec<health_link::Model>, Error> {
    Ok(open(grant)?.order_by_desc(health_link::Column::ExpiresAt).limit(50).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such link of this chart that the caller may see.
pub async fn one(grant: &Grant<impl SeesShares>, id: Uuid) -> Result<health_link::Model, Error> {
    open(grant)?.filter(health_link::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)
}

fn open(grant: &Grant<impl SeesShares>) -> Result<Select<health_link::Entity>, Error> {
    let all = health_link::Entity::find().filter(health_link::Column::PatientId.eq(grant.patient().0));
    Ok(if grant.access_kind() == AccessKind::Own { all } else { all.filter(health_link::Column::AccountId.eq(grant.holder()?.account.0)) })
}

/// # Errors
/// As [`one`].
pub async fn revoke(grant: &Grant<EndShares>, id: Uuid) -> Result<(), Error> {
    let found = one(grant, id).await?;
    let revoked = health_link::ActiveModel { revoked_at: Set(Some(Utc::now())), ..Default::default() };
    health_link::Entity::update_many().set(revoked).filter(health_link::Column::Id.eq(found.id)).exec(grant.db()).await?;
    Ok(())
}

/// Whether a link can be opened.
pub fn is_open(row: &health_link::Model) -> bool {
    row.revoked_at.is_none() && row.tries_left > 0 && Utc::now() < row.expires_at
}

/// The link itself: `shlink:/…`. `None` when the key was sealed with another secret.
pub fn written(row: &health_link::Model, issuer: &Issuer) -> Option<String> {
    let key = issuer.secret.open(&row.sealed_key)?;
    let mut payload = json!({
        "url": format!("{}/shl/{}", issuer.url, row.path),
        "key": BASE64_URL_SAFE_NO_PAD.encode(key),
        "exp": row.expires_at.timestamp(),
        "label": row.label,
        "v": 1,
    });
    // With a passcode there is a manifest to ask for; without one, the address is the file.
    payload["flag"] = json!(if row.passcode_hash.is_some() { "P" } else { "U" });
    Some(format!("shlink:/{}", BASE64_URL_SAFE_NO_PAD.encode(payload.to_string())))
}
