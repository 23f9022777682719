//! Opens requests.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait};
use uuid::Uuid;

use super::{
    email,
    entity::{attachment, request},
    files::Attached,
    kind::{RequestDetails, RequestKind, RequestKinds},
    model::RequestState,
};
use crate::{
    access::{Grant, policy::Permission},
    base::{error::Error, ids::new_id},
    desk::outgoing::{model::ActKind, store::announce},
    people::account,
    platform::mail::store::{Recipient, organization_here, post},
};

/// Opens a request, tells whoever asked its number and the day of the answer, and returns it.
///
/// # Errors
/// When the database fails.
pub async fn open<P: Permission, D: RequestDetails>(
    grant: &Grant<P>,
    name: &str,
    email: Option<&str>,
    patient: Option<Uuid>,
    details: &D,
) -> Result<request::Model, Error> {
    let tx = grant.begin().await?;
    let row = open_in(&tx, grant, name, email, patient, details).await?;
    tx.commit().await?;
    Ok(row)
}

/// Opens a request of an account holder that comes with a file. Neither is there without the other.
///
/// # Errors
/// When the database fails.
pub async fn open_with_file<P: Permission, D: RequestDetails>(
    grant: &Grant<P>,
    name: &str,
    patient: Option<Uuid>,
    details: &D,
    file: Attached,
) -> Result<request::Model, Error> {
    let tx = grant.begin().await?;
    let row = open_in(&tx, grant, name, None, patient, details).await?;
    attachment::Entity::insert(attachment::ActiveModel {
        id: Set(new_id()),
        request_id: Set(row.id),
        name: Set(file.name.chars().take(100).collect()),
        media_type: Set(file.media_type.to_owned()),
        body: Set(file.body),
    })
    .exec_without_returning(&tx)
    .await?;
    tx.commit().await?;
    Ok(row)
}

async fn open_in<P: Permission, D: RequestDetails>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    name: &str,
    email: Option<&str>,
    patient: Option<Uuid>,
    details: &D,
) -> Result<request::Model, Error> {
    let (kind, now, organization) = (RequestKinds::here()?.named(D::KEY)?, grant.now(), organization_here()?);
    let body = serde_json::to_string(details).map_err(|error| Error::unexpected("request details", &error))?;
    let account = match grant.holder() {
        Ok(holder) => account::Entity::find_by_id(holder.account.0).one(tx).await?,
        Err(_) => None,
    };
    let due_on = kind.due.on(now.today);
    let row = request::Model {
        id: new_id(),
        number: number(kind)?,
        kind: kind.key.to_owned(),
        state: RequestState::Open,
        account_id: account.as_ref().map(|account| account.id),
        patient_id: patient,
        name: name.to_owned(),
        email: email.map(str::to_owned),
        locale: grant.locale().tag().to_owned(),
        body,
        created_at: now.instant,
        due_on,
        answer: None,
        answered_by: None,
        answered_at: None,
        confirmed: None,
    };
    request::Entity::insert(request::ActiveModel::from(row.clone())).exec_without_returning(tx).await?;
    tell_out(tx, kind, row.id, now.instant).await?;
    let to = match email {
        Some(email) => Some(Recipient::address(email, grant.locale())),
        None => account.as_ref().and_then(|account| account.recipient()),
    };
    if let Some(to) = to.filter(|_| kind.emails) {
        let link = grant.link(if account.is_some() { "/requests" } else { "/help" });
        let message = email::received(row.number.clone(), due_on, link);
        post(tx, &to, message, &organization, now.instant, grant.zone()).await?;
    }
    Ok(row)
}

/// "H-4821-7730": to read out on the phone.
///
/// # Errors
/// When the machine gives no randomness.
pub fn number(kind: &RequestKind) -> Result<String, Error> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
    let digits = format!("{:08}", u64::from_le_bytes(bytes) % 100_000_000);
    Ok(format!("{}-{}-{}", kind.letter, &digits[..4], &digits[4..]))
}

/// Other systems hear of a request that goes out, and of what becomes of it.
pub(super) async fn tell_out(tx: &impl ConnectionTrait, kind: &RequestKind, id: Uuid, at: DateTime<Utc>) -> Result<(), DbErr> {
    if kind.goes_out { announce(tx, ActKind::Request, id, at).await } else { Ok(()) }
}
