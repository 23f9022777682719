//! SMART Health Links: an address, a key that only the link holds, and a file that is made anew at each opening.
//! Source: HL7 SMART Health Cards and Links IG 1.0.0, SMART Health Links.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    chapters::gather,
    entity::health_link,
    fhir::document,
    jwe::encrypt,
    model::{LINK_DAYS, MOST_TRIES, Period, Section},
    shares,
};
use crate::{
    access::{
        Grant, OnBehalf, Standing,
        policy::{ReadShared, ShareRecord},
    },
    credentials::keys::Issuer,
    error::{Error, Why},
    ids::{AccountId, PatientId, new_id},
    sign_in::Passwords,
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
    sections: &[Section],
    days: i64,
    passcode: &str,
) -> Result<Uuid, Error> {
    let label = label.trim();
    shares::check(label, sections)?;
    // The specification keeps labels short: they stand in a QR code.
    if label.chars().count() > 80 {
        return Err(Error::field("recipient", Why::TooLong));
    }
    let days = if LINK_DAYS.contains(&days) { days } else { LINK_DAYS[0] };
    let passcode = passcode.trim();
    // What lasts longer than a day needs a second thing to know.
    if passcode.is_empty() && days > 1 {
        return Err(Error::field("passcode", Why::Missing));
    }
    if !passcode.is_empty() && !(4..=64).contains(&passcode.chars().count()) {
        return Err(Error::field("passcode", Why::PasscodeShape));
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
        sections: Set(Section::list(sections)),
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

/// The links of a chart, newest first: all for its owner, one's own for a proxy.
///
/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<ShareRecord>) -> Result<Vec<health_link::Model>, Error> {
    Ok(open(grant)?.order_by_desc(health_link::Column::CreatedAt).limit(50).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such link of this chart that the caller may see.
pub async fn one(grant: &Grant<ShareRecord>, id: Uuid) -> Result<health_link::Model, Error> {
    open(grant)?.filter(health_link::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)
}

fn open(grant: &Grant<ShareRecord>) -> Result<Select<health_link::Entity>, Error> {
    let all = health_link::Entity::find().filter(health_link::Column::PatientId.eq(grant.patient().0));
    Ok(if grant.standing() == Standing::Own { all } else { all.filter(health_link::Column::AccountId.eq(grant.holder()?.account.0)) })
}

/// # Errors
/// As [`one`].
pub async fn revoke(grant: &Grant<ShareRecord>, id: Uuid) -> Result<(), Error> {
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
    if row.passcode_hash.is_some() {
        payload["flag"] = json!("P");
    }
    Some(format!("shlink:/{}", BASE64_URL_SAFE_NO_PAD.encode(payload.to_string())))
}

/// Why a manifest is not given.
pub enum Refused {
    /// There is no such link, or it is over.
    NotFound,
    /// The passcode is missing or wrong.
    Passcode {
        tries_left: i32,
    },
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

/// The manifest: one file, inside it, encrypted with the key that the link holds.
///
/// # Errors
/// See [`Refused`].
pub async fn manifest(
    grant: &Grant<ReadShared>,
    issuer: &Issuer,
    passwords: &Passwords,
    organisation: &str,
    path: &str,
    asked: &Value,
) -> Result<Value, Refused> {
    let db = grant.db();
    let found = health_link::Entity::find().filter(health_link::Column::Path.eq(path)).one(db).await?;
    let found = found.filter(is_open).ok_or(Refused::NotFound)?;
    if let Some(stored) = found.passcode_hash.clone() {
        // Counted before it is tried, so that many at once get no more than five.
        let counted = health_link::Entity::update_many()
            .col_expr(health_link::Column::TriesLeft, Expr::col(health_link::Column::TriesLeft).sub(1))
            .filter(health_link::Column::Id.eq(found.id))
            .filter(health_link::Column::TriesLeft.gt(0))
            .exec(db)
            .await?;
        let passcode = asked["passcode"].as_str().unwrap_or_default().to_owned();
        if counted.rows_affected == 0 || !passwords.verify(passcode, Some(stored)).await?.matches {
            return Err(Refused::Passcode { tries_left: found.tries_left - 1 });
        }
        let again = health_link::ActiveModel { tries_left: Set(MOST_TRIES), ..Default::default() };
        health_link::Entity::update_many().set(again).filter(health_link::Column::Id.eq(found.id)).exec(db).await?;
    }
    let (patient, account) = (PatientId(found.patient_id), AccountId(found.account_id));
    let sharer = OnBehalf::of(grant, account).await?;
    let share = sharer.allow::<ShareRecord>(patient).map_err(|_| Refused::NotFound)?;
    let chapters = gather(&sharer, patient, &Section::read(&found.sections), Period::default()).await?;
    let title = share.texts().portable_document().to_owned();
    let bundle = document(&share, &chapters, organisation, &title).await?;
    let key = issuer.secret.open(&found.sealed_key).and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or(Refused::NotFound)?;
    let jwe = encrypt(bundle.to_string().as_bytes(), "application/fhir+json", key)?;
    let recipient: String = asked["recipient"].as_str().unwrap_or("?").chars().take(100).collect();
    let tx = grant.begin().await?;
    health_link::Entity::update_many()
        .col_expr(health_link::Column::Opened, Expr::col(health_link::Column::Opened).add(1))
        .col_expr(health_link::Column::LastOpenedAt, Expr::value(Utc::now()))
        .filter(health_link::Column::Id.eq(found.id))
        .exec(&tx)
        .await?;
    grant.log_recipient(&tx, &format!("{} ({recipient})", found.label), account, patient).await?;
    shares::tell(&tx, grant, found.patient_id, found.account_id, false).await?;
    tx.commit().await?;
    Ok(json!({"status": "can-change", "files": [{"contentType": "application/fhir+json", "embedded": jwe}]}))
}
