//! What a SMART Health Link leads to: a manifest, and a file that is made anew at each opening.
//! Source: HL7 SMART Health Cards and Links IG 1.0.0, SMART Health Links.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{entity::health_link, fhir::document, jwe::encrypt, links::is_open, reader};
use crate::{
    access::{
        DelegatedAccess, Grant,
        policy::{ReadShared, ShareRecord},
    },
    base::{
        error::Error,
        ids::{AccountId, PatientId},
        period::Period,
    },
    features::credentials::keys::Issuer,
    platform::password_hash::Passwords,
    record::chapter::{Chapters, RecordSection},
};

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
        if error.is_absence() { Refused::NotFound } else { Refused::Failed(error) }
    }
}

impl From<sea_orm::DbErr> for Refused {
    fn from(error: sea_orm::DbErr) -> Self {
        Refused::Failed(error.into())
    }
}

/// The manifest: one file, encrypted with the key that the link holds; inside the manifest, or beside it where it is longer than
/// whoever asks takes.
///
/// # Errors
/// See [`Refused`].
pub async fn manifest(grant: &Grant<ReadShared>, shares: &Shares<'_>, path: &str, asked: &Value) -> Result<Value, Refused> {
    let found = found(grant, path).await?;
    if let Some(stored) = found.passcode_hash.clone() {
        let passcode = asked["passcode"].as_str().unwrap_or_default();
        pass(grant, shares.passwords, &found, stored, passcode).await?;
    }
    let jwe = opened(grant, shares, &found, asked["recipient"].as_str()).await?;
    let most = asked["embeddedLengthMax"].as_u64().unwrap_or(u64::MAX);
    let file = if most < u64::try_from(jwe.len()).unwrap_or(u64::MAX) {
        let ticket = Ticket { link: found.id, until: (Utc::now() + FETCH_WITHIN).timestamp() };
        json!({"contentType": TYPE, "location": format!("{}/shl/{path}/{}", shares.issuer.url, ticket.sealed(shares.issuer)?)})
    } else {
        json!({"contentType": TYPE, "embedded": jwe})
    };
    Ok(json!({"status": "can-change", "files": [file]}))
}

/// The file itself, for a link that needs no passcode.
///
/// # Errors
/// `NotFound` also for a link with a passcode.
pub async fn direct(grant: &Grant<ReadShared>, shares: &Shares<'_>, path: &str, recipient: Option<&str>) -> Result<String, Refused> {
    let found = found(grant, path).await?;
    if found.passcode_hash.is_some() {
        return Err(Refused::NotFound);
    }
    opened(grant, shares, &found, recipient).await
}

/// The file that a manifest named.
///
/// # Errors
/// `NotFound` when the ticket is nobody's or over.
pub async fn fetched(grant: &Grant<ReadShared>, shares: &Shares<'_>, path: &str, ticket: &str) -> Result<String, Refused> {
    let found = found(grant, path).await?;
    let ticket = Ticket::opened(shares.issuer, ticket).filter(|ticket| ticket.link == found.id && Utc::now().timestamp() < ticket.until);
    ticket.ok_or(Refused::NotFound)?;
    // Whoever fetches it asked for the manifest a moment ago, and that was told.
    made(grant, shares, &found).await
}

/// What the running server brings along.
pub struct Shares<'a> {
    pub issuer: &'a Issuer,
    pub passwords: &'a Passwords,
    pub organisation: &'a str,
    pub chapters: &'a Chapters,
}

const TYPE: &str = "application/fhir+json";
/// Whoever was given an address for a file fetches it within this time. The specification allows an hour.
const FETCH_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// The permission to fetch one file for a few minutes: sealed, so that only this portal makes one.
#[derive(Serialize, Deserialize)]
struct Ticket {
    link: Uuid,
    /// Seconds since 1970.
    until: i64,
}

impl Ticket {
    fn sealed(&self, issuer: &Issuer) -> Result<String, Error> {
        let text = serde_json::to_vec(self).map_err(|error| Error::unexpected("ticket", &error))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(issuer.secret.seal(&text)?))
    }

    fn opened(issuer: &Issuer, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&issuer.secret.open(&BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?)?).ok()
    }
}

async fn found(grant: &Grant<ReadShared>, path: &str) -> Result<health_link::Model, Refused> {
    let found = health_link::Entity::find().filter(health_link::Column::Path.eq(path)).one(grant.db()).await?;
    found.filter(is_open).ok_or(Refused::NotFound)
}

async fn pass(
    grant: &Grant<ReadShared>,
    passwords: &Passwords,
    link: &health_link::Model,
    stored: String,
    passcode: &str,
) -> Result<(), Refused> {
    // Counted before it is tried, so that many at once get no more than five. Wrong tries count for as long as the link lives:
    // only the one that was right is given back.
    let count = |by: i32| {
        health_link::Entity::update_many()
            .col_expr(health_link::Column::TriesLeft, Expr::col(health_link::Column::TriesLeft).add(by))
            .filter(health_link::Column::Id.eq(link.id))
    };
    let counted = count(-1).filter(health_link::Column::TriesLeft.gt(0)).exec(grant.db()).await?;
    if counted.rows_affected == 0 || !passwords.verify(passcode.to_owned(), Some(stored)).await?.matches {
        return Err(Refused::Passcode { tries_left: link.tries_left - 1 });
    }
    count(1).exec(grant.db()).await?;
    Ok(())
}

/// Makes the file, and tells and writes down that it was given.
async fn opened(
    grant: &Grant<ReadShared>,
    shares: &Shares<'_>,
    link: &health_link::Model,
    recipient: Option<&str>,
) -> Result<String, Refused> {
    let jwe = made(grant, shares, link).await?;
    let recipient: String = recipient.unwrap_or("?").chars().take(100).collect();
    let (patient, account) = (PatientId(link.patient_id), AccountId(link.account_id));
    let tx = grant.begin().await?;
    health_link::Entity::update_many()
        .col_expr(health_link::Column::Opened, Expr::col(health_link::Column::Opened).add(1))
        .col_expr(health_link::Column::LastOpenedAt, Expr::value(Utc::now()))
        .filter(health_link::Column::Id.eq(link.id))
        .exec(&tx)
        .await?;
    grant.log_recipient(&tx, &format!("{} ({recipient})", link.label), account, patient).await?;
    reader::tell(&tx, grant, link.patient_id, link.account_id, false).await?;
    tx.commit().await?;
    Ok(jwe)
}

/// The document as its sharer may see it now, encrypted.
async fn made(grant: &Grant<ReadShared>, shares: &Shares<'_>, link: &health_link::Model) -> Result<String, Refused> {
    let patient = PatientId(link.patient_id);
    let sharer = DelegatedAccess::of(grant, AccountId(link.account_id)).await?;
    let sharer = if link.sensitive { sharer } else { sharer.without_sensitive() };
    let share = sharer.allow::<ShareRecord>(patient)?;
    let sections = RecordSection::read(&link.sections);
    let chapters = shares.chapters.gather(&sharer, patient, &sections, Period::default()).await?;
    let bundle = document(&share, &chapters, shares.organisation, share.texts().portable_document()).await?;
    let key = shares.issuer.secret.open(&link.sealed_key).and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or(Refused::NotFound)?;
    // Long records take a moment to compress: not while other requests wait for this thread.
    let made = spawn_blocking(move || encrypt(bundle.to_string().as_bytes(), TYPE, key)).await;
    Ok(made.map_err(|error| Error::unexpected("encryption", &error))??)
}
