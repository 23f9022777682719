//! What messages cost when there are many: the list of a patient, a thread, the inbox of the staff and a thread there, with a hundred
//! threads of one patient, and then with 10,000 of them and 1,000,000 messages in the database.
//!
//! `cargo run --release -p server --example messages_growth`, with `TEST_POSTGRES_URL` for PostgreSQL too. The ratio of the second
//! case to the first is what counts.

mod database;

use std::{error::Error, time::Instant};

use app::{
    access::{Db, as_system},
    features::{account::sign_in::store::open_for_demo, messages::entity::message_thread},
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
use server::{State, config::Organization};
use tower::ServiceExt;
use uuid::Uuid;

use database::own_database;

type Fault = Box<dyn Error + Send + Sync>;

/// Messages of a thread.
const MESSAGES: u64 = 4;
/// Threads of the patient, and of everybody, in both cases.
const SMALL: (u64, u64) = (100, 200);
const LARGE: (u64, u64) = (10_000, 250_000);
/// So often each page is asked for.
const TIMES: u32 = 200;
/// The first invented thread.
const FIRST: u64 = 1_000_000;

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
        None => format!("sqlite:{}", folder.path().join("growth.db").display()),
        Some(admin) => own_database(admin, "messages_growth").await?,
    };
    let connection = server::connect(&url).await?;
    Migrator::up(&connection, None).await?;
    let organization = Organization {
        time_zone: chrono_tz::America::New_York,
        product: "MyChart".into(),
        organisation: "Middlesex Health".into(),
        support_phone: "860-358-4111".into(),
        idle_minutes: 120,
        session_hours: 24,
        site_root: folder.path().to_owned(),
    };
    let state = State::new(connection.clone(), &organization, "http://localhost:3000", Secret::new([7; 32]))?;
    let system = as_system(&Db::new(connection.clone()), "benchmark");
    server::demo::seed(&system, &state.clock, &state.passwords).await?;
    let maria = patient::Entity::find().filter(patient::Column::GivenName.eq("Maria")).one(&connection).await?.ok_or("no Maria")?.id;
    let model = message_thread::Entity::find().filter(message_thread::Column::PatientId.eq(maria)).one(&connection).await?;
    let department = model.ok_or("no thread")?.department_id;
    let mut cookies = Vec::new();
    for name in ["maria", "nora"] {
        let opened = open_for_demo(&system, name, "").await.map_err(|error| error.to_string())?.ok_or("nobody")?;
        cookies.push(format!("session={}", opened.token));
    }
    let service = server::router(state);
    let thread = Uuid::from_u128(u128::from(FIRST + 50));
    let pages = [
        ("list of the patient", &cookies[0], format!("/p/{maria}/messages")),
        ("second page of it", &cookies[0], format!("/p/{maria}/messages?page=2")),
        ("thread", &cookies[0], format!("/p/{maria}/messages/{thread}")),
        ("what needs the patient", &cookies[0], "/home".to_owned()),
        ("inbox of the staff", &cookies[1], "/staff/messages?shelf=pool".to_owned()),
        ("everything of the office", &cookies[1], "/staff/messages?shelf=all".to_owned()),
        ("thread as staff", &cookies[1], format!("/staff/messages/{thread}")),
    ];
    grow(&connection, maria, department, 0, SMALL).await?;
    let small = measure(&service, &pages).await?;
    grow(&connection, maria, department, SMALL.1, LARGE).await?;
    let large = measure(&service, &pages).await?;
    println!("{:<26} {:>10} {:>10} {:>8}", "", "small ms", "large ms", "ratio");
    for (((name, ..), small), large) in pages.iter().zip(small).zip(large) {
        println!("{name:<26} {small:>10.2} {large:>10.2} {:>8.2}", large / small);
    }
    Ok(())
}

