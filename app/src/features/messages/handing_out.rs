//! Which files of messages somebody may have.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{message_file, message_thread},
    inbox,
    model::FileState,
    store::visible,
};
use crate::{
    access::{
        Grant,
        policy::{OpenThread, ReadMessages, SeeInbox},
    },
    base::{error::Error, ids::PatientId},
};

/// What is handed out of a file, piece by piece.
pub struct File {
    pub id: Uuid,
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

impl From<message_file::Model> for File {
    fn from(row: message_file::Model) -> Self {
        Self { id: row.id, name: row.name, media_type: row.media_type, size: row.size }
    }
}

/// A file of a message in this chart.
///
/// # Errors
/// `NotFound` for every other file.
pub async fn of_patient(grant: &Grant<ReadMessages>, id: Uuid) -> Result<File, Error> {
    let file = sent(grant.db(), id).await?;
    visible(grant).filter(message_thread::Column::Id.eq(file.thread_id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    Ok(file.into())
}

/// Whose chart a file belongs to, when its thread is one of the caller's departments.
///
/// # Errors
/// `NotFound` for every other file.
pub async fn patient_of(grant: &Grant<SeeInbox>, id: Uuid) -> Result<PatientId, Error> {
    inbox::patient_of(grant, sent(grant.db(), id).await?.thread_id).await
}

/// A file of a thread of the caller's departments.
///
/// # Errors
/// `NotFound` for every other file.
pub async fn of_office(grant: &Grant<OpenThread>, id: Uuid) -> Result<File, Error> {
    let file = sent(grant.db(), id).await?;
    inbox::of_chart(grant, file.thread_id).await?;
    Ok(file.into())
}

async fn sent(db: &impl ConnectionTrait, id: Uuid) -> Result<message_file::Model, Error> {
    let found = message_file::Entity::find_by_id(id)
        .filter(message_file::Column::MessageId.is_not_null())
        .filter(message_file::Column::State.eq(FileState::Ready));
    found.one(db).await?.ok_or(Error::NotFound)
}
