//! One message into a thread, and once, whoever writes it.

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{message, message_thread},
    model::Side,
};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::new_id, why::Why},
};

/// A message that is to be written.
pub(super) struct New<'a> {
    pub side: Side,
    /// What a proxy is to the patient, or the role of somebody of the staff, as it is stored.
    pub role: Option<&'static str>,
    /// For the staff alone.
    pub internal: bool,
    /// As it was typed.
    pub body: &'a str,
    /// Of the form: what is sent twice is one message.
    pub sending_key: Uuid,
    pub danger_confirmed: bool,
}

impl<'a> New<'a> {
    /// Of somebody of the staff.
    pub fn of_staff<P: Permission>(grant: &Grant<P>, body: &'a str, sending_key: Uuid, internal: bool) -> Result<Self, Error> {
        let role = grant.holder()?.staff.map(|role| role.as_str());
        Ok(Self { side: Side::Staff, role, internal, body, sending_key, danger_confirmed: false })
    }

    /// Without space around it.
    pub fn text(&self) -> String {
        self.body.trim().to_owned()
    }
}

/// The thread into which the same form of the caller has sent the same words already.
///
/// # Errors
/// `Invalid` when its key sent another message: of somebody else, or other words, which would be lost.
pub(super) async fn sent_already<P: Permission>(grant: &Grant<P>, new: &New<'_>) -> Result<Option<message_thread::Model>, Error> {
    let known = message::Entity::find().filter(message::Column::SendingKey.eq(new.sending_key)).one(grant.db()).await?;
    let Some(known) = known else { return Ok(None) };
    let same = known.account_id == Some(grant.holder()?.account.0) && known.internal == new.internal && known.body == new.text();
    let thread = if same { message_thread::Entity::find_by_id(known.thread_id).one(grant.db()).await? } else { None };
    thread.map(Some).ok_or(Error::form(Why::ALREADY_DONE))
}

/// Writes it into a thread, and returns its id.
///
/// # Errors
/// When the database fails.
pub(super) async fn add<P: Permission>(tx: &DatabaseTransaction, grant: &Grant<P>, thread: Uuid, new: &New<'_>) -> Result<Uuid, Error> {
    let (id, holder) = (new_id(), grant.holder()?);
    let row = message::ActiveModel {
        id: Set(id),
        thread_id: Set(thread),
        side: Set(new.side),
        account_id: Set(Some(holder.account.0)),
        author: Set(holder.name.clone()),
        role: Set(new.role.map(str::to_owned)),
        internal: Set(new.internal),
        body: Set(new.text()),
        sent_at: Set(grant.now().instant),
        sending_key: Set(new.sending_key),
        danger_confirmed: Set(new.danger_confirmed),
    };
    message::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}
