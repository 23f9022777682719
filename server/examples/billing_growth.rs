//! What bills cost when there are many: the pages of a family with a few bills, and the same pages with twenty years of theirs and
//! 1,000,000 entries in the ledger.
//!
//! `cargo run --release -p server --example billing_growth`, with `TEST_POSTGRES_URL` for PostgreSQL too. The ratio of the second case to
//! the first is what counts.

mod growth;

use app::desk::billing::entity::{bill, guarantor};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use growth::{Fault, Portal, engines, report};

/// Entries of a bill: charge, what the plan took off, what it paid, what the family paid.
const ENTRIES: u64 = 4;
/// Paid bills of the family, and bills of everybody, in both cases: two a week, the newest first, so that the first ones are those of the
/// last 18 months, which the pages show, and all are those of twenty years.
const SMALL: (u64, u64) = (150, 300);
const LARGE: (u64, u64) = (2_000, 250_000);
/// The first invented bill.
const FIRST: u64 = 1_000_000;
/// Hours between two bills of the family.
const EVERY: u64 = 84;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    for admin in engines() {
        run(&Portal::start(admin.as_deref(), "billing_growth").await?).await?;
    }
    Ok(())
}

async fn run(portal: &Portal) -> Result<(), Fault> {
    let db = &portal.connection;
    let family = guarantor::Entity::find().filter(guarantor::Column::Number.eq("1002001")).one(db).await?.ok_or("no account")?;
    let open = bill::Entity::find().filter(bill::Column::Number.eq("B-26-00117")).one(db).await?.ok_or("no bill")?;
    let (maria, dana) = (portal.sign_in("maria").await?, portal.sign_in("dana").await?);
    let patient = open.patient_id;
    let pages = [
        ("what is owed", maria.clone(), "/billing".to_owned()),
        ("what is owed, on home", maria.clone(), "/home".to_owned()),
        ("bills of a chart", maria.clone(), format!("/p/{patient}/billing")),
        ("one bill", maria.clone(), format!("/billing/bills/{}", open.id)),
        ("paying", maria.clone(), format!("/billing/of/{}/pay", family.id)),
        ("statements and payments", maria, format!("/billing/of/{}/history", family.id)),
        ("the office", dana.clone(), "/staff/billing".to_owned()),
        ("an account at the office", dana.clone(), format!("/staff/billing/accounts/{}", family.id)),
        ("a bill at the office", dana, format!("/staff/billing/bills/{}", open.id)),
    ];
    grow(portal, &family, &open, 0, SMALL).await?;
    let small = portal.measure(&pages).await?;
    grow(portal, &family, &open, SMALL.1, LARGE).await?;
    let large = portal.measure(&pages).await?;
    report(&pages, small, large);
    Ok(())
}

/// Adds bills from one number on until there are as many: of one family, and of others. All are paid.
async fn grow(
    portal: &Portal,
    family: &guarantor::Model,
    like: &bill::Model,
    from: u64,
    (of_family, all): (u64, u64),
) -> Result<(), Fault> {
    let sql = portal.sql;
    let every = all / of_family;
    let others = |what: u64| format!("{what} + i % 20000");
    let whose = |mine, other: u64| format!("CASE WHEN i % {every} = 0 THEN {} ELSE {} END", sql.fixed(mine), sql.id(&others(other)));
    let series = format!("WITH RECURSIVE series (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM series WHERE i + 1 < {all})");
    let now = chrono::Utc::now().timestamp();
    // What is added later is older.
    let before = if from == 0 { 0 } else { SMALL.0 };
    let age = format!("{now} - 3600 * {EVERY} * ({before} + i / {every})");
    let day = if sql.sqlite { format!("date({age}, 'unixepoch')") } else { format!("to_timestamp({age})::date") };
    let person = if from == 0 {
        vec![format!(
            "INSERT INTO guarantor (id, party_key, number, given_name, family_name, folded_family, patient_id, paperless, made_at) \
             WITH RECURSIVE series (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM series WHERE i + 1 < 20000) \
             SELECT {}, 'person:' || {}, 'N' || {}, 'Ada', 'Payer' || {}, 'payer' || {}, {}, FALSE, {} FROM series",
            sql.id("5000000 + i"),
            sql.text("i"),
            sql.text("i"),
            sql.text("i % 500"),
            sql.text("i % 500"),
            sql.id("6000000 + i"),
            sql.moment(&now.to_string()),
        )]
    } else {
        Vec::new()
    };
    let bills = format!(
        "INSERT INTO bill (id, guarantor_id, patient_id, number, title, service_on, issued_on, due_on, currency, state, confidential, \
         gross_cents, net_cents, balance_cents, is_open, changed_at) \
         {series} SELECT {}, {}, {}, 'G-' || {}, 'Office visit', {day}, {day}, {day}, 'USD', 'open', FALSE, 20000, 20000, 0, FALSE, {} FROM series",
        sql.id(&format!("{FIRST} + i")),
        whose(family.id, 5_000_000),
        whose(like.patient_id, 6_000_000),
        sql.text("i"),
        sql.moment(&age),
    );
    let entries = format!(
        "INSERT INTO ledger_entry (id, bill_id, kind, cents, at, source_key) \
         {series}, part (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n + 1 < {ENTRIES}) \
         SELECT {}, {}, CASE n WHEN 0 THEN 'charge' WHEN 1 THEN 'insurance_adjustment' WHEN 2 THEN 'insurance_payment' ELSE 'patient_payment' END, \
         CASE n WHEN 0 THEN 20000 WHEN 1 THEN -5000 WHEN 2 THEN -12500 ELSE -2500 END, {}, 'growth:' || {} FROM series, part",
        sql.id(&format!("{} + i * {ENTRIES} + n", 10 * FIRST)),
        sql.id(&format!("{FIRST} + i")),
        sql.moment(&format!("{age} + n * 3600")),
        sql.text(&format!("i * {ENTRIES} + n")),
    );
    let statements: Vec<String> = person.into_iter().chain([bills, entries]).collect();
    portal.grow(&statements).await
}
