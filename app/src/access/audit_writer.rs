//! Writes the audit log: the rows of many requests in one commit, each request's before its answer leaves.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    db::{Db, begin},
    entity::audit_event,
};
use crate::{base::error::Error, people::proxy_grant};

/// So many requests may wait for a commit; the next one waits for room.
const QUEUE: usize = 1024;
/// Rows of one statement: databases limit the number of bound values (SQLite 32,766).
const MOST_ROWS: usize = 1000;

/// What one request adds to the log.
#[derive(Default)]
struct Entries {
    rows: Vec<audit_event::Model>,
    /// Grants that were used, and when: "last opened" is shown to the chart's owner.
    used: Vec<(Uuid, DateTime<Utc>)>,
}

impl Entries {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.used.is_empty()
    }
}

struct Waiting {
    entries: Entries,
    done: oneshot::Sender<bool>,
}

/// The way to the task that writes; it ends with its last handle.
#[derive(Clone)]
pub struct AuditWriter(mpsc::Sender<Waiting>);

impl AuditWriter {
    /// Starts the task. Needs a running runtime.
    pub fn start(db: &Db) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(db.pool.clone(), receiver));
        Self(sender)
    }
}

/// The decisions of one request.
#[derive(Clone, Default)]
pub struct Trail {
    writer: Option<AuditWriter>,
    state: Arc<Mutex<State>>,
    /// A page is drawn: whatever it offers to do, nothing is done by showing it.
    looks: Arc<AtomicBool>,
    /// Held while rows are on their way to the database; says whether some never got there.
    lost: Arc<tokio::sync::Mutex<bool>>,
}

#[derive(Default)]
struct State {
    waiting: Entries,
    /// Rows that are written, or on their way: the same decision is written once for each request.
    sent: Vec<audit_event::Model>,
}

impl Trail {
    pub fn new(writer: AuditWriter) -> Self {
        Self { writer: Some(writer), ..Self::default() }
    }

    /// This request shows a page.
    pub fn look(&self) {
        self.looks.store(true, Ordering::Relaxed);
    }

    pub(super) fn only_looks(&self) -> bool {
        self.looks.load(Ordering::Relaxed)
    }

    /// The rows of this request that are in the log.
    pub(super) fn sent(&self) -> Vec<audit_event::Model> {
        self.state().sent.clone()
    }

    /// Adds a row, unless this request has the same decision already.
    pub(super) fn add(&self, row: audit_event::Model) {
        let mut state = self.state();
        let key = |row: &audit_event::Model| (row.permission.clone(), row.patient_id, row.outcome.clone());
        let new = key(&row);
        if !state.waiting.rows.iter().chain(&state.sent).any(|other| key(other) == new) {
            state.waiting.rows.push(row);
        }
    }

    /// Notes that a grant was used.
    pub(super) fn used(&self, grant: Uuid, at: DateTime<Utc>) {
        let mut state = self.state();
        if !state.waiting.used.iter().any(|(other, _)| *other == grant) {
            state.waiting.used.push((grant, at));
        }
    }

    /// Waits until everything that was added is written.
    ///
    /// # Errors
    /// `Busy` when something could not be written: then nothing may be answered.
    pub async fn write(&self) -> Result<(), Error> {
        let mut lost = self.lost.lock().await;
        if *lost {
            return Err(Error::Busy);
        }
        if self.state().waiting.is_empty() {
            return Ok(());
        }
        let writer = self.writer.as_ref().ok_or(Error::Busy)?;
        let place = writer.0.reserve().await.map_err(|_| Error::Busy)?;
        let entries = {
            let mut state = self.state();
            let entries = std::mem::take(&mut state.waiting);
            state.sent.extend(entries.rows.iter().cloned());
            entries
        };
        let (done, answer) = oneshot::channel();
        // Until the answer has come, whoever is cancelled here leaves the rows as lost.
        *lost = true;
        place.send(Waiting { entries, done });
        *lost = answer.await != Ok(true);
        if *lost { Err(Error::Busy) } else { Ok(()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes what has come while the last commit was under way, and commits it as one.
async fn write_all(db: DatabaseConnection, mut receiver: mpsc::Receiver<Waiting>) {
    while let Some(first) = receiver.recv().await {
        let (mut entries, mut answers) = (first.entries, vec![first.done]);
        while entries.rows.len() < MOST_ROWS
            && let Ok(next) = receiver.try_recv()
        {
            entries.rows.extend(next.entries.rows);
            entries.used.extend(next.entries.used);
            answers.push(next.done);
        }
        let written = commit(&db, entries).await;
        if let Err(error) = &written {
            tracing::error!(kind = ?error.sql_err(), "the audit log cannot be written");
        }
        for answer in answers {
            // Nobody waits any more when the browser has gone.
            let _ = answer.send(written.is_ok());
        }
    }
}

/// One statement by itself is a transaction; more are put into one.
async fn commit(db: &DatabaseConnection, entries: Entries) -> Result<(), DbErr> {
    if entries.used.is_empty() && entries.rows.len() <= MOST_ROWS {
        return insert(db, entries.rows).await;
    }
    let tx = begin(db).await?;
    let mut rows = entries.rows;
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(MOST_ROWS));
        insert(&tx, std::mem::replace(&mut rows, rest)).await?;
    }
    if let Some(at) = entries.used.iter().map(|(_, at)| *at).max() {
        proxy_grant::Entity::update_many()
            .set(proxy_grant::ActiveModel { last_used_at: Set(Some(at)), ..Default::default() })
            .filter(proxy_grant::Column::Id.is_in(entries.used.iter().map(|(grant, _)| *grant)))
            .exec(&tx)
            .await?;
    }
    tx.commit().await
}

async fn insert(db: &impl sea_orm::ConnectionTrait, rows: Vec<audit_event::Model>) -> Result<(), DbErr> {
    audit_event::Entity::insert_many(rows.into_iter().map(audit_event::ActiveModel::from)).exec_without_returning(db).await?;
    Ok(())
}
