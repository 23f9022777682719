//! Share codes: one reader, one browser session, some sections, a short time.

use std::collections::HashMap;

use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    entity::share,
    model::{CODE_MINUTES, MOST_TRIES, READING},
};
use crate::{
    access::{
        AccessKind, DelegatedAccess, Grant, Permission,
        policy::{ReadShared, ShareRecord, TakeAlong, ViewShares},
    },
    base::{
        error::{Error, Problem},
        ids::{AccountId, PatientId, new_id},
        period::Period,
        text::{LENGTH, displayed, normalised},
        why::Why,
    },
    features::sharing::{email, problem},
    people::{account, patient},
    platform::{
        mail::store::{organization_here, post},
        throttle as attempts,
        throttle::{count_in_row, network},
        tokens::{hash, random_code, token},
    },
    record::chapter::{Chapter, Chapters, RecordSection},
};

/// Tries from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 10;
/// So many letters of a note are kept.
const MOST_NOTE: usize = 2000;

/// What is shared.
pub struct Chosen {
    pub sections: Vec<RecordSection>,
    /// With what is sensitive, as far as whoever shares sees it.
    pub sensitive: bool,
}

/// Makes a code and returns the share's id and the code, which is shown this once.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn make(grant: &Grant<ShareRecord>, recipient: &str, chosen: &Chosen, minutes: i64) -> Result<(Uuid, String), Error> {
    let recipient = recipient.trim();
    check(recipient, &chosen.sections)?;
    if !CODE_MINUTES.contains(&minutes) {
        return Err(Error::field("minutes", problem::NOT_OFFERED));
    }
    let code = random_code(LENGTH)?;
    let (id, now) = (new_id(), Utc::now());
    share::Entity::insert(share::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        account_id: Set(grant.holder()?.account.0),
        recipient: Set(recipient.to_owned()),
        sections: Set(RecordSection::list(&chosen.sections)),
        sensitive: Set(chosen.sensitive),
        code_hash: Set(hash(&code)),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::minutes(minutes)),
        wrong_tries: Set(0),
        opened_at: Set(None),
        session_hash: Set(None),
        closed_at: Set(None),
        note: Set(None),
    })
    .exec_without_returning(grant.db())
    .await?;
    Ok((id, displayed(&code)))
}

/// # Errors
/// `Invalid` with everything that is wrong.
pub fn check(recipient: &str, sections: &[RecordSection]) -> Result<(), Error> {
    let mut problems = Vec::new();
    if recipient.is_empty() || recipient.chars().count() > 100 {
        problems.push(Problem { field: "recipient".into(), why: if recipient.is_empty() { Why::MISSING } else { Why::TOO_LONG } });
    }
    if sections.is_empty() {
        problems.push(Problem { field: format!("sections[{}]", RecordSection::Conditions.as_str()), why: Why::MISSING });
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// The codes of a chart, newest first: all for its owner, one's own for a proxy.
///
/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<impl SeesShares>) -> Result<Vec<share::Model>, Error> {
    Ok(open(grant)?.order_by_desc(share::Column::CreatedAt).limit(50).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such code of this chart that the caller may see.
pub async fn one(grant: &Grant<impl SeesShares>, id: Uuid) -> Result<share::Model, Error> {
    open(grant)?.filter(share::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)
}

/// The permissions with which it is found what is shared: to look, and to make or end it.
pub trait SeesShares: Permission<Scope = PatientId> {}

impl SeesShares for ViewShares {}
impl SeesShares for ShareRecord {}
impl SeesShares for TakeAlong {}

/// The names of others who shared parts of this chart, by account.
///
/// # Errors
/// When the database fails.
pub async fn others(grant: &Grant<ViewShares>, accounts: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, String>, Error> {
    let me = grant.holder()?.account.0;
    let others: Vec<Uuid> = accounts.into_iter().filter(|account| *account != me).collect();
    let found = account::Entity::find().filter(account::Column::Id.is_in(others)).all(grant.db()).await?;
    Ok(found.into_iter().map(|row| (row.id, row.display_name)).collect())
}

fn open(grant: &Grant<impl SeesShares>) -> Result<sea_orm::Select<share::Entity>, Error> {
    let all = share::Entity::find().filter(share::Column::PatientId.eq(grant.patient().0));
    Ok(if grant.access_kind() == AccessKind::Own { all } else { all.filter(share::Column::AccountId.eq(grant.holder()?.account.0)) })
}

/// Ends a share at once, also for somebody who is reading.
///
/// # Errors
/// As [`one`].
pub async fn revoke(grant: &Grant<ShareRecord>, id: Uuid) -> Result<(), Error> {
    let found = one(grant, id).await?;
    close(grant.db(), found.id).await
}

async fn close(db: &impl ConnectionTrait, id: Uuid) -> Result<(), Error> {
    let closed = share::ActiveModel { closed_at: Set(Some(Utc::now())), session_hash: Set(None), ..Default::default() };
    share::Entity::update_many().set(closed).filter(share::Column::Id.eq(id)).filter(share::Column::ClosedAt.is_null()).exec(db).await?;
    Ok(())
}

/// Whether a code that nobody used yet can still be used.
pub fn is_waiting(row: &share::Model) -> bool {
    row.closed_at.is_none() && row.opened_at.is_none() && row.wrong_tries < MOST_TRIES && Utc::now() < row.expires_at
}

/// Whether somebody reads it now.
pub fn is_being_read(row: &share::Model) -> bool {
    row.closed_at.is_none() && row.opened_at.is_some_and(|at| Utc::now() < at + READING)
}

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
    if !counted || birth_date != Some(person.birth_date) {
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
