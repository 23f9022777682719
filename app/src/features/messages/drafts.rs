//! What somebody began to write: kept with their account, so that it survives the end of the session and goes to other devices.

use chrono::TimeDelta;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{message_draft, message_file, message_thread},
    files::{delete, unsent},
    model::{FileState, Place},
};
use crate::{
    access::{
        Grant, Level, Permission,
        policy::{UseOwnAccount, WriteMessages},
    },
    base::{error::Error, ids::PatientId, why::Why},
    people::patient::with_merged,
    platform::{
        batch::{Batch, Columns, Rows},
        throttle::limit,
    },
};

/// What was given up can be brought back for so long.
const UNDO: TimeDelta = TimeDelta::days(1);
/// More letters than a message may have are kept too: whoever pasted too much shortens it later.
const MOST: usize = 20_000;
/// So many savings of one account in a window of the throttle: one in five seconds.
const PER_ACCOUNT: i32 = 180;

/// What was typed so far.
pub struct Typed<'a> {
    pub topic: &'a str,
    pub recipient: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
}

/// Keeps what was typed. Of an empty form nothing is kept.
///
/// # Errors
/// `NotFound` when the caller may not write about this patient; `Invalid` for more than anybody writes.
pub async fn keep(grant: &Grant<UseOwnAccount>, place: Place, typed: &Typed<'_>) -> Result<(), Error> {
    if !grant.would_allow::<WriteMessages>(&place.patient) {
        return Err(Error::NotFound);
    }
    is_there(grant, place).await?;
    let account = grant.holder()?.account;
    limit(grant.db(), &format!("message-draft:{account}"), PER_ACCOUNT).await?;
    drop_discarded(grant.db(), account.0, place).await?;
    let (subject, body) = (typed.subject, typed.body);
    if body.chars().count() > MOST || subject.chars().count() > MOST || typed.topic.len() > 20 || typed.recipient.len() > 120 {
        return Err(Error::field("body", Why::TOO_LONG));
    }
    if subject.trim().is_empty() && body.trim().is_empty() {
        return Ok(sent(grant.db(), account.0, place).await?);
    }
    let row = message_draft::ActiveModel {
        account_id: Set(account.0),
        patient_id: Set(place.patient.0),
        thread_id: Set(place.thread),
        topic: Set(typed.topic.to_owned()),
        recipient: Set(typed.recipient.to_owned()),
        subject: Set(subject.to_owned()),
        body: Set(body.to_owned()),
        saved_at: Set(grant.now().instant),
        discarded_at: Set(None),
    };
    let known = OnConflict::columns([message_draft::Column::AccountId, message_draft::Column::PatientId, message_draft::Column::ThreadId])
        .update_columns([
            message_draft::Column::Topic,
            message_draft::Column::Recipient,
            message_draft::Column::Subject,
            message_draft::Column::Body,
            message_draft::Column::SavedAt,
            message_draft::Column::DiscardedAt,
        ])
        .to_owned();
    message_draft::Entity::insert(row).on_conflict(known).exec_without_returning(grant.db()).await?;
    Ok(())
}

/// A draft belongs to a new thread, or to one that the caller sees in this chart.
async fn is_there(grant: &Grant<UseOwnAccount>, place: Place) -> Result<(), Error> {
    if place.thread.is_nil() {
        return Ok(());
    }
    let (holder, now) = (grant.holder()?, grant.now());
    let is_own = holder.own_chart.as_ref().is_some_and(|own| own.patient == place.patient);
    let sees_sensitive = is_own || holder.proxy(place.patient, now).is_some_and(|(_, level)| level.is_ok_and(Level::sees_sensitive));
    let thread = message_thread::Entity::find_by_id(place.thread)
        .filter(message_thread::Column::PatientId.in_subquery(with_merged(place.patient.0).into_query()));
    let found = thread.one(grant.db()).await?.filter(|thread| sees_sensitive || !thread.sensitive);
    found.map(|_| ()).ok_or(Error::NotFound)
}

