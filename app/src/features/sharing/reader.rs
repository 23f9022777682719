//! Whoever reads what was shared by a code: one browser session, and a note back.

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::share,
    model::MOST_TRIES,
    shares::{close, is_being_read, is_waiting},
};
use crate::{
    access::{
        DelegatedAccess, Grant,
        policy::{ReadShared, ShareRecord},
    },
    base::{
        error::Error,
        ids::{AccountId, PatientId},
        period::Period,
        text::normalised,
        why::Why,
    },
    features::sharing::{email, problem},
    people::{account, patient},
    platform::{
        mail::store::{organization_here, post},
        throttle as attempts,
        throttle::{count_in_row, network},
        tokens::{hash, token},
    },
    record::chapter::{Chapter, Chapters, RecordSection},
};

/// Tries from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 10;
/// So many letters of a note are kept.
const MOST_NOTE: usize = 2000;

/// Exchanges code and birth date for a session of its own. Returns the token for the cookie.
///
/// What is wrong is not told: code, birth date, or a code that is over.
///
/// # Errors
/// `Invalid`; `TooManyTries`.
pub async fn enter(grant: &Grant<ReadShared>, code: &str, birth_date: Option<chrono::NaiveDate>) -> Result<String, Error> {
    let key = format!("share:{}", network(grant.address()));
    attempts::guarded(grant.db(), &key, PER_ADDRESS, exchange(grant, code, birth_date)).await
}

