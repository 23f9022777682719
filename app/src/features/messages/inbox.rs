//! The staff's side of messages: what is there to read, for each of the departments for which they answer.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::NullOrdering,
};
use uuid::Uuid;

use super::{
    entity::{e_visit, message, message_file, message_opened, message_thread},
    files::of_messages,
    model::{self, OPEN_DAYS, Side, ThreadState},
    store::{First, ask_unread, opened_by, page_of, written},
};
use crate::{
    access::{
        Grant, Permission,
        policy::{OpenThread, SeeInbox},
    },
    base::{error::Error, ids::PatientId},
    desk::office::{
        away::covered_by,
        entity::saved_reply,
        known::{Known, known},
        store::{colleagues, has_visited, offices, own_departments, replies},
        tell::readers,
    },
    people::{account, patient},
    platform::{batch::Batch, db::has_word},
};

/// Threads of a page.
const PAGE: u64 = 50;

/// Which threads somebody of the staff looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// What is theirs: taken by them, or addressed to them and not taken.
    Mine,
    /// What waits and nobody has taken.
    Pool,
    /// What waits for longer than it should.
    Overdue,
    /// Everything, answered and closed too.
    All,
}

impl Shelf {
    pub const ALL: [(Shelf, &'static str); 4] =
        [(Shelf::Mine, "mine"), (Shelf::Pool, "pool"), (Shelf::Overdue, "overdue"), (Shelf::All, "all")];
}

fn visible<P: Permission>(grant: &Grant<P>) -> Result<Select<message_thread::Entity>, Error> {
    Ok(message_thread::Entity::find().filter(message_thread::Column::DepartmentId.in_subquery(own_departments(grant)?)))
}

/// A thread with its patient, and whether something in it is new to the caller.
pub struct Waiting {
    pub thread: message_thread::Model,
    pub patient: patient::Model,
    pub unread: bool,
}

/// A page of the threads of a shelf, what is due first, of everything what is newest; and whether there are more; with these words in the
/// name of the patient or the subject. Pages are counted from 1.
///
/// # Errors
/// When the database fails.
pub async fn shelf(grant: &Grant<SeeInbox>, shelf: Shelf, words: &str, page: u64) -> Result<(Vec<Waiting>, bool), Error> {
    let (me, now) = (grant.holder()?.account.0, grant.now().instant);
    let covered = |clinicians| message_thread::Column::ClinicianId.in_subquery(covered_by(clinicians, grant.now().today));
    let offices = offices(grant).await?;
    let departments: Vec<Uuid> = offices.iter().map(|office| office.department_id).collect();
    let mut query = message_thread::Entity::find();
    let waits = message_thread::Column::State.eq(ThreadState::Waiting);
    query = match shelf {
        Shelf::Mine => {
            let clinicians: Vec<Uuid> = offices.iter().filter_map(|office| office.clinician_id).collect();
            let addressed = Condition::all()
                .add(message_thread::Column::TakenBy.is_null())
                .add(Condition::any().add(message_thread::Column::ClinicianId.is_in(clinicians.clone())).add(covered(clinicians)))
                .add(waits.clone());
            // What one answered stays for as long as the patient may go on.
            let lately = Condition::any().add(waits).add(message_thread::Column::LastAt.gte(now - TimeDelta::days(OPEN_DAYS)));
            let taken = Condition::all().add(message_thread::Column::TakenBy.eq(me)).add(lately);
            query.filter(Condition::any().add(taken).add(addressed))
        }
        Shelf::Pool => query.filter(waits).filter(message_thread::Column::TakenBy.is_null()),
        Shelf::Overdue => query.filter(waits).filter(message_thread::Column::DueAt.lt(now)),
        Shelf::All => query,
    };
    for word in words.split_whitespace().take(8) {
        let folded = crate::people::folding::folded(word);
        let named = patient::Entity::find()
            .select_only()
            .column(patient::Column::Id)
            .filter(patient::Column::SearchName.contains(folded))
            .into_query();
        let either =
            Condition::any().add(has_word(message_thread::Column::Subject, word)).add(message_thread::Column::PatientId.in_subquery(named));
        query = query.filter(either);
    }
    let of_departments = (message_thread::Column::DepartmentId, departments.as_slice());
    let (threads, more) = match shelf {
        Shelf::All => page_of(grant.db(), query, of_departments, First::Newest, (page, PAGE)).await?,
        Shelf::Pool | Shelf::Overdue => page_of(grant.db(), query, of_departments, First::Due, (page, PAGE)).await?,
        Shelf::Mine => mine(grant.db(), query.filter(of_departments.0.is_in(departments)), page).await?,
    };
    let mut batch = Batch::default();
    let unread = ask_unread(&mut batch, me, Side::is_patients, &threads);
    let ids: BTreeSet<Uuid> = threads.iter().map(|thread| thread.patient_id).collect();
    let people = (!ids.is_empty()).then(|| batch.ask(patient::Entity::find().filter(patient::Column::Id.is_in(ids))));
    let mut answers = batch.read(grant.db()).await?;
    let (unread, people) = (unread(&mut answers)?, answers.take(people)?);
    let of = |thread: message_thread::Model| {
        let patient = people.iter().find(|person| person.id == thread.patient_id)?.clone();
        Some(Waiting { unread: unread.contains(&thread.id), thread, patient })
    };
    Ok((threads.into_iter().filter_map(of).collect(), more))
}

/// What is due comes first, then what was answered.
async fn mine(
    db: &impl ConnectionTrait,
    query: Select<message_thread::Entity>,
    page: u64,
) -> Result<(Vec<message_thread::Model>, bool), DbErr> {
    let mut threads = query
        .order_by_with_nulls(message_thread::Column::DueAt, Order::Asc, NullOrdering::Last)
        .order_by_desc(message_thread::Column::LastAt)
        .offset(page.saturating_sub(1) * PAGE)
        .limit(PAGE + 1)
        .all(db)
        .await?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = threads.len() > size;
    threads.truncate(size);
    Ok((threads, more))
}

/// Whose a thread is, when it is one of the caller's departments.
///
/// # Errors
/// `NotFound` for every other thread.
pub async fn patient_of(grant: &Grant<SeeInbox>, id: Uuid) -> Result<PatientId, Error> {
    let found = visible(grant)?.filter(message_thread::Column::Id.eq(id)).one(grant.db()).await?;
    Ok(PatientId(found.ok_or(Error::NotFound)?.patient_id))
}

/// A thread as staff see it.
pub struct StaffThread {
    pub thread: message_thread::Model,
    pub patient: patient::Model,
    /// Notes of the staff too.
    pub messages: Vec<message::Model>,
    pub opened: Vec<message_opened::Model>,
    pub files: Vec<message_file::Model>,
    /// Who else answers for the department, and their ids.
    pub colleagues: Vec<(Uuid, String)>,
    /// What the department answers often.
    pub replies: Vec<saved_reply::Model>,
    pub e_visit: Option<e_visit::Model>,
    pub known: Known,
    /// The accounts of the patient's side that read it.
    pub readers: Vec<account::Model>,
}

/// A thread of the caller's departments. What the patient's side wrote counts as opened by the caller from now on.
///
/// # Errors
/// `NotFound` for every other thread.
pub async fn open(grant: &Grant<OpenThread>, id: Uuid) -> Result<StaffThread, Error> {
    let (db, holder) = (grant.db(), grant.holder()?);
    let thread = of_chart(grant, id).await?;
    let patient = patient::Entity::find_by_id(thread.patient_id).one(db).await?.ok_or(Error::NotFound)?;
    let messages = written(db, id, true).await?;
    let theirs = messages.iter().filter(|message| !message.side.is_staff()).map(|message| message.id).collect();
    let role = holder.staff.map(|role| role.as_str());
    opened_by(db, id, theirs, holder.account.0, &holder.name, role, grant.now().instant).await?;
    let opened = message_opened::Entity::find().filter(message_opened::Column::MessageId.is_in(messages.iter().map(|message| message.id)));
    let opened = opened.order_by_asc(message_opened::Column::At).all(db).await?;
    // Where the patient never was, the office answers without the record.
    let visited = has_visited(db, patient.id, &[thread.department_id]).await?;
    let known = if visited { known(db, patient.id).await? } else { Known::default() };
    Ok(StaffThread {
        files: of_messages(db, messages.iter().map(|message| message.id).collect()).await?,
        colleagues: colleagues(db, thread.department_id).await?,
        replies: replies(db, vec![thread.department_id]).await?,
        e_visit: e_visit::Entity::find_by_id(id).one(db).await?,
        known,
        readers: readers(db, &patient, grant.now(), model::opens(thread.sensitive)).await?,
        thread,
        patient,
        messages,
        opened,
    })
}

/// A thread of the caller's departments, in this chart.
///
/// # Errors
/// `NotFound` for every other thread.
pub(super) async fn of_chart<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<message_thread::Model, Error> {
    let found = visible(grant)?.filter(message_thread::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if found.patient_id == grant.patient().0 { Ok(found) } else { Err(Error::NotFound) }
}
