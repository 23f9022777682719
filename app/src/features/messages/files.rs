//! Files that go with messages: what there is, and how they are read. Each lies in pieces in the database, sealed with the portal's
//! secret, so that none is ever in memory as a whole.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use super::{
    entity::{message, message_file, message_file_chunk},
    model::{FileState, Place},
    problem,
};
use crate::{
    access::{Grant, System, policy::WriteMessages},
    base::error::Error,
    platform::secret::Secret,
};

/// Bytes of a piece.
pub const PIECE: usize = 256 * 1024;
/// What was added and never sent is kept for so long.
const UNSENT: TimeDelta = TimeDelta::days(60);
/// What never arrived as a whole is kept for so long.
const CUT: TimeDelta = TimeDelta::hours(6);

/// The place for which a piece is sealed.
fn place(file: Uuid, number: i32) -> Vec<u8> {
    [&file.as_bytes()[..], &number.to_be_bytes()].concat()
}

/// The files of these messages, in the order in which they were added.
///
/// # Errors
/// When the database fails.
pub async fn of_messages(db: &impl ConnectionTrait, messages: Vec<Uuid>) -> Result<Vec<message_file::Model>, DbErr> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let files = message_file::Entity::find().filter(message_file::Column::MessageId.is_in(messages));
    files.order_by_asc(message_file::Column::AddedAt).order_by_asc(message_file::Column::Id).all(db).await
}

/// What an account added to a message that is not sent: also what was refused, and why. Nothing that is on its way.
///
/// # Errors
/// When the database fails.
pub async fn added(db: &impl ConnectionTrait, account: Uuid, place: Place) -> Result<Vec<message_file::Model>, DbErr> {
    let files = message_file::Entity::find().filter(unsent(account, place)).filter(message_file::Column::State.ne(FileState::Arriving));
    files.order_by_asc(message_file::Column::AddedAt).order_by_asc(message_file::Column::Id).all(db).await
}

pub(super) fn unsent(account: Uuid, place: Place) -> Condition {
    Condition::all()
        .add(message_file::Column::MessageId.is_null())
        .add(message_file::Column::AccountId.eq(account))
        .add(message_file::Column::PatientId.eq(place.patient.0))
        .add(message_file::Column::ThreadId.eq(place.thread))
}

/// A piece of a file; nothing after the last one.
///
/// # Errors
/// When the database fails, or what it has is not what was sealed.
pub async fn piece(db: &impl ConnectionTrait, secret: &Secret, file: Uuid, number: i32) -> Result<Option<Vec<u8>>, Error> {
    let Some(found) = message_file_chunk::Entity::find_by_id((file, number)).one(db).await? else { return Ok(None) };
    let open = secret.open_at(&place(file, number), &found.sealed);
    open.map(Some).ok_or_else(|| Error::unexpected("message file", &"a piece does not open"))
}

/// Writes a piece of a file.
///
/// # Errors
/// When the database fails.
pub async fn write_piece(db: &impl ConnectionTrait, secret: &Secret, file: Uuid, number: i32, bytes: &[u8]) -> Result<(), Error> {
    let sealed = secret.seal_at(&place(file, number), bytes)?;
    let row = message_file_chunk::ActiveModel { file_id: Set(file), number: Set(number), sealed: Set(sealed) };
    message_file_chunk::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Deletes what was added and never sent, and what never arrived as a whole.
///
/// # Errors
/// When the database fails.
pub async fn forget(system: &System, now: DateTime<Utc>) -> Result<(), DbErr> {
    let db = system.db();
    let cut = Condition::all().add(message_file::Column::State.eq(FileState::Arriving)).add(message_file::Column::AddedAt.lt(now - CUT));
    delete(db, cut).await?;
    let old = Condition::all().add(message_file::Column::MessageId.is_null()).add(message_file::Column::AddedAt.lt(now - UNSENT));
    delete(db, old).await
}

/// Deletes these files with their pieces.
///
/// # Errors
/// When the database fails.
pub(super) async fn delete(db: &impl ConnectionTrait, which: Condition) -> Result<(), DbErr> {
    let ids = message_file::Entity::find().select_only().column(message_file::Column::Id).filter(which.clone()).into_query();
    message_file_chunk::Entity::delete_many().filter(message_file_chunk::Column::FileId.in_subquery(ids)).exec(db).await?;
    message_file::Entity::delete_many().filter(which).exec(db).await?;
    Ok(())
}

/// The files of a message as a whole, for the hospital's own system.
///
/// # Errors
/// When the database fails, or what it has is not what was sealed.
pub async fn whole(db: &impl ConnectionTrait, secret: &Secret, file: Uuid) -> Result<Vec<u8>, DbErr> {
    let mut bytes = Vec::new();
    for number in 0.. {
        match piece(db, secret, file, number).await {
            Ok(Some(piece)) => bytes.extend(piece),
            Ok(None) => break,
            Err(error) => return Err(DbErr::Custom(error.to_string())),
        }
    }
    Ok(bytes)
}

/// Deletes a message with its files.
///
/// # Errors
/// When the database fails.
pub async fn forget_with_message(db: &impl ConnectionTrait, message: Uuid) -> Result<(), DbErr> {
    delete(db, Condition::all().add(message_file::Column::MessageId.eq(message))).await?;
    message::Entity::delete_by_id(message).exec(db).await?;
    Ok(())
}

/// Takes a file from a message that is not sent.
///
/// # Errors
/// When the database fails.
pub async fn remove(grant: &Grant<WriteMessages>, at: Place, file: Uuid) -> Result<(), Error> {
    let which = unsent(grant.holder()?.account.0, at).add(message_file::Column::Id.eq(file));
    Ok(delete(grant.db(), which).await?)
}

/// What was refused is forgotten before somebody sends again: its reason was read.
///
/// # Errors
/// When the database fails.
pub async fn forget_refused(grant: &Grant<WriteMessages>, at: Place, before: DateTime<Utc>) -> Result<(), Error> {
    let which = unsent(grant.holder()?.account.0, at)
        .add(message_file::Column::State.is_not_in([FileState::Ready, FileState::NotScanned, FileState::Arriving]))
        .add(message_file::Column::AddedAt.lt(before));
    Ok(delete(grant.db(), which).await?)
}

/// These files of a draft become those of the message that was sent, in its transaction; the draft has no others any more.
///
/// # Errors
/// `Invalid` at the field `files` when one of them could not be scanned, or is not there any more.
pub async fn sent(
    db: &impl ConnectionTrait,
    account: Uuid,
    at: Place,
    files: &[Uuid],
    (thread, message): (Uuid, Uuid),
) -> Result<(), Error> {
    let here: Condition = unsent(account, at);
    let these = || here.clone().add(message_file::Column::Id.is_in(files.iter().copied()));
    let waiting = these().add(message_file::Column::State.eq(FileState::NotScanned));
    if message_file::Entity::find().filter(waiting).count(db).await? > 0 {
        return Err(Error::field("files", problem::NOT_SCANNED));
    }
    let ready = these().add(message_file::Column::State.eq(FileState::Ready));
    let with = message_file::ActiveModel { message_id: Set(Some(message)), thread_id: Set(thread), ..Default::default() };
    let taken = message_file::Entity::update_many().set(with).filter(ready).exec(db).await?.rows_affected;
    if usize::try_from(taken).is_ok_and(|taken| taken != files.len()) {
        return Err(Error::field("files", problem::FILES));
    }
    Ok(delete(db, here.add(message_file::Column::State.ne(FileState::Arriving))).await?)
}
