//! The database, for whoever may have a connection.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::Semaphore;

/// So many requests hold a connection at once. The pool has more: whoever writes, and whoever finds no place here, waits for none of
/// these.
const PLACES: usize = 5;

/// The database, closed to everybody but this module: feature code gets a connection from a [`super::Grant`] only.
#[derive(Clone, Debug)]
pub struct Db {
    pub(super) pool: DatabaseConnection,
    /// For requests that hold a connection.
    pub(super) places: Arc<Semaphore>,
}

impl Db {
    pub fn new(connection: DatabaseConnection) -> Self {
        Self { pool: connection, places: Arc::new(Semaphore::new(PLACES)) }
    }
}

/// The database as the system itself: imports, jobs, the command line. The reason is logged.
pub struct System {
    db: DatabaseConnection,
}

/// Opens the database for the named reason. Never called while a request is answered.
pub fn as_system(db: &Db, reason: &'static str) -> System {
    tracing::debug!(reason, "acting as the system");
    System { db: db.pool.clone() }
}

impl System {
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// See [`super::Grant`]: a transaction that may write.
    ///
    /// # Errors
    /// When the database gives no connection or cannot lock in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        begin(&self.db).await
    }
}

/// On SQLite the write lock is taken at the start: a transaction that reads first and writes later could fail at once.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    begin_with(db, SqliteTransactionMode::Immediate).await
}

/// Begins also when nobody waits for it any more: of a BEGIN on PostgreSQL whose caller has gone, sqlx 0.9.0 knows nothing, and gives the
/// connection to the next one with the transaction open (<https://github.com/launchbadge/sqlx/issues/4393>).
pub(super) async fn begin_with(db: &DatabaseConnection, mode: SqliteTransactionMode) -> Result<DatabaseTransaction, DbErr> {
    let (db, options) = (db.clone(), TransactionOptions { sqlite_transaction_mode: Some(mode), ..Default::default() });
    let begun = tokio::spawn(async move { db.begin_with_options(options).await });
    begun.await.map_err(|error| DbErr::Custom(error.to_string()))?
}
