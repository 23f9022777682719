//! Who may know that something changed in a thread, and how many answers wait for somebody.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    entity::{message, message_opened, message_thread},
    model::{Side, ThreadState, UNREAD_DAYS},
};
use crate::{
    access::{
        AccessKind, Caller, Decision, Permission, System,
        policy::{ReadMessages, SeeInbox},
    },
    base::{clock::Now, ids::PatientId},
    people::{patient, patient::with_merged, staff_office},
    platform::{
        live::{self, Told},
        request::context,
    },
};

/// The way of changes in threads to open pages.
pub type Live = live::Live<Change>;

/// A change in a thread, with what decides who may know of it.
#[derive(Clone, Debug)]
pub struct Change {
    pub thread: Uuid,
    patient: PatientId,
    department: Uuid,
    sensitive: bool,
    staff_only: bool,
}

/// Tells open pages of a change in a thread, once it is in the database.
pub(super) fn tell(thread: Uuid, staff_only: bool) {
    // There is none in commands.
    if let Ok(live) = context::<Live>() {
        live.tell(Told { thread, staff_only });
    }
}

/// Who may know of what was told; nothing when the thread or its patient is gone.
///
/// # Errors
/// When the database fails.
pub async fn change(system: &System, told: Told) -> Result<Option<Change>, DbErr> {
    let Some(thread) = message_thread::Entity::find_by_id(told.thread).one(system.db()).await? else { return Ok(None) };
    let Some(person) = patient::current(system.db(), thread.patient_id).await? else { return Ok(None) };
    Ok(Some(Change {
        thread: thread.id,
        patient: PatientId(person.id),
        department: thread.department_id,
        sensitive: thread.sensitive,
        staff_only: told.staff_only,
    }))
}

/// What the hospital's own system wrote since a moment, by the ids of the messages: an import is another process, and tells nobody.
///
/// # Errors
/// When the database fails.
pub async fn imported_since(system: &System, since: DateTime<Utc>) -> Result<HashMap<Uuid, Told>, DbErr> {
    // Ids begin with the milliseconds of when they were made.
    let from = Uuid::from_u128(u128::from(u64::try_from(since.timestamp_millis()).unwrap_or(0)) << 80);
    let rows: Vec<(Uuid, Uuid)> = message::Entity::find()
        .select_only()
        .columns([message::Column::Id, message::Column::ThreadId])
        .filter(message::Column::Id.gte(from))
        .filter(message::Column::AccountId.is_null())
        .into_tuple()
        .all(system.db())
        .await?;
    Ok(rows.into_iter().map(|(id, thread)| (id, Told { thread, staff_only: false })).collect())
}

/// What somebody may know of.
pub struct Sight {
    caller: Caller,
    /// For which they answer.
    departments: Vec<Uuid>,
}

impl Sight {
    /// # Errors
    /// When the database fails.
    pub async fn of(system: &System, caller: Caller, now: Now) -> Result<Self, DbErr> {
        let departments = match caller.holder() {
            Some(holder) if allows::<SeeInbox>(&caller, (), now) => {
                let mine = staff_office::Entity::find().filter(staff_office::Column::AccountId.eq(holder.account.0));
                mine.all(system.db()).await?.into_iter().map(|row| row.department_id).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self { caller, departments })
    }

    /// Whether they may know that this changed.
    pub fn sees(&self, change: &Change, now: Now) -> bool {
        self.departments.contains(&change.department)
            || (!change.staff_only
                && allows::<ReadMessages>(&self.caller, change.patient, now)
                && (!change.sensitive || self.sees_sensitive(change.patient, now)))
    }

    fn sees_sensitive(&self, patient: PatientId, now: Now) -> bool {
        match self.caller.access_kind(patient, now) {
            AccessKind::Own => true,
            AccessKind::Proxy(level) => level.sees_sensitive(),
            _ => false,
        }
    }

    /// How many threads wait for them, by the address of the page where they are read. What is zero stands there too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self, system: &System, now: Now) -> Result<BTreeMap<String, u64>, DbErr> {
        let Some(holder) = self.caller.holder() else { return Ok(BTreeMap::new()) };
        let mut counts = BTreeMap::new();
        let people =
            holder.own_chart.iter().map(|own| own.patient).chain(holder.acts_for(now).into_iter().map(|(found, _)| found.person.patient));
        let mut all = 0;
        for patient in people.filter(|patient| allows::<ReadMessages>(&self.caller, *patient, now)) {
            let mut unread =
                unread(holder.account.0, now).filter(message_thread::Column::PatientId.in_subquery(with_merged(patient.0).into_query()));
            if !self.sees_sensitive(patient, now) {
                unread = unread.filter(message_thread::Column::Sensitive.eq(false));
            }
            let count = unread.count(system.db()).await?;
            all += count;
            counts.insert(format!("/p/{patient}/messages"), count);
        }
        counts.insert("/home".to_owned(), all);
        if !self.departments.is_empty() {
            let waiting = message_thread::Entity::find()
                .filter(message_thread::Column::DepartmentId.is_in(self.departments.iter().copied()))
                .filter(message_thread::Column::State.eq(ThreadState::Waiting))
                .filter(
                    Condition::any()
                        .add(message_thread::Column::TakenBy.is_null())
                        .add(message_thread::Column::TakenBy.eq(holder.account.0)),
                );
            counts.insert("/staff/messages".to_owned(), waiting.count(system.db()).await?);
        }
        Ok(counts)
    }
}

/// Threads of the last year in which staff wrote something that an account has not opened.
pub fn unread(account: Uuid, now: Now) -> Select<message_thread::Entity> {
    let here = (message::Entity, message::Column::Id);
    let opened = message_opened::Entity::find()
        .select_only()
        .column(message_opened::Column::MessageId)
        .filter(message_opened::Column::AccountId.eq(account))
        .filter(Expr::col((message_opened::Entity, message_opened::Column::MessageId)).equals(here))
        .into_query();
    let unread = message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(Expr::col((message::Entity, message::Column::ThreadId)).equals((message_thread::Entity, message_thread::Column::Id)))
        .filter(message::Column::Side.eq(Side::Staff))
        .filter(message::Column::Internal.eq(false))
        .filter(Expr::not_exists(opened))
        .into_query();
    let since = now.instant - TimeDelta::days(UNREAD_DAYS);
    message_thread::Entity::find().filter(message_thread::Column::LastAt.gte(since)).filter(Expr::exists(unread))
}

fn allows<P: Permission>(caller: &Caller, scope: P::Scope, now: Now) -> bool {
    P::decide(caller, &scope, now) == Decision::Allow
}
