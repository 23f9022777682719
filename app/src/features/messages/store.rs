//! The patient's side of messages: what was written.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{e_visit, message, message_file, message_muted, message_opened, message_thread},
    files::of_messages,
    model::Side,
    watching::tell,
};
use crate::{
    access::{Grant, Permission, policy::ReadMessages},
    base::{error::Error, ids::PatientId},
    people::patient::{self, with_merged},
    platform::{
        batch::{Batch, Columns, Rows},
        db::has_word,
    },
    record::item::{
        entity::health_item,
        model::{Fact, Kind, What},
    },
};

/// Threads of a page.
const PAGE: u64 = 20;

/// The threads of a chart that the caller may see.
pub(super) fn visible<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Select<message_thread::Entity> {
    of_level(grant).filter(message_thread::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()))
}

/// Those that the caller's level opens, of whichever chart.
fn of_level<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Select<message_thread::Entity> {
    let all = message_thread::Entity::find();
    if grant.sees_sensitive() { all } else { all.filter(message_thread::Column::Sensitive.eq(false)) }
}

/// Which threads come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Newest,
    /// Those to which the answer is due soonest; every one of them waits.
    Due,
}

/// A page of threads where a column has one of some values; and whether there are more. Each value is read along its own index:
/// however many threads there are, no more are read than are shown. Pages are counted from 1.
///
/// # Errors
/// When the database fails.
pub(super) async fn page_of(
    db: &impl ConnectionTrait,
    query: Select<message_thread::Entity>,
    (column, values): (message_thread::Column, &[Uuid]),
    first: First,
    (page, size): (u64, u64),
) -> Result<(Vec<message_thread::Model>, bool), DbErr> {
    let skipped = page.saturating_sub(1) * size;
    let mut batch = Batch::default();
    let asked: Vec<_> = values
        .iter()
        .map(|value| {
            let of_value = query.clone().filter(column.eq(*value));
            let in_order = match first {
                First::Newest => of_value.order_by_desc(message_thread::Column::LastAt).order_by_desc(message_thread::Column::Id),
                First::Due => of_value.order_by_asc(message_thread::Column::DueAt).order_by_asc(message_thread::Column::Id),
            };
            batch.ask(in_order.limit(skipped + size + 1))
        })
        .collect();
    let (mut answers, mut found) = (batch.read(db).await?, Vec::new());
    for asked in asked {
        found.extend(answers.take(asked)?);
    }
    found.sort_by(|one, other| match first {
        First::Newest => (other.last_at, other.id).cmp(&(one.last_at, one.id)),
        First::Due => (one.due_at, one.id).cmp(&(other.due_at, other.id)),
    });
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut shown: Vec<_> = found.into_iter().skip(count(skipped)).collect();
    let more = shown.len() > count(size);
    shown.truncate(count(size));
    Ok((shown, more))
}

/// One page of threads, the newest first, of those that have these words, or of those in which the caller wrote; whether there are more.
/// Pages are counted from 1.
///
/// # Errors
/// When the database fails.
pub async fn threads(
    grant: &Grant<ReadMessages>,
    words: &str,
    written_by_caller: bool,
    page: u64,
) -> Result<(Vec<message_thread::Model>, bool), Error> {
    let db = grant.db();
    let mut query = of_level(grant);
    if written_by_caller {
        let mine = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(Expr::col((message::Entity, message::Column::ThreadId)).equals((message_thread::Entity, message_thread::Column::Id)))
            .filter(message::Column::AccountId.eq(grant.holder()?.account.0))
            .into_query();
        query = query.filter(Expr::exists(mine));
    }
    for word in words.split_whitespace().take(8) {
        let having = message::Entity::find()
            .select_only()
            .column(message::Column::ThreadId)
            .filter(message::Column::Internal.eq(false))
            .filter(has_word(message::Column::Body, word))
            .into_query();
        let either =
            Condition::any().add(has_word(message_thread::Column::Subject, word)).add(message_thread::Column::Id.in_subquery(having));
        query = query.filter(either);
    }
    let charts: Vec<Uuid> = with_merged(grant.patient().0).into_tuple().all(db).await?;
    Ok(page_of(db, query, (message_thread::Column::PatientId, &charts), First::Newest, (page, PAGE)).await?)
}

/// A thread with something unread.
#[derive(FromQueryResult)]
struct Unread {
    thread_id: Uuid,
}

/// Asks in which of these threads such a side wrote something that this account has not opened.
pub fn ask_unread(
    batch: &mut Batch,
    account: Uuid,
    by: fn(Side) -> bool,
    threads: &[message_thread::Model],
) -> impl FnOnce(&mut Rows) -> Result<HashSet<Uuid>, DbErr> + use<> {
    let opened = message_opened::Entity::find()
        .select_only()
        .column(message_opened::Column::MessageId)
        .filter(message_opened::Column::AccountId.eq(account))
        .filter(Expr::col((message_opened::Entity, message_opened::Column::MessageId)).equals((message::Entity, message::Column::Id)))
        .into_query();
    let asked = (!threads.is_empty()).then(|| {
        let unread = message::Entity::find()
            .distinct()
            .filter(message::Column::ThreadId.is_in(threads.iter().map(|thread| thread.id)))
            .filter(message::Column::Side.is_in(Side::ALL.iter().copied().filter(|side| by(*side))))
            .filter(message::Column::Internal.eq(false))
            .filter(Expr::not_exists(opened));
        batch.ask_columns::<_, Unread>(unread, Columns::default().of([message::Column::ThreadId]))
    });
    move |answers| Ok(answers.take(asked)?.into_iter().map(|unread| unread.thread_id).collect())
}

