//! The connection that a page holds: all is read in one transaction, what was written is read, and nobody waits for a page.

use std::time::{Duration, Instant};

use app::access::{Connection, Db, System};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::world::{on_every_database, wait};

async fn table(system: &System) {
    system.db().execute_unprepared("CREATE TABLE told (number INTEGER NOT NULL)").await.expect("a table");
}

/// A page that holds its connection, beside an empty table.
async fn page(system: &System) -> Connection {
    table(system).await;
    let page = Connection::of(&Db::new(system.db().clone()));
    page.hold();
    page
}

async fn number(connection: &Connection, sql: &str) -> Result<i64, sea_orm::DbErr> {
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    row.expect("a row").try_get("", "number")
}

const COUNT: &str = "SELECT count(*) AS number FROM told";

/// When the transaction of the statement began, in milliseconds: with each statement, or once for all. SQLite tells it by what it reads.
async fn moment(connection: &Connection) -> i64 {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => "SELECT CAST(extract(epoch FROM now()) * 1000 AS BIGINT) AS number",
        _ => COUNT,
    };
    number(connection, sql).await.expect("a number")
}

async fn meanwhile(system: &System) {
    system.db().execute_unprepared("INSERT INTO told VALUES (1)").await.expect("a row");
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[test]
fn a_page_reads_in_one_transaction_until_it_is_drawn() {
    on_every_database(|system| {
        wait(async {
            table(system).await;
            let each = Connection::of(&Db::new(system.db().clone()));
            let first = moment(&each).await;
            meanwhile(system).await;
            assert_ne!(moment(&each).await, first, "each statement by itself");
            each.hold();
            let first = moment(&each).await;
            meanwhile(system).await;
            assert_eq!(moment(&each).await, first, "one transaction");
            each.release().await;
            assert_ne!(moment(&each).await, first, "the page is drawn");
        });
    });
}

#[test]
fn what_a_request_writes_it_reads() {
    on_every_database(|system| {
        wait(async {
            let connection = page(system).await;
            assert_eq!(number(&connection, COUNT).await, Ok(0));
            let insert = Statement::from_string(connection.get_database_backend(), "INSERT INTO told VALUES (7) RETURNING number");
            assert!(connection.query_one_raw(insert).await.expect("a row").is_some());
            assert_eq!(number(&connection, COUNT).await, Ok(1));
            connection.hold();
            assert_eq!(number(&connection, COUNT).await, Ok(1));
            connection.execute_unprepared("INSERT INTO told VALUES (8)").await.expect("a row");
            assert_eq!(number(&connection, COUNT).await, Ok(2));
        });
    });
}

#[test]
fn what_cannot_be_read_does_not_spoil_the_rest_of_the_page() {
    on_every_database(|system| {
        wait(async {
            let connection = page(system).await;
            assert_eq!(number(&connection, COUNT).await, Ok(0));
            assert!(number(&connection, "SELECT number FROM nowhere").await.is_err());
            assert_eq!(number(&connection, COUNT).await, Ok(0));
        });
    });
}

/// More pages than there are connections, none of which gives its own back.
#[test]
fn nobody_waits_long_for_pages_that_are_slow() {
    on_every_database(|system| {
        wait(async {
            table(system).await;
            let db = Db::new(system.db().clone());
            let begun = Instant::now();
            let mut pages = Vec::new();
            for _ in 0..12 {
                let page = Connection::of(&db);
                page.hold();
                assert_eq!(number(&page, COUNT).await, Ok(0));
                pages.push(page);
            }
            meanwhile(system).await;
            let other = Connection::of(&db);
            assert_eq!(number(&other, COUNT).await, Ok(1));
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        });
    });
}

/// Browsers go at any moment. What sqlx began for them must not be the next one's.
#[test]
fn whoever_goes_in_the_middle_leaves_no_transaction_open() {
    on_every_database(|system| {
        wait(async {
            table(system).await;
            let db = Db::new(system.db().clone());
            for round in 0..150 {
                let page = Connection::of(&db);
                page.hold();
                let _ = tokio::time::timeout(Duration::from_micros(round * 10), number(&page, COUNT)).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            for _ in 0..12 {
                meanwhile(system).await;
            }
            let each = Connection::of(&db);
            assert_eq!(number(&each, COUNT).await, Ok(12));
            if each.get_database_backend() == DbBackend::Postgres {
                let open = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in %'";
                assert_eq!(number(&each, open).await, Ok(0), "a transaction is open");
            }
        });
    });
}