/// Whoever begins anew does not bring back what was given up: its files go with it.
///
/// # Errors
/// When the database fails.
pub(super) async fn drop_discarded(db: &impl ConnectionTrait, account: Uuid, place: Place) -> Result<(), DbErr> {
    let draft = message_draft::Entity::find().filter(here(account, place)).one(db).await?;
    if let Some(at) = draft.and_then(|draft| draft.discarded_at) {
        delete(db, unsent(account, place).add(message_file::Column::AddedAt.lte(at))).await?;
        sent(db, account, place).await?;
    }
    Ok(())
}

/// Gives a draft up, or brings it back.
///
/// # Errors
/// `NotFound` when the caller may not write about this patient.
pub async fn set_discarded(grant: &Grant<UseOwnAccount>, place: Place, discarded: bool) -> Result<(), Error> {
    if !grant.would_allow::<WriteMessages>(&place.patient) {
        return Err(Error::NotFound);
    }
    let (account, at) = (grant.holder()?.account.0, discarded.then(|| grant.now().instant));
    let marked = message_draft::Entity::update_many()
        .col_expr(message_draft::Column::DiscardedAt, Expr::value(at))
        .filter(here(account, place))
        .exec(grant.db())
        .await?;
    // Files without words are gone at once.
    if discarded && marked.rows_affected == 0 {
        delete(grant.db(), unsent(account, place)).await?;
    }
    Ok(())
}

/// The draft of the caller, also one that was given up within a day.
///
/// # Errors
/// When the database fails.
pub async fn find<P: Permission<Scope = PatientId>>(grant: &Grant<P>, thread: Uuid) -> Result<Option<message_draft::Model>, Error> {
    let place = Place { patient: grant.patient(), thread };
    let found = message_draft::Entity::find().filter(here(grant.holder()?.account.0, place)).one(grant.db()).await?;
    let since = grant.now().instant - UNDO;
    Ok(found.filter(|draft| draft.discarded_at.is_none_or(|at| at > since)))
}

/// Asks for the threads of a patient for which the caller has a draft, be it of files alone; nil for a new one.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn ask_threads<P: Permission<Scope = PatientId>>(
    batch: &mut Batch,
    grant: &Grant<P>,
) -> Result<impl FnOnce(&mut Rows) -> Result<Vec<Uuid>, DbErr> + use<P>, Error> {
    let (account, patient) = (grant.holder()?.account.0, grant.patient().0);
    let mine = message_draft::Entity::find().filter(message_draft::Column::AccountId.eq(account));
    let files = message_file::Entity::find()
        .distinct()
        .filter(message_file::Column::AccountId.eq(account))
        .filter(message_file::Column::PatientId.eq(patient))
        .filter(message_file::Column::MessageId.is_null())
        .filter(message_file::Column::State.is_in([FileState::Ready, FileState::NotScanned]));
    let mine = batch.ask(mine.filter(message_draft::Column::PatientId.eq(patient)));
    let files = batch.ask_columns::<_, Attached>(files, Columns::default().of([message_file::Column::ThreadId]));
    Ok(move |answers: &mut Rows| {
        let (mine, files) = (answers.take(mine)?, answers.take(files)?);
        // What was given up has its files until it is forgotten.
        let alone = files.into_iter().map(|file| file.thread_id).filter(|thread| !mine.iter().any(|draft| draft.thread_id == *thread));
        let written = mine.iter().filter(|draft| draft.discarded_at.is_none()).map(|draft| draft.thread_id);
        Ok(written.chain(alone).collect())
    })
}

/// The thread for which a file was added.
#[derive(FromQueryResult)]
struct Attached {
    thread_id: Uuid,
}

/// What was sent is no draft any more.
///
/// # Errors
/// When the database fails.
pub async fn sent(tx: &impl ConnectionTrait, account: Uuid, place: Place) -> Result<(), DbErr> {
    message_draft::Entity::delete_many().filter(here(account, place)).exec(tx).await?;
    Ok(())
}

fn here(account: Uuid, place: Place) -> Condition {
    Condition::all()
        .add(message_draft::Column::AccountId.eq(account))
        .add(message_draft::Column::PatientId.eq(place.patient.0))
        .add(message_draft::Column::ThreadId.eq(place.thread))
}
