//! How a request reaches the database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement,
};
use tokio::{
    sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::db::{Db, begin, begin_with};

/// How long a page waits for a place, before it takes a connection for each statement.
const PATIENCE: Duration = Duration::from_millis(200);

/// The connection of one request.
///
/// A page asks many things in a row. Each statement by itself takes a connection out of the pool, and the pool tests it when it
/// comes back: as many ways to the database again. A page therefore reads everything from one connection, in one transaction, until
/// it is drawn or something is written.
#[derive(Clone)]
pub struct Connection {
    pool: DatabaseConnection,
    places: Arc<Semaphore>,
    /// What this request asks is read from one connection.
    holds: Arc<AtomicBool>,
    /// This request never holds one again.
    parted: Arc<AtomicBool>,
    held: Arc<Mutex<Option<Held>>>,
}

struct Held {
    reads: DatabaseTransaction,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    /// A connection for each statement.
    pub fn of(db: &Db) -> Self {
        Self { pool: db.pool.clone(), places: db.places.clone(), holds: Arc::default(), parted: Arc::default(), held: Arc::default() }
    }

    /// From now on this request reads from one connection.
    pub fn hold(&self) {
        self.holds.store(!self.parted.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The pool, for what waits for others, such as a payment processor, and writes by itself: this request holds no connection
    /// meanwhile, and reads what was written.
    pub(crate) fn part(&self) -> &DatabaseConnection {
        self.never_again();
        // Somebody else of this request reads with it at this moment: then it goes with the request.
        if let Ok(mut held) = self.held.try_lock() {
            *held = None;
        }
        &self.pool
    }

    fn never_again(&self) {
        self.parted.store(true, Ordering::Relaxed);
        self.holds.store(false, Ordering::Relaxed);
    }

    /// A transaction that may write. Dropped without `commit`, it leaves everything as it was. What is read beside it, and afterwards, is
    /// never older than it.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.never_again();
        self.release().await;
        begin(&self.pool).await
    }

    /// Gives the connection back: everything is read.
    pub async fn release(&self) {
        self.holds.store(false, Ordering::Relaxed);
        // What only read is rolled back by the connection on its way into the pool: nobody waits for a COMMIT.
        drop(self.held.lock().await.take());
    }

    /// The connection that is held, for a statement that reads; nothing for a request that holds none. Writing ends it, so that what
    /// is read afterwards is what was written.
    async fn held(&self, statement: &Statement) -> Result<Option<MutexGuard<'_, Option<Held>>>, DbErr> {
        if !self.holds.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if !only_reads(&statement.sql) {
            self.release().await;
            return Ok(None);
        }
        let mut held = self.held.lock().await;
        // It may have ended while this statement waited.
        if !self.holds.load(Ordering::Relaxed) {
            *held = None;
            return Ok(None);
        }
        if held.is_none() {
            let Ok(Ok(place)) = timeout(PATIENCE, self.places.clone().acquire_owned()).await else {
                // Nor is one waited for again.
                self.never_again();
                return Ok(None);
            };
            *held = Some(Held { reads: begin_with(&self.pool, SqliteTransactionMode::Deferred).await?, _place: place });
        }
        Ok(Some(held))
    }
}

/// Whether the statements of a text change nothing.
fn only_reads(text: &str) -> bool {
    text.split(';').all(|sql| {
        let begins = |word: &str| sql.trim_start().get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        let writes = || ["INSERT ", "UPDATE ", "DELETE "].iter().any(|word| sql.to_ascii_uppercase().contains(word));
        begins("SELECT ") || (begins("WITH ") && !writes())
    })
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.release().await;
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.release().await;
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if let Some(mut held) = self.held(&statement).await?
            && let Some(open) = held.as_ref()
        {
            let answer = open.reads.query_one_raw(statement).await;
            // PostgreSQL answers nothing more in a transaction in which something has failed.
            if answer.is_err() {
                *held = None;
            }
            return answer;
        }
        self.pool.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if let Some(mut held) = self.held(&statement).await?
            && let Some(open) = held.as_ref()
        {
            let answer = open.reads.query_all_raw(statement).await;
            if answer.is_err() {
                *held = None;
            }
            return answer;
        }
        self.pool.query_all_raw(statement).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_is_asked_of_the_connection_that_is_held() {
        for sql in ["SELECT 1", " select id FROM a", "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT 1;\nSELECT 2"] {
            assert!(only_reads(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO a VALUES (1) RETURNING id",
            "UPDATE a SET b = 1",
            "SELECT 1;\nDELETE FROM a",
            "WITH a AS (DELETE FROM b RETURNING id) SELECT * FROM a",
            "BEGIN",
        ] {
            assert!(!only_reads(sql), "{sql}");
        }
    }
}
