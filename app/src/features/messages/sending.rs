//! The patient's side of messages: what is sent.

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    attaching, drafts,
    entity::{message_muted, message_thread},
    files,
    form::Letter,
    model::{MOST, Place, SUBJECT, Side, ThreadState, Topic, may_answer, may_urge},
    problem,
    recipients::recipients,
    store::visible,
    watching::tell,
    writing::{New, add, sent_already},
};
use crate::{
    access::{AccessKind, Grant, policy::WriteMessages},
    base::{
        error::{Error, Problem},
        ids::new_id,
        why::Why,
    },
    desk::{
        danger,
        office::{due::due_at, store::office},
        outgoing::{model::ActKind, store::announce},
    },
    platform::throttle::limit,
};

/// So many messages of one account in a window of the throttle.
const PER_ACCOUNT: i32 = 60;

/// What the form sends.
fn written<'a>(grant: &Grant<WriteMessages>, letter: &'a Letter) -> Result<New<'a>, Error> {
    Ok(New {
        side: if grant.access_kind() == AccessKind::Own { Side::Patient } else { Side::Proxy },
        role: grant.relationship().map(|relationship| relationship.as_str()),
        internal: false,
        body: letter.text("body"),
        sending_key: letter.sending_key()?,
        danger_confirmed: letter.text("danger_confirmed") == "true",
    })
}

/// What is wrong with it, and with its files.
fn problems(letter: &Letter, new: &New<'_>, subject: &str) -> Vec<Problem> {
    let mut problems = letter.problems();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let text = new.text();
    match &*text {
        "" => refuse("body", Why::MISSING),
        body if body.chars().count() > MOST => refuse("body", Why::TOO_LONG),
        _ => {}
    }
    if !new.danger_confirmed && !danger::found(&format!("{subject}\n{text}")).is_empty() {
        refuse("body", problem::DANGER);
    }
    problems
}

/// Begins a thread, and returns it. What the same form has sent already is not sent again.
///
/// # Errors
/// `Invalid` with everything that is wrong; nothing was sent.
pub async fn begin(grant: &Grant<WriteMessages>, letter: &Letter) -> Result<Uuid, Error> {
    let new = written(grant, letter)?;
    match sent_here(grant, &new, None).await? {
        Some(known) => Ok(known),
        None => match try_to_begin(grant, letter, &new).await {
            // It may have been sent at the same moment.
            Err(error) => sent_here(grant, &new, None).await?.ok_or(error),
            Ok(id) => Ok(id),
        },
    }
}

async fn try_to_begin(grant: &Grant<WriteMessages>, letter: &Letter, new: &New<'_>) -> Result<Uuid, Error> {
    let [topic, to, subject] = ["topic", "to", "subject"].map(|name| letter.text(name));
    let here = Place { patient: grant.patient(), thread: Uuid::nil() };
    limit(grant.db(), &format!("message:{}", grant.holder()?.account), PER_ACCOUNT).await?;
    let mut problems = problems(letter, new, subject);
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let topic = Topic::ALL.iter().copied().find(|found| found.as_str() == topic);
    if topic.is_none() {
        refuse("topic", Why::MISSING);
    }
    let recipient = recipients(grant).await?.into_iter().find(|found| found.key() == to);
    if recipient.is_none() {
        refuse("to", if to.is_empty() { Why::MISSING } else { problem::NO_RECIPIENT });
    }
    match subject.trim() {
        "" => refuse("subject", Why::MISSING),
        subject if subject.chars().count() > SUBJECT => refuse("subject", Why::TOO_LONG),
        _ => {}
    }
    let (Some(topic), Some(recipient), true) = (topic, recipient, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let (id, now) = (new_id(), grant.now().instant);
    let thread = message_thread::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        topic: Set(topic),
        subject: Set(subject.trim().to_owned()),
        department_id: Set(recipient.department),
        clinician_id: Set(recipient.clinician),
        state: Set(ThreadState::Waiting),
        sensitive: Set(recipient.sensitive),
        created_at: Set(now),
        last_at: Set(now),
        due_at: Set(Some(recipient.due)),
        urged_at: Set(None),
        taken_by: Set(None),
    };
    attaching::scan_again(grant, here, &letter.files).await?;
    let tx = grant.begin().await?;
    message_thread::Entity::insert(thread).exec_without_returning(&tx).await?;
    send(&tx, grant, here, id, letter, new).await?;
    tx.commit().await?;
    tell(id, false);
    Ok(id)
}

