//! From an address to a pool of connections; what is asked alike on every database.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectOptions, Database, DatabaseConnection, DbErr,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr},
};

/// A connection keeps so many statements prepared: all that pages ask, and the lists of ids of different lengths among them.
const STATEMENTS: usize = 300;
/// The thread of a SQLite connection reads so many rows ahead: a page's rows at once, and not in turns with whoever takes them.
const ROWS: usize = 500;

/// Connects to `sqlite:PATH` (made when it is not there) or `postgres://...`.
///
/// SQLite: write-ahead log, so that readers never wait for the writer. The file is not mapped into memory: as it grows with each page's
/// rows of the audit log, all connections would map it anew.
/// No SQL and no values go to the log.
///
/// # Errors
/// When the address is malformed or nobody answers there.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(10))
        // A connection is tested when it is given back. Another test at each statement costs a way to the database and back.
        .test_before_acquire_if_idle_for(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|options| {
            options
                .statement_cache_capacity(STATEMENTS)
                .row_buffer_size(ROWS)
                .create_if_missing(true)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
                .busy_timeout(Duration::from_secs(10))
        })
        .map_sqlx_postgres_opts(|options| options.statement_cache_capacity(STATEMENTS));
    Database::connect(options).await
}

/// Whether a column has a word, in capitals or not, on every database.
pub fn has_word(column: impl ColumnTrait, word: &str) -> SimpleExpr {
    let pattern: String =
        word.to_lowercase().chars().flat_map(|letter| ['\\', letter].into_iter().skip(usize::from(!"\\%_".contains(letter)))).collect();
    Expr::expr(Func::lower(Expr::col(column.as_column_ref()))).like(LikeExpr::new(format!("%{pattern}%")).escape('\\'))
}