async fn exchange(grant: &Grant<ReadShared>, code: &str, birth_date: Option<chrono::NaiveDate>) -> Result<String, Error> {
    let wrong = || Error::form(Why::DETAILS_WRONG);
    let code = normalised(code).ok_or_else(wrong)?;
    let found = share::Entity::find().filter(share::Column::CodeHash.eq(hash(&code))).one(grant.db()).await?;
    let found = found.ok_or_else(wrong)?;
    // The try is counted before it is made, so that many at once get no more than five.
    let this = share::Column::Id.eq(found.id);
    let counted = count_in_row::<share::Entity>(grant.db(), this, share::Column::WrongTries, MOST_TRIES).await?;
    let person = patient::Entity::find_by_id(found.patient_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if !counted || birth_date.is_none_or(|typed| !person.is_born_on(typed)) {
        return Err(wrong());
    }
    // Whoever knows both learns that it was used or is over, within the same few tries.
    if !is_waiting(&found) && found.wrong_tries < MOST_TRIES {
        return Err(Error::form(problem::CODE_OVER));
    }
    // Whoever shared it may have lost the access it rests on.
    sharer_of(grant, &found).await.map_err(|error| if error.is_absence() { wrong() } else { error })?;
    let (token, now) = (token()?, Utc::now());
    let tx = grant.begin().await?;
    let opened = share::ActiveModel { opened_at: Set(Some(now)), session_hash: Set(Some(hash(&token))), ..Default::default() };
    let opened = share::Entity::update_many()
        .set(opened)
        .filter(share::Column::Id.eq(found.id))
        .filter(share::Column::OpenedAt.is_null())
        .filter(share::Column::ClosedAt.is_null())
        .exec(&tx)
        .await?;
    if opened.rows_affected == 0 {
        return Err(wrong());
    }
    grant.log_recipient(&tx, &found.recipient, AccountId(found.account_id), PatientId(found.patient_id)).await?;
    tell(&tx, grant, found.patient_id, found.account_id, false).await?;
    tx.commit().await?;
    Ok(token)
}

/// Tells whoever shared it, and whose record it is: it was opened, or a note came back.
pub(super) async fn tell(
    tx: &impl ConnectionTrait,
    grant: &Grant<ReadShared>,
    patient: Uuid,
    sharer: Uuid,
    note: bool,
) -> Result<(), Error> {
    let accounts = account::Entity::find()
        .filter(account::Column::ClosedAt.is_null())
        .filter(Condition::any().add(account::Column::Id.eq(sharer)).add(account::Column::PatientId.eq(patient)))
        .all(tx)
        .await?;
    for to in accounts.iter().filter_map(|account| account.recipient()) {
        let link = grant.link(&format!("/p/{patient}/share"));
        let (organization, now) = (organization_here()?, grant.now().instant);
        match note {
            true => post(tx, &to, email::note_left(link), &organization, now, grant.zone()).await?,
            false => post(tx, &to, email::opened(link), &organization, now, grant.zone()).await?,
        }
    }
    Ok(())
}

/// What a reader is shown.
pub struct Shared {
    pub row: share::Model,
    pub person: patient::Model,
    pub chapters: Vec<Chapter>,
}

/// The share that this browser session reads.
///
/// # Errors
/// `NotFound` when there is none, it is over, or the access it rests on is.
pub async fn session(grant: &Grant<ReadShared>, token: Option<String>) -> Result<share::Model, Error> {
    Ok(being_read(grant, token).await?.0)
}

/// The share of a browser session, and whoever shared it.
async fn being_read(grant: &Grant<ReadShared>, token: Option<String>) -> Result<(share::Model, DelegatedAccess), Error> {
    let token = token.ok_or(Error::NotFound)?;
    let found = share::Entity::find().filter(share::Column::SessionHash.eq(hash(&token))).one(grant.db()).await?;
    let found = found.filter(is_being_read).ok_or(Error::NotFound)?;
    let sharer = sharer_of(grant, &found).await?;
    Ok((found, sharer))
}

/// Whoever shared it, as long as they may.
async fn sharer_of(grant: &Grant<ReadShared>, row: &share::Model) -> Result<DelegatedAccess, Error> {
    let sharer = DelegatedAccess::of(grant, AccountId(row.account_id)).await?;
    sharer.allow::<ShareRecord>(PatientId(row.patient_id))?;
    Ok(sharer)
}

/// The shared record, as far as its sharer may see it now.
///
/// # Errors
/// As [`session`].
pub async fn read(grant: &Grant<ReadShared>, chapters: &Chapters, token: Option<String>) -> Result<Shared, Error> {
    let (row, sharer) = being_read(grant, token).await?;
    let patient = PatientId(row.patient_id);
    let person = patient::Entity::find_by_id(row.patient_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let sharer = if row.sensitive { sharer } else { sharer.without_sensitive() };
    let chapters = chapters.gather(&sharer, patient, &RecordSection::read(&row.sections), Period::default()).await?;
    Ok(Shared { row, person, chapters })
}

/// Keeps the note that the reader leaves back, and tells.
///
/// # Errors
/// `NotFound` without a session; `Invalid` for nothing or too much.
pub async fn leave_note(grant: &Grant<ReadShared>, token: Option<String>, note: &str) -> Result<(), Error> {
    let row = session(grant, token).await?;
    let note = note.trim();
    if note.is_empty() || note.chars().count() > MOST_NOTE {
        return Err(Error::field("note", if note.is_empty() { Why::MISSING } else { Why::TOO_LONG }));
    }
    let tx = grant.begin().await?;
    let kept = share::ActiveModel { note: Set(Some(note.to_owned())), ..Default::default() };
    share::Entity::update_many().set(kept).filter(share::Column::Id.eq(row.id)).exec(&tx).await?;
    tell(&tx, grant, row.patient_id, row.account_id, true).await?;
    tx.commit().await?;
    Ok(())
}

/// The reader is done: nobody reads it any more.
///
/// # Errors
/// When the database fails.
pub async fn finish(grant: &Grant<ReadShared>, token: Option<String>) -> Result<(), Error> {
    match session(grant, token).await {
        Ok(row) => close(grant.db(), row.id).await,
        Err(error) if error.is_absence() => Ok(()),
        Err(error) => Err(error),
    }
}