/// Answers in a thread. What the same form has sent already is not sent again.
///
/// # Errors
/// `NotFound` when there is no such thread in this chart; `Invalid` when it takes no answer, or with what is wrong; nothing was sent.
pub async fn answer(grant: &Grant<WriteMessages>, id: Uuid, letter: &Letter) -> Result<(), Error> {
    let new = written(grant, letter)?;
    if sent_here(grant, &new, Some(id)).await?.is_some() {
        return Ok(());
    }
    match try_to_answer(grant, id, letter, &new).await {
        Err(error) => sent_here(grant, &new, Some(id)).await?.map(|_| ()).ok_or(error),
        Ok(()) => Ok(()),
    }
}

async fn try_to_answer(grant: &Grant<WriteMessages>, id: Uuid, letter: &Letter, new: &New<'_>) -> Result<(), Error> {
    let here = Place { patient: grant.patient(), thread: id };
    limit(grant.db(), &format!("message:{}", grant.holder()?.account), PER_ACCOUNT).await?;
    attaching::scan_again(grant, here, &letter.files).await?;
    let (tx, now) = (grant.begin().await?, grant.now().instant);
    let thread = visible(grant).filter(message_thread::Column::Id.eq(id)).one(&tx).await?.ok_or(Error::NotFound)?;
    may_answer(thread.state, thread.last_at, now).map_err(|_| Error::form(problem::CLOSED))?;
    let problems = problems(letter, new, "");
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    // What was asked first is due first.
    let due = match thread.due_at {
        Some(due) => due,
        None => due_at(now, office(&tx, thread.department_id).await?.reply_days, &grant.zone()),
    };
    let asked =
        message_thread::ActiveModel { state: Set(ThreadState::Waiting), last_at: Set(now), due_at: Set(Some(due)), ..Default::default() };
    message_thread::Entity::update_many().set(asked).filter(message_thread::Column::Id.eq(id)).exec(&tx).await?;
    send(&tx, grant, here, id, letter, new).await?;
    tx.commit().await?;
    tell(id, false);
    Ok(())
}

/// The thread of this chart into which this form sent its message already.
///
/// # Errors
/// `Invalid` when its key sent another message, or elsewhere.
async fn sent_here(grant: &Grant<WriteMessages>, new: &New<'_>, thread: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    let Some(found) = sent_already(grant, new).await? else { return Ok(None) };
    let here = visible(grant).filter(message_thread::Column::Id.eq(found.id)).one(grant.db()).await?.is_some();
    if here && thread.is_none_or(|thread| thread == found.id) { Ok(Some(found.id)) } else { Err(Error::form(Why::ALREADY_DONE)) }
}

/// The draft with its files becomes a message of a thread.
async fn send(
    tx: &DatabaseTransaction,
    grant: &Grant<WriteMessages>,
    draft: Place,
    thread: Uuid,
    letter: &Letter,
    new: &New<'_>,
) -> Result<(), Error> {
    let account = grant.holder()?.account.0;
    let id = add(tx, grant, thread, new).await?;
    drafts::drop_discarded(tx, account, draft).await?;
    files::sent(tx, account, draft, &letter.files, (thread, id)).await?;
    drafts::sent(tx, account, draft).await?;
    Ok(announce(tx, ActKind::Message, id, grant.now().instant).await?)
}

/// Asks the office to look at a thread whose answer is overdue.
///
/// # Errors
/// `NotFound` when there is no such thread in this chart; `Invalid` when it is not overdue, or was asked for within a day.
pub async fn urge(grant: &Grant<WriteMessages>, id: Uuid) -> Result<(), Error> {
    let now = grant.now().instant;
    let thread = visible(grant).filter(message_thread::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if !may_urge(thread.state, thread.due_at, thread.urged_at, now) {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let urged = message_thread::ActiveModel { urged_at: Set(Some(now)), ..Default::default() };
    message_thread::Entity::update_many().set(urged).filter(message_thread::Column::Id.eq(id)).exec(grant.db()).await?;
    tell(id, false);
    Ok(())
}

/// Wants no e-mail about a thread, or wants it again.
///
/// # Errors
/// `NotFound` when there is no such thread in this chart.
pub async fn mute(grant: &Grant<WriteMessages>, id: Uuid, muted: bool) -> Result<(), Error> {
    visible(grant).filter(message_thread::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let (account, db) = (grant.holder()?.account.0, grant.db());
    if muted {
        let row = message_muted::ActiveModel { account_id: Set(account), thread_id: Set(id) };
        let known = OnConflict::columns([message_muted::Column::AccountId, message_muted::Column::ThreadId]).do_nothing().to_owned();
        message_muted::Entity::insert(row).on_conflict(known).exec_without_returning(db).await?;
    } else {
        message_muted::Entity::delete_by_id((account, id)).exec(db).await?;
    }
    Ok(())
}
