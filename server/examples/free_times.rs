//! What it costs to find free times: of a calendar that another system keeps, with 10,000 times and with 1,000,000 (500 clinicians, a
//! year), and of working hours beside as much time that is taken.
//!
//! `cargo run --release -p server --example free_times`, with `TEST_POSTGRES_URL` for PostgreSQL too. The ratio of the second case to
//! the first is what counts, at the 99th percentile.

mod database;
mod portal;

use std::{error::Error, time::Instant};

use app::{
    access::{Db, as_system},
    desk::scheduling::entity::{visit_kind, visit_kind_clinician},
    features::account::sign_in::store::open_for_demo,
    people::patient,
    platform::secret::Secret,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter};
use server::State;
use tower::ServiceExt;
use uuid::Uuid;

use database::own_database;
use portal::organization;

type Fault = Box<dyn Error + Send + Sync>;

/// Clinicians and times of each, in both cases.
const SMALL: (u64, u64) = (5, 2_000);
const LARGE: (u64, u64) = (500, 2_000);
/// So often each page is asked for.
const TIMES: usize = 400;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(Some);
    for admin in [None].into_iter().chain(postgres) {
        println!("\n{}", if admin.is_some() { "PostgreSQL" } else { "SQLite" });
        run(admin).await?;
    }
    Ok(())
}

async fn run(admin: Option<String>) -> Result<(), Fault> {
    let folder = tempfile::tempdir()?;
    let url = match &admin {
        None => format!("sqlite:{}", folder.path().join("times.db").display()),
        Some(admin) => own_database(admin, "free_times").await?,
    };
    let connection = server::connect(&url).await?;
    Migrator::up(&connection, None).await?;
    let organization = organization(folder.path());
    let state = State::new(connection.clone(), &organization, "http://localhost:3000", Secret::new([7; 32]))?;
    let system = as_system(&Db::new(connection.clone()), "benchmark");
    server::demo::seed(&system, &state.clock, &state.passwords).await?;
    let maria = patient::Entity::find().filter(patient::Column::GivenName.eq("Maria")).one(&connection).await?.ok_or("no Maria")?.id;
    let opened = open_for_demo(&system, "maria", "").await.map_err(|error| error.to_string())?.ok_or("nobody")?;
    let cookie = format!("session={}", opened.token);
    let kind = async |name: &str| -> Result<Uuid, Fault> {
        let found = visit_kind::Entity::find().filter(visit_kind::Column::NameEn.eq(name)).one(&connection).await?;
        Ok(found.ok_or("no such kind")?.id)
    };
    let cardiology = kind("Cardiology visit").await?;
    let of_cardiology = visit_kind_clinician::Entity::find().filter(visit_kind_clinician::Column::KindId.eq(cardiology)).one(&connection);
    let department = of_cardiology.await?.ok_or("nobody does it")?.department_id;
    let pages = [
        ("another system's calendar", format!("/p/{maria}/visits/book/{cardiology}")),
        ("working hours", format!("/p/{maria}/visits/book/{}", kind("Annual physical").await?)),
    ];
    let service = server::router(state);
    grow(&connection, department, 0, SMALL).await?;
    let small = measure(&service, &cookie, &pages).await?;
    grow(&connection, department, SMALL.0, LARGE).await?;
    let large = measure(&service, &cookie, &pages).await?;
    println!("{:<28} {:>12} {:>12} {:>8} {:>12} {:>12} {:>8}", "", "median ms", "of 1,000,000", "ratio", "p99 ms", "of 1,000,000", "ratio");
    for (((name, _), (median, p99)), (large, large_p99)) in pages.iter().zip(small).zip(large) {
        println!("{name:<28} {median:>12.2} {large:>12.2} {:>8.2} {p99:>12.2} {large_p99:>12.2} {:>8.2}", large / median, large_p99 / p99);
    }
    Ok(())
}

/// The median and the 99th percentile of each page, in milliseconds.
async fn measure(service: &Router, cookie: &str, pages: &[(&str, String)]) -> Result<Vec<(f64, f64)>, Fault> {
    let mut found = Vec::new();
    for (_, path) in pages {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let request =
                Request::builder().uri(path).header(header::ACCEPT, "text/html").header(header::COOKIE, cookie).body(Body::empty())?;
            let start = Instant::now();
            let response = service.clone().oneshot(request).await?;
            let status = response.status();
            to_bytes(response.into_body(), 8 * 1024 * 1024).await?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
            if status != StatusCode::OK {
                return Err(format!("{path}: {status}").into());
            }
        }
        times.sort_by(f64::total_cmp);
        found.push((times[times.len() / 2], times[times.len() * 99 / 100]));
    }
    Ok(found)
}

/// Invents clinicians of other departments with so many times each, half of which are taken.
async fn grow(db: &DatabaseConnection, department: Uuid, first: u64, (clinicians, times): (u64, u64)) -> Result<(), Fault> {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let id = |number: &str| {
        if sqlite { format!("CAST(printf('%016d', {number}) AS BLOB)") } else { format!("lpad(to_hex(({number})::bigint), 32, '0')::uuid") }
    };
    let place = if sqlite { format!("x'{}'", department.simple()) } else { format!("'{department}'::uuid") };
    let moment = |number: &str| {
        if sqlite { format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {number}, 'unixepoch')") } else { format!("to_timestamp({number})") }
    };
    let (from, until) = (first * times, (first + clinicians) * times);
    let series = format!("WITH RECURSIVE series (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM series WHERE i < {until} - 1)");
    let now = chrono::Utc::now().timestamp() / 300 * 300;
    // Of each clinician a time every four hours, all year long.
    let at = format!("({now} + (i % {times}) * 14400)");
    let clinician = id(&format!("1000000 + i / {times}"));
    let slots = format!(
        "INSERT INTO open_slot (id, clinician_id, department_id, kind_id, starts_at, ends_at, free) {series} \
         SELECT {}, {clinician}, {place}, NULL, {}, {}, {} FROM series",
        id("2000000 + i"),
        moment(&at),
        moment(&format!("({at} + 1800)")),
        if sqlite { "i % 2" } else { "i % 2 = 0" },
    );
    let taken = format!(
        "INSERT INTO taken_time (clinician_id, cell, holder, until) {series} SELECT {clinician}, {at} / 300, {}, NULL FROM series",
        id("2000000 + i"),
    );
    db.execute_unprepared(&slots).await?;
    db.execute_unprepared(&taken).await?;
    db.execute_unprepared("ANALYZE").await?;
    Ok(())
}
