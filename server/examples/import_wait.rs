//! How long somebody who signs in waits for an import.
//!
//! `cargo run --release -p server --example import_wait -- path/to/exports`, with `TEST_POSTGRES_URL` for PostgreSQL too. While
//! the files come in one by one, another connection writes a row again and again; the longest it waited is what counts.

mod database;

use std::{
    error::Error,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use app::access::{Db, as_system};
use migrations::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use server::fhir::{ImportOptions, import_paths};

use database::own_database;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(Some);
    for admin in [None].into_iter().chain(postgres) {
        let folder = tempfile::tempdir()?;
        let url = match &admin {
            None => format!("sqlite:{}", folder.path().join("wait.db").display()),
            Some(admin) => own_database(admin, "import_wait").await?,
        };
        let connection = server::connect(&url).await?;
        Migrator::up(&connection, None).await?;
        connection.execute_unprepared("INSERT INTO setting (name, value) VALUES ('wait', '')").await?;
        let done = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (connection, done) = (connection.clone(), done.clone());
            async move {
                let mut waits = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    connection.execute_unprepared("UPDATE setting SET value = 'x' WHERE name = 'wait'").await?;
                    waits.push(start.elapsed());
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                Ok::<_, sea_orm::DbErr>(waits)
            }
        });
        let system = as_system(&Db::new(connection), "benchmark");
        let summary = import_paths(&system, &paths, &ImportOptions { keep_going: true, ..ImportOptions::default() })
            .await
            .map_err(|error| error.to_string())?;
        done.store(true, Ordering::Relaxed);
        let mut waits = writer.await??;
        waits.sort();
        let longest = waits.last().copied().unwrap_or_default();
        let engine = if admin.is_some() { "PostgreSQL" } else { "SQLite" };
        println!(
            "{engine}: {} resources in {:.1} s; {} writes meanwhile, the longest waited {} ms, the median {:.1} ms",
            summary.total().new,
            summary.seconds,
            waits.len(),
            longest.as_millis(),
            waits.get(waits.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0
        );
    }
    Ok(())
}
