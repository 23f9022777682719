//! What messages cost when there are many: the list of a patient, a thread, the inbox of the staff and a thread there, with a hundred
//! threads of one patient, and then with 10,000 of them and 1,000,000 messages in the database.
//!
//! `cargo run --release -p server --example messages_growth`, with `TEST_POSTGRES_URL` for PostgreSQL too. The ratio of the second
//! case to the first is what counts.

mod growth;

use app::{features::messages::entity::message_thread, people::patient};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use growth::{Fault, Portal, engines, report};

/// Messages of a thread.
const MESSAGES: u64 = 4;
/// Threads of the patient, and of everybody, in both cases.
const SMALL: (u64, u64) = (100, 200);
const LARGE: (u64, u64) = (10_000, 250_000);
/// The first invented thread.
const FIRST: u64 = 1_000_000;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    for admin in engines() {
        run(&Portal::start(admin.as_deref(), "messages_growth").await?).await?;
    }
    Ok(())
}

async fn run(portal: &Portal) -> Result<(), Fault> {
    let db = &portal.connection;
    let maria = patient::Entity::find().filter(patient::Column::GivenName.eq("Maria")).one(db).await?.ok_or("no Maria")?.id;
    let model = message_thread::Entity::find().filter(message_thread::Column::PatientId.eq(maria)).one(db).await?;
    let department = model.ok_or("no thread")?.department_id;
    let (maria_at, nora_at) = (portal.sign_in("maria").await?, portal.sign_in("nora").await?);
    let thread = Uuid::from_u128(u128::from(FIRST + 50));
    let pages = [
        ("list of the patient", maria_at.clone(), format!("/p/{maria}/messages")),
        ("second page of it", maria_at.clone(), format!("/p/{maria}/messages?page=2")),
        ("thread", maria_at.clone(), format!("/p/{maria}/messages/{thread}")),
        ("what needs the patient", maria_at, "/home".to_owned()),
        ("inbox of the staff", nora_at.clone(), "/staff/messages?shelf=pool".to_owned()),
        ("everything of the office", nora_at.clone(), "/staff/messages?shelf=all".to_owned()),
        ("thread as staff", nora_at, format!("/staff/messages/{thread}")),
    ];
    grow(portal, maria, department, 0, SMALL).await?;
    let small = portal.measure(&pages).await?;
    grow(portal, maria, department, SMALL.1, LARGE).await?;
    let large = portal.measure(&pages).await?;
    report(&pages, small, large);
    Ok(())
}

/// Adds threads from one number on until there are as many: of one patient, and of others. One in five hundred waits for an answer, of
/// the first ones one in two; what staff wrote to the patient was opened, but for one thread in a hundred.
async fn grow(portal: &Portal, patient: Uuid, department: Uuid, from: u64, (of_patient, all): (u64, u64)) -> Result<(), Fault> {
    let sql = portal.sql;
    let (id, fixed, moment, text) =
        (|number: &str| sql.id(number), |id: Uuid| sql.fixed(id), |seconds: &str| sql.moment(seconds), |number: &str| sql.text(number));
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
    portal.grow(&statements).await
}
