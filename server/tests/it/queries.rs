//! Every query of every store, asked of the planner on a large database: none reads a large table from end to end.
//!
//! A household lives among tens of thousands of rows in each table. Its people and the staff go through every page and every
//! server function, the jobs run, and what they ask is explained by the database itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use app::platform::batch::SEPARATOR;
use chrono::{TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use serde_json::Value;

use crate::{
    calendar,
    every_server_fn::{PAGES, TABLE, a_visit},
    world::{Somebody, World, on_every_engine_watched},
};

/// So many rows are in each large table.
const ROWS: u32 = 20_000;

/// Tables that stay small however many people there are.
const SMALL: [&str; 13] = [
    "setting",
    "import_file",
    "job_run",
    "push_key",
    "signing_key",
    "seaql_migrations",
    "department",
    "clinician",
    "visit_clinician",
    "scheduling_office",
    "visit_kind",
    "visit_kind_clinician",
    "working_hours",
];

/// Full scans that have a reason: the table, what the statement says (before a `$`, how it ends), and why.
const REASONS: &[(&str, &str, &str)] = &[
    (
        "patient",
        r#""search_name" LIKE"#,
        "a piece of a name that thousands have: the first twenty in the order of the index are found after few",
    ),
    (
        "fhir_resource",
        r#"FROM "fhir_resource" WHERE "fhir_resource"."id" IN (?)$"#,
        "hundreds of a record at once by their keys: the rows of this test are so short that PostgreSQL reads them all for less",
    ),
    ("outbox_mail", r#"FROM "outbox_mail" ORDER BY"#, "the outbox of the demo, which a real portal does not have"),
    ("proxy_grant", r#"WHERE "proxy_grant"."ended_at" IS NULL"#, "each access that is open, once a day: an index holds no others"),
];

/// The tables in the order in which rows may refer to each other.
const ORDER: [&str; 6] = ["account", "request", "patient", "account_session", "phone_device", "push_subscription"];

struct Column {
    name: String,
    kind: String,
    required: bool,
}

async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        _ => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("tables");
    let mut names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
    names.retain(|name| !SMALL.contains(&name.as_str()));
    names.sort_by_key(|name| ORDER.iter().position(|first| first == name).unwrap_or(ORDER.len()));
    names
}

async fn columns(db: &DatabaseConnection, table: &str) -> Vec<Column> {
    let sqlite = db.get_database_backend() == DatabaseBackend::Sqlite;
    let sql = if sqlite {
        format!("SELECT name, lower(type), \"notnull\" FROM pragma_table_info('{table}')")
    } else {
        format!(
            "SELECT column_name::text, data_type::text, (CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END)::int4 \
             FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        )
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("columns");
    let column = |row: &sea_orm::QueryResult| Column {
        name: row.try_get_by_index(0).expect("a name"),
        kind: row.try_get_by_index(1).expect("a type"),
        required: row.try_get_by_index::<i32>(2).expect("a number") == 1,
    };
    rows.iter().map(column).collect()
}

/// What stands in a column of the row with the number `i`. Nobody of the household comes across these rows: they are other
/// people's, of the past, and closed.
fn value(sqlite: bool, table: &str, column: &Column) -> Option<String> {
    let id = |number: &str| {
        if sqlite { format!("CAST(printf('%016d', {number}) AS BLOB)") } else { format!("lpad(to_hex(({number})::int), 32, '0')::uuid") }
    };
    let moment = |number: &str| {
        if sqlite { format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {number}, 'unixepoch')") } else { format!("to_timestamp({number})") }
    };
    // What is kept for a while only is not over yet: else a job would find that all of it is to be deleted.
    let kept = [
        "visit_hold",
        "visit_link",
        "account_session",
        "attempt",
        "form_draft",
        "passkey_challenge",
        "sign_in_step",
        "sign_up",
        "take_along",
        "push_notice",
    ];
    let at = if kept.contains(&table) { "(4000000000 + i)" } else { "(1600000000 + i * 1000)" };
    // Values of a list: what is stored for most rows of a grown database.
    let fixed = match (table, column.name.as_str()) {
        ("outbox_mail", "state") => Some("sent"),
        ("outbox_mail", "news") => Some("security"),
        ("request", "state") => Some("accepted"),
        ("request", "kind") => Some("help"),
        ("take_along", "state") => Some("failed"),
        ("invitation", "state") => Some("accepted"),
        ("visit", "status") => Some("finished"),
        ("visit", "kind") => Some("office"),
        ("note", "kind") => Some("note"),
        ("note", "disclosure") => Some("shown"),
        ("summary_item", "section") => Some("follow_up"),
        ("audit_event", "actor") => Some("patient"),
        ("audit_event", "permission") => Some("ViewVisits"),
        ("result_choice", "choice") => Some("now"),
        ("arrival", "reason") => Some("import"),
        ("push_notice", "news") => Some("record"),
        ("refill_request", "state") => Some("done"),
        ("refill_request", "kind") => Some("refill"),
        ("medicine_proposal", "state") => Some("accepted"),
        ("medicine_proposal", "kind") => Some("another"),
        ("dispense", "state") => Some("completed"),
        ("message_file", "state") => Some("ready"),
        ("outgoing", "kind") => Some("message"),
        ("visit_kind", "who") => Some("anyone"),
        ("visit_kind", "way") => Some("office"),
        ("scheduling_office", "owner") => Some("portal"),
        ("visit_request", "state") => Some("booked"),
        ("visit_request", "how_soon") => Some("any"),
        ("visit_offer", "state") => Some("taken"),
        ("booking_event", "what") => Some("booked"),
        ("opening", "why") => Some("moved"),
        (_, "resource_type") => Some("Observation"),
        _ => None,
    };
    if let Some(fixed) = fixed {
        return Some(format!("'{fixed}'"));
    }
    let name = column.name.as_str();
    let future = matches!(name, "expires_at" if table == "proxy_grant");
    let written = match column.kind.as_str() {
        _ if name == "staff_role" || (table, name) == ("arrival", "batch") || future => return None,
        "uuid_text" | "uuid" => match name {
            "patient_id"
                if !matches!(table, "account" | "result_choice" | "arrival" | "patient_overlay" | "person_look" | "preferred_pharmacy") =>
            {
                id("1 + i % 2000")
            }
            "account_id" if !matches!(table, "proxy_grant" | "calendar_feed") => id("1 + i % 2000"),
            _ => id("i"),
        },
        kind if kind.starts_with("timestamp") => moment(at),
        kind if kind.starts_with("date") => {
            if sqlite {
                "date('1950-01-01', '+' || (i % 25000) || ' days')".into()
            } else {
                "DATE '1950-01-01' + (i % 25000)".into()
            }
        }
        "boolean" | "bool" => "FALSE".into(),
        "blob" | "bytea" => {
            if sqlite {
                "x'00'".into()
            } else {
                r"'\x00'::bytea".into()
            }
        }
        _ if (table, name) == ("outgoing", "number") => "i".into(),
        _ if name == "currency" => "'USD'".into(),
        _ if name == "last4" => "'4242'".into(),
        kind if kind.contains("int") => "i % 8".into(),
        kind if kind.contains("double") || kind.contains("real") => "i".into(),
        _ if matches!(name, "body" | "entries" | "sources" | "facts") => "'{}'".into(),
        _ => "'x' || i".into(),
    };
    (column.required || !column.kind.contains("text") || column.kind.contains('_') || column.kind.contains("char")).then_some(written)
}

/// Fills each large table, and lets the planner count.
async fn grow(db: &DatabaseConnection) {
    let sqlite = db.get_database_backend() == DatabaseBackend::Sqlite;
    for table in tables(db).await {
        let columns = columns(db, &table).await;
        let filled: Vec<(String, String)> =
            columns.iter().filter_map(|column| Some((format!("\"{}\"", column.name), value(sqlite, &table, column)?))).collect();
        let (names, values): (Vec<String>, Vec<String>) = filled.into_iter().unzip();
        let sql = format!(
            "INSERT INTO \"{table}\" ({}) WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {ROWS}) \
             SELECT {} FROM series",
            names.join(", "),
            values.join(", ")
        );
        db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{table}: {error}: {sql}"));
    }
    db.execute_unprepared("ANALYZE").await.expect("counted");
}

/// The large tables that a statement reads from end to end.
async fn full_scans(db: &DatabaseConnection, statement: &Statement, large: &[String]) -> Vec<String> {
    let backend = db.get_database_backend();
    let mut found = Vec::new();
    // Of many questions at once each by itself, with its values.
    if let Some((first, others)) = statement.sql.split_once(SEPARATOR) {
        let mut values = statement.values.clone().expect("values").0;
        let rest = values.split_off(first.matches('?').count());
        for (sql, values) in [(first, values), (others, rest)] {
            let one = Statement::from_sql_and_values(backend, sql, values);
            found.extend(Box::pin(full_scans(db, &one, large)).await);
        }
        return found;
    }
    let explain = if backend == DatabaseBackend::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN (FORMAT JSON)" };
    let explained = Statement { sql: format!("{explain} {}", statement.sql), values: statement.values.clone(), db_backend: backend };
    let rows = db.query_all_raw(explained).await.unwrap_or_else(|error| panic!("{error}: {}", statement.sql));
    // An empty list is a condition that nothing meets, whatever the plan says: `1 = 2`. Of a union it is not all of it.
    let of_nothing = statement.sql.contains("WHERE $1 = $2") || statement.sql.contains("WHERE ? = ?");
    if of_nothing && !statement.sql.contains("UNION ALL") {
        return found;
    }
    for row in rows {
        if backend == DatabaseBackend::Sqlite {
            let detail: String = row.try_get_by_index(3).expect("a plan");
            let mut words = detail.split_whitespace();
            let (kind, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            // An index that is made for one statement reads the table for it.
            if kind == "SCAN" || detail.contains("AUTOMATIC") {
                found.push(table.trim_matches('"').to_owned());
            }
        } else {
            let plan: Value = row.try_get_by_index(0).expect("a plan");
            scanned(&plan[0]["Plan"], &mut found);
        }
    }
    found.retain(|table| large.contains(table));
    found
}

fn scanned(node: &Value, found: &mut Vec<String>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let whole =
        kind == "Seq Scan" || matches!(kind, "Index Scan" | "Index Only Scan" | "Bitmap Index Scan") && node["Index Cond"].is_null();
    if whole && let Some(table) = node["Relation Name"].as_str() {
        found.push(table.to_owned());
    }
    node["Plans"].as_array().into_iter().flatten().for_each(|below| scanned(below, found));
}

/// The same statement with other values, and with lists of another length, is the same.
fn fingerprint(sql: &str) -> String {
    let mut short = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        short.push_str(before);
        short.push('?');
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    short.push_str(rest);
    while short.contains("?, ?") {
        short = short.replace("?, ?", "?");
    }
    short
}

fn says_so(sql: &str, says: &str) -> bool {
    says.strip_suffix('$').map_or_else(|| sql.contains(says), |end| sql.ends_with(end))
}

/// Everybody opens everything that concerns `{p}`, and asks for everything that they can ask.
fn visit_everything(world: &World, who: &Somebody, given_name: &str) {
    let (patient, visit) = (world.patient(given_name).to_string(), a_visit(world, "Maria"));
    let fill = |text: &str| text.replace("{p}", &patient).replace("{v}", &visit);
    for (page, _) in PAGES.iter() {
        let answer = who.get(&fill(page));
        assert!(answer.status < 500, "{page}: {}", answer.body);
    }
    for (path, arguments, _) in TABLE {
        // Who is signed out, or has closed the account, asks nothing any more.
        if ["sign-out", "sign-out-everywhere", "close", "revoke-device"].iter().any(|end| path.ends_with(end)) {
            continue;
        }
        let arguments: Vec<(&str, String)> = arguments.iter().map(|(name, value)| (*name, fill(value))).collect();
        let arguments: Vec<(&str, &str)> = arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = who.call(path.trim_start_matches("/api/"), &arguments);
        assert!(!answer.body.contains("Unexpected"), "{path}: {}", answer.body);
    }
    if let Some(calendar) = calendar::shown(who) {
        assert_eq!(world.nobody().get(&calendar).status, 200);
    }
}

#[test]
fn no_query_reads_a_large_table_from_end_to_end() {
    let seen: Arc<Mutex<BTreeMap<String, Statement>>> = Arc::default();
    let watch = {
        let seen = seen.clone();
        move |statement: &Statement| {
            if ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| statement.sql.starts_with(verb)) {
                seen.lock().expect("no panic").entry(fingerprint(&statement.sql)).or_insert_with(|| statement.clone());
            }
        }
    };
    let used: Mutex<BTreeSet<usize>> = Mutex::default();
    on_every_engine_watched(watch, |world| {
        let db = &world.state.connection;
        let large = world.wait(async {
            grow(db).await;
            tables(db).await
        });
        for name in ["Maria", "Emma", "Harold"] {
            world.patient(name);
        }
        seen.lock().expect("no panic").clear();
        stories(world);
        let statements = std::mem::take(&mut *seen.lock().expect("no panic"));
        assert!(statements.len() > 150, "{} kinds of statements", statements.len());
        let mut faults = Vec::new();
        for (short, statement) in &statements {
            for table in world.wait(full_scans(db, statement, &large)) {
                let reason = REASONS.iter().position(|(of, says, _)| *of == table && says_so(short, says));
                match reason {
                    Some(number) => {
                        used.lock().expect("no panic").insert(number);
                    }
                    None => faults.push(format!("{table}: {short}")),
                }
            }
        }
        assert!(faults.is_empty(), "{} of {} read a whole table:\n{}", faults.len(), statements.len(), faults.join("\n"));
    });
    assert_eq!(*used.lock().expect("no panic"), (0..REASONS.len()).collect(), "a reason that nothing needs");
}

fn stories(world: &World) {
    let system = app::access::as_system(&world.state.db, "test");
    for (username, given_name) in
        [("maria", "Maria"), ("maria", "Emma"), ("priya", "Maria"), ("marcus", "Maria"), ("ruth", "Maria"), ("nora", "Maria")]
    {
        visit_everything(world, &world.sign_in(username), given_name);
    }
    visit_everything(world, &world.nobody(), "Maria");
    let (maria, me) = (world.sign_in("maria"), world.patient("Maria").to_string());
    for page in
        ["results?words=cholesterol", "results?page=1", "results/trend?code=http%3A%2F%2Floinc.org%7C4548-4", "access-log?who=staff"]
    {
        maria.get(&format!("/p/{me}/{page}"));
    }
    for file in ["access-log", "photo"] {
        maria.get(&format!("/files/{file}/{me}"));
    }
    for section in ["notes", "summaries", "visits", "documents", "results", "vitals", "immunizations"] {
        maria.get_bytes(&format!("/files/pdf/{me}/{section}"));
    }
    let priya = world.sign_in("priya");
    for query in ["mar", "xq", "x", "mar+riv", "5/3/1988", "MRN1", "iver"] {
        priya.get(&format!("/staff/patients?query={query}"));
    }
    let born = world.birth_date("Maria").to_string();
    for lost in ["password", "username", "both"] {
        world.nobody().call("recovery/ask", &[("lost", lost), ("email", "Maria@example.org"), ("birth_date", &born)]);
    }
    world.nobody().call(
        "sign-up/request-code",
        &[
            ("given_name", "Harold"),
            ("family_name", "Kim"),
            ("birth_date", &world.birth_date("Harold").to_string()),
            ("zip", "06457"),
            ("email", "x@example.org"),
        ],
    );
    world.nobody().call("sign-up/enter-code", &[("activation_code", "ABCDE-FGHJK"), ("birth_date", &born), ("zip", "06457")]);
    let note = serde_json::json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": {
        "resourceType": "Observation", "id": "new", "status": "final", "code": { "text": "Lead in blood" },
        "subject": { "reference": format!("Patient/{}", world.reference("Emma")) },
        "effectiveDateTime": "2026-11-01", "valueQuantity": { "value": 2, "unit": "ug/dL" } } }] });
    world.wait(async {
        let state = &world.state;
        server::jobs::news::once(state, Utc::now() - TimeDelta::days(400)).await.expect("told");
        server::fhir::import_bundle(&system, "test", note).await.expect("imported");
        server::jobs::news::once(state, Utc::now()).await.expect("told");
        server::jobs::midnight::once(state).await.expect("a night");
        server::jobs::tidy::once(state).await.expect("tidied");
        server::jobs::export::once(state).await.expect("made");
        server::jobs::push::once(state).await.expect("sent");
        app::platform::mail::store::take(system.db(), state.clock.now().instant, 10).await.expect("taken");
        server::fhir::export_patient(&system, None, "Patient/nobody", &mut Vec::new()).await.expect_err("nobody");
        server::fhir::export_patient(&system, None, &me, &mut Vec::new()).await.expect("exported");
    });
}