/// A thread with what was written in it, the oldest first, and who opened it.
pub struct Thread {
    pub thread: message_thread::Model,
    pub messages: Vec<message::Model>,
    pub opened: Vec<message_opened::Model>,
    pub files: Vec<message_file::Model>,
    pub e_visit: Option<e_visit::Model>,
    /// The caller wants no e-mail about it.
    pub muted: bool,
}

/// A thread of this chart. What staff wrote counts as opened by the caller from now on.
///
/// # Errors
/// `NotFound` when there is no such thread in this chart, or it is sensitive and the caller does not see that.
pub async fn thread(grant: &Grant<ReadMessages>, id: Uuid) -> Result<Thread, Error> {
    let (db, holder) = (grant.db(), grant.holder()?);
    let thread = visible(grant).filter(message_thread::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)?;
    let messages = written(db, id, false).await?;
    let of_staff = messages.iter().filter(|message| message.side.is_staff()).map(|message| message.id).collect();
    opened_by(db, id, of_staff, holder.account.0, &holder.name, None, grant.now().instant).await?;
    let opened = message_opened::Entity::find().filter(message_opened::Column::MessageId.is_in(messages.iter().map(|message| message.id)));
    let opened = opened.order_by_asc(message_opened::Column::At).all(db).await?;
    Ok(Thread {
        files: of_messages(db, messages.iter().map(|message| message.id).collect()).await?,
        e_visit: e_visit::Entity::find_by_id(id).one(db).await?,
        muted: message_muted::Entity::find_by_id((holder.account.0, id)).one(db).await?.is_some(),
        thread,
        messages,
        opened,
    })
}

/// The names of the files with which messages of the hospital's own system came, in their order, by the id of its resource: the file is
/// among the documents of the record. What is sensitive there only for whoever sees that.
///
/// # Errors
/// When the database fails.
pub(super) async fn papers(
    db: &impl ConnectionTrait,
    thread: &message_thread::Model,
    messages: &[message::Model],
    sees_sensitive: bool,
) -> Result<HashMap<Uuid, Vec<String>>, Error> {
    let came = messages.iter().filter(|message| message.side.is_staff() && message.account_id.is_none());
    let resources: Vec<Uuid> = came.map(|message| message.sending_key).collect();
    if resources.is_empty() {
        return Ok(HashMap::new());
    }
    let Some(person) = patient::current(db, thread.patient_id).await? else { return Ok(HashMap::new()) };
    let found = health_item::Entity::find()
        .filter(health_item::Column::Id.is_in(resources))
        .filter(health_item::Column::PatientId.eq(person.id))
        .filter(health_item::Column::Kind.eq(Kind::Document));
    let found = if sees_sensitive { found } else { found.filter(health_item::Column::Sensitive.eq(false)) };
    let names = |item: health_item::Model| {
        let facts: Vec<Fact> = serde_json::from_str(&item.facts).unwrap_or_default();
        (item.id, facts.into_iter().filter(|fact| fact.what == What::File).map(|fact| fact.said).collect())
    };
    Ok(found.all(db).await?.into_iter().map(names).collect())
}

/// What was written in a thread, the oldest first; notes of the staff with the rest only when `internal`.
pub(super) async fn written(db: &impl ConnectionTrait, thread: Uuid, internal: bool) -> Result<Vec<message::Model>, Error> {
    let all = message::Entity::find().filter(message::Column::ThreadId.eq(thread));
    let all = if internal { all } else { all.filter(message::Column::Internal.eq(false)) };
    Ok(all.order_by_asc(message::Column::SentAt).order_by_asc(message::Column::Id).all(db).await?)
}

/// Writes down who opened messages of a thread, each once.
pub(super) async fn opened_by(
    db: &impl ConnectionTrait,
    thread: Uuid,
    messages: Vec<Uuid>,
    account: Uuid,
    name: &str,
    role: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    if messages.is_empty() {
        return Ok(());
    }
    let rows = messages.into_iter().map(|id| message_opened::ActiveModel {
        message_id: Set(id),
        account_id: Set(account),
        name: Set(name.to_owned()),
        role: Set(role.map(str::to_owned)),
        at: Set(at),
    });
    let known = OnConflict::columns([message_opened::Column::MessageId, message_opened::Column::AccountId]).do_nothing().to_owned();
    if message_opened::Entity::insert_many(rows).on_conflict(known).exec_without_returning(db).await? > 0 {
        tell(thread, false);
    }
    Ok(())
}