/// The median of each page, in milliseconds.
async fn measure(service: &Router, pages: &[(&str, &String, String)]) -> Result<Vec<f64>, Fault> {
    let mut medians = Vec::new();
    for (_, cookie, path) in pages {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let request =
                Request::builder().uri(path).header(header::ACCEPT, "text/html").header(header::COOKIE, *cookie).body(Body::empty())?;
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
        medians.push(times[times.len() / 2]);
    }
    Ok(medians)
}

/// Adds threads from one number on until there are as many: of one patient, and of others. One in five hundred waits for an answer, of
/// the first ones one in two; what staff wrote to the patient was opened, but for one thread in a hundred.
async fn grow(db: &DatabaseConnection, patient: Uuid, department: Uuid, from: u64, (of_patient, all): (u64, u64)) -> Result<(), Fault> {
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let id = |number: &str| {
        if sqlite { format!("unhex(printf('%032x', {number}))") } else { format!("lpad(to_hex(({number})::bigint), 32, '0')::uuid") }
    };
    let fixed = |id: Uuid| if sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") };
    let moment = |number: &str| {
        if sqlite { format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {number}, 'unixepoch')") } else { format!("to_timestamp({number})") }
    };
    let text = |number: &str| if sqlite { format!("CAST({number} AS TEXT)") } else { format!("({number})::text") };
    // The patient's threads stand among the others, as they came.
    let every = all / of_patient;
    let whose = format!("CASE WHEN i % {every} = 0 THEN {} ELSE {} END", fixed(patient), id("5000000 + i % 20000"));
    // The last one is of today.
    let first = chrono::Utc::now().timestamp() - i64::try_from(LARGE.1)? * 600;
    // A full page of them waits in both cases.
    let waits = format!("i % 500 = 7 OR (i < {} AND i % 2 = 1)", SMALL.1);
    let at = moment(&format!("{first} + i * 600"));
    let series = format!("WITH RECURSIVE series (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM series WHERE i + 1 < {all})");
    let statements = [
        format!(
            "INSERT INTO message_thread (id, patient_id, topic, subject, department_id, clinician_id, state, sensitive, created_at, last_at, due_at, urged_at, taken_by) \
             {series} SELECT {}, {whose}, 'question', 'Question ' || {}, {}, NULL, CASE WHEN {waits} THEN 'waiting' ELSE 'answered' END, FALSE, {at}, {at}, \
             CASE WHEN {waits} THEN {at} ELSE NULL END, NULL, NULL FROM series",
            id(&format!("{FIRST} + i")),
            text("i"),
            fixed(department),
        ),
        format!(
            "INSERT INTO message (id, thread_id, side, account_id, author, role, internal, body, sent_at, sending_key, danger_confirmed) \
             {series}, part (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n + 1 < {MESSAGES}) \
             SELECT {}, {}, CASE WHEN n % 2 = 0 THEN 'patient' ELSE 'staff' END, NULL, 'Somebody', NULL, FALSE, \
             'Two days of sore throat and fever. What should I do until the visit? Number ' || {}, {}, {}, FALSE FROM series, part",
            id(&format!("{} + i * {MESSAGES} + n", 2 * FIRST)),
            id(&format!("{FIRST} + i")),
            text("i"),
            moment(&format!("{first} + i * 600 + n")),
            id(&format!("{} + i * {MESSAGES} + n", 20 * FIRST)),
        ),
        format!(
            "INSERT INTO message_opened (message_id, account_id, name, role, at) SELECT m.id, a.id, a.display_name, NULL, m.sent_at FROM message m \
             JOIN message_thread t ON t.id = m.thread_id JOIN account a ON a.username = 'maria' \
             LEFT JOIN message_opened o ON o.message_id = m.id AND o.account_id = a.id \
             WHERE t.patient_id = {} AND m.side = 'staff' AND t.subject LIKE 'Question %' AND t.subject NOT LIKE '%00' AND o.message_id IS NULL",
            fixed(patient)
        ),
    ];
    for statement in statements {
        db.execute_unprepared(&statement).await?;
    }
    db.execute_unprepared("ANALYZE").await?;
    Ok(())
}
