//! The staff's side of messages: what they do with a thread.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    email,
    entity::{message_muted, message_thread},
    inbox::of_chart,
    model::{MOST, ThreadState, opens},
    watching::tell,
    writing::{New, add, sent_already},
};
use crate::{
    access::{Grant, Permission, policy::AnswerMessages},
    base::{error::Error, why::Why},
    desk::{
        office::tell::{readers, write_to},
        outgoing::{model::ActKind, store::announce},
    },
    people::{patient, staff_office},
};

/// What staff write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To the patient.
    Answer,
    /// To the patient, and no answer is needed.
    LastWord,
    /// For the staff alone.
    Note,
}

impl Kind {
    /// Of the form.
    fn field(self) -> &'static str {
        match self {
            Kind::Answer => "reply",
            Kind::LastWord => "words",
            Kind::Note => "note",
        }
    }

    fn leads_to(self) -> Option<ThreadState> {
        match self {
            Kind::Answer => Some(ThreadState::Answered),
            Kind::LastWord => Some(ThreadState::NoAnswerNeeded),
            Kind::Note => None,
        }
    }
}

/// Answers, or adds a note that no patient sees. What the same form has sent already is not sent again.
///
/// # Errors
/// `NotFound` for a thread of other departments; `Invalid` when nothing was written.
pub async fn write(grant: &Grant<AnswerMessages>, id: Uuid, kind: Kind, body: &str, key: Uuid) -> Result<(), Error> {
    let thread = of_chart(grant, id).await?;
    let new = New::of_staff(grant, body, key, kind == Kind::Note)?;
    if is_sent(grant, id, &new).await? {
        return Ok(());
    }
    match try_to_write(grant, &thread, kind, &new).await {
        // It may have been sent at the same moment.
        Err(error) => is_sent(grant, id, &new).await?.then_some(()).ok_or(error),
        Ok(()) => Ok(()),
    }
}

/// Whether this form has sent its message to this thread already.
///
/// # Errors
/// `Invalid` when its key sent another message, or elsewhere.
async fn is_sent(grant: &Grant<AnswerMessages>, id: Uuid, new: &New<'_>) -> Result<bool, Error> {
    match sent_already(grant, new).await? {
        None => Ok(false),
        Some(thread) if thread.id == id => Ok(true),
        Some(_) => Err(Error::form(Why::ALREADY_DONE)),
    }
}

async fn try_to_write(grant: &Grant<AnswerMessages>, thread: &message_thread::Model, kind: Kind, new: &New<'_>) -> Result<(), Error> {
    let (id, now) = (thread.id, grant.now().instant);
    match &*new.text() {
        "" => return Err(Error::field(kind.field(), Why::MISSING)),
        body if body.chars().count() > MOST => return Err(Error::field(kind.field(), Why::TOO_LONG)),
        _ => {}
    }
    let tx = grant.begin().await?;
    let message = add(&tx, grant, id, new).await?;
    if let Some(state) = kind.leads_to() {
        announce(&tx, ActKind::Message, message, now).await?;
        settle(&tx, id, state, Some(now)).await?;
        tell_readers_of(&tx, grant, thread).await?;
    }
    tx.commit().await?;
    tell(id, kind == Kind::Note);
    Ok(())
}

/// Takes a thread, or hands it to a colleague of the department.
///
/// # Errors
/// `NotFound` for a thread of other departments; `Invalid` for whoever does not answer for it.
pub async fn hand_over(grant: &Grant<AnswerMessages>, id: Uuid, to: Uuid) -> Result<(), Error> {
    let thread = of_chart(grant, id).await?;
    let theirs = staff_office::Entity::find_by_id((to, thread.department_id)).one(grant.db()).await?;
    if theirs.is_none() {
        return Err(Error::field("to", Why::MISSING));
    }
    let taken = message_thread::ActiveModel { taken_by: Set(Some(to)), ..Default::default() };
    message_thread::Entity::update_many().set(taken).filter(message_thread::Column::Id.eq(id)).exec(grant.db()).await?;
    tell(id, true);
    Ok(())
}

/// Closes a thread that needs no answer, or no more: it takes none of the patient's side either.
///
/// # Errors
/// `NotFound` for a thread of other departments.
pub async fn close(grant: &Grant<AnswerMessages>, id: Uuid) -> Result<(), Error> {
    let thread = of_chart(grant, id).await?;
    let tx = grant.begin().await?;
    settle(&tx, id, ThreadState::Closed, None).await?;
    tell_readers_of(&tx, grant, &thread).await?;
    tx.commit().await?;
    tell(id, false);
    Ok(())
}

/// Marks a thread as sensitive, or not any more.
///
/// # Errors
/// `NotFound` for a thread of other departments.
pub async fn mark_sensitive(grant: &Grant<AnswerMessages>, id: Uuid, sensitive: bool) -> Result<(), Error> {
    of_chart(grant, id).await?;
    let set = message_thread::ActiveModel { sensitive: Set(sensitive), ..Default::default() };
    message_thread::Entity::update_many().set(set).filter(message_thread::Column::Id.eq(id)).exec(grant.db()).await?;
    tell(id, false);
    Ok(())
}

async fn settle(tx: &DatabaseTransaction, id: Uuid, state: ThreadState, last_at: Option<DateTime<Utc>>) -> Result<(), Error> {
    let mut update = message_thread::Entity::update_many()
        .col_expr(message_thread::Column::State, Expr::value(state.as_str()))
        .col_expr(message_thread::Column::DueAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(message_thread::Column::UrgedAt, Expr::value(None::<DateTime<Utc>>));
    if let Some(at) = last_at {
        update = update.col_expr(message_thread::Column::LastAt, Expr::value(at));
    }
    update.filter(message_thread::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Tells everybody who may read the thread that there is something new, and never what; nobody who does not want to hear of it.
pub(super) async fn tell_readers_of<P: Permission>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    thread: &message_thread::Model,
) -> Result<(), Error> {
    let Some(person) = patient::current(tx, thread.patient_id).await? else { return Ok(()) };
    let muted = message_muted::Entity::find().filter(message_muted::Column::ThreadId.eq(thread.id)).all(tx).await?;
    let mut accounts = readers(tx, &person, grant.now(), opens(thread.sensitive)).await?;
    accounts.retain(|account| !muted.iter().any(|muted| muted.account_id == account.id));
    write_to(tx, grant, person.id, &accounts, email::answered(grant.link("/home"))).await
}
