//! What a page costs the server, beside a handler that does as little as one can that reads a database.
//!
//! `cargo run --release -p server --example page_cost`, with `TEST_POSTGRES_URL` for PostgreSQL too. Sixteen connections ask for
//! the same page again and again, on two threads of the server; in the same run and from the same database, a bare axum handler
//! reads twenty rows by an index with sqlx and answers them as JSON. The ratio to that is what counts. Another one reads them five
//! times in one transaction and writes one row, as a chart's page that has six statements does at least: no page can be faster. At
//! the end the visits page is read until there were 100,000 pages, and resident memory is told. `-- SECONDS PAGES` sets how long
//! and how many.

mod database;
mod portal;

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use app::{
    access::{Db, as_system},
    features::account::sign_in::store::open_for_demo,
    people::patient,
    platform::secret::Secret,
};
use axum::{
    Router,
    extract::State as Extract,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use migrations::{Migrator, MigratorTrait};
use mimalloc::MiMalloc;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, sqlx};
use serde_json::json;
use server::State;
use tokio::{net::TcpListener, runtime::Builder};

use database::own_database;
use portal::organization;

/// As the server's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const CONNECTIONS: usize = 16;
/// Owners of rows in the table that the bare handler reads, with twenty rows each.
const OWNERS: u32 = 100;

type Fault = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(5.0), |text| text.parse())?;
    let pages: usize = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(Some);
    for admin in [None].into_iter().chain(postgres) {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let folder = tempfile::tempdir()?;
        println!("\n{}", if admin.is_some() { "PostgreSQL" } else { "SQLite" });
        let served = runtime.block_on(serve(admin, &folder))?;
        measure(&served, seconds, pages)?;
    }
    Ok(())
}

/// Where everything is reached.
struct Served {
    portal: SocketAddr,
    bare: SocketAddr,
    cookie: String,
    patient: uuid::Uuid,
}

fn measure(served: &Served, seconds: f64, pages: usize) -> Result<(), Fault> {
    let (portal, patient, cookie) = (served.portal, served.patient, &served.cookie);
    let page = |path: String| (portal, request("GET", &path, &format!("accept: text/html\r\ncookie: {cookie}\r\n"), ""));
    let visits = page(format!("/p/{patient}/visits"));
    let headers = format!(
        "accept: application/json\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    );
    let function = (portal, request("POST", "/api/visits/list", &headers, &format!("patient={patient}")));
    let cases = [
        ("bare handler", (served.bare, request("GET", "/", "", ""))),
        ("bare, six statements", (served.bare, request("GET", "/six", "", ""))),
        ("server function: visits", function),
        ("page: visits", visits.clone()),
        ("page: home", page("/home".into())),
        ("page: results", page(format!("/p/{patient}/results"))),
    ];
    println!("{:>24}  {:>10}  {:>6}  {:>9}  {:>7}  {:>10}", "", "requests/s", "ratio", "median ms", "p99 ms", "p99/median");
    let (mut bare, mut asked) = (0.0, 0);
    for (name, (address, request)) in &cases {
        load(*address, request, &Until::Time(Duration::from_secs_f64(seconds / 5.0)))?;
        let found = load(*address, request, &Until::Time(Duration::from_secs_f64(seconds)))?;
        if bare == 0.0 {
            bare = found.per_second;
        } else if *address == portal {
            asked += found.count;
        }
        println!(
            "{name:>24}  {:>10.0}  {:>6.3}  {:>9.2}  {:>7.2}  {:>10.1}",
            found.per_second,
            found.per_second / bare,
            found.median,
            found.p99,
            found.p99 / found.median
        );
    }
    let left = pages.saturating_sub(asked);
    load(visits.0, &visits.1, &Until::Count(left))?;
    println!("{:>24}  {:.0} MB after {} pages", "resident", resident_megabytes()?, asked + left);
    Ok(())
}

/// HTTP/1.1 that keeps the connection.
fn request(method: &str, path: &str, headers: &str, body: &str) -> Arc<[u8]> {
    let length = if method == "POST" { format!("content-length: {}\r\n", body.len()) } else { String::new() };
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}{length}\r\n{body}").into_bytes().into()
}

enum Until {
    Time(Duration),
    /// So many in all.
    Count(usize),
}

struct Found {
    count: usize,
    per_second: f64,
    median: f64,
    p99: f64,
}

/// The same request again and again on all connections.
fn load(address: SocketAddr, request: &Arc<[u8]>, until: &Until) -> Result<Found, Fault> {
    let start = Instant::now();
    let (time, each) = match until {
        Until::Time(time) => (*time, usize::MAX),
        Until::Count(count) => (Duration::MAX, count.div_ceil(CONNECTIONS)),
    };
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let request = request.clone();
            thread::spawn(move || -> Result<Vec<f64>, Fault> {
                let mut stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                let mut answers = BufReader::with_capacity(64 * 1024, stream.try_clone()?);
                let mut times = Vec::new();
                while times.len() < each && start.elapsed() < time {
                    let sent = Instant::now();
                    stream.write_all(&request)?;
                    read_answer(&mut answers)?;
                    times.push(sent.elapsed().as_secs_f64() * 1000.0);
                }
                Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for connection in connections {
        times.extend(connection.join().map_err(|_| "a connection panicked")??);
    }
    let per_second = f64::from(u32::try_from(times.len())?) / start.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok(Found { count: times.len(), per_second, median: at(50), p99: at(99) })
}

/// Reads one answer to its end; whatever is no 200 ends the run.
fn read_answer(answers: &mut impl BufRead) -> Result<(), Fault> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(format!("answered {}", line.trim()).into());
    }
    let mut length = None;
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = Some(value.trim().parse::<u64>()?);
        }
    }
    match length {
        Some(length) => skip(answers, length),
        None => loop {
            line.clear();
            answers.read_line(&mut line)?;
            let size = u64::from_str_radix(line.trim(), 16)?;
            // Each part ends with an empty line.
            skip(answers, size + 2)?;
            if size == 0 {
                return Ok(());
            }
        },
    }
}

fn skip(answers: &mut impl BufRead, bytes: u64) -> Result<(), Fault> {
    let read = std::io::copy(&mut answers.by_ref().take(bytes), &mut std::io::sink())?;
    if read == bytes { Ok(()) } else { Err("an answer ended early".into()) }
}

/// What the process holds in memory, the clients of this program among it.
fn resident_megabytes() -> Result<f64, Fault> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}

async fn serve(admin: Option<String>, folder: &tempfile::TempDir) -> Result<Served, Fault> {
    let url = match &admin {
        None => format!("sqlite:{}", folder.path().join("cost.db").display()),
        Some(admin) => own_database(admin, "page_cost").await?,
    };
    let connection = server::connect(&url).await?;
    Migrator::up(&connection, None).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let portal = listener.local_addr()?;
    let organization = organization(folder.path());
    let state = State::new(connection.clone(), &organization, &format!("http://localhost:{}", portal.port()), Secret::new([7; 32]))?;
    let system = as_system(&Db::new(connection.clone()), "benchmark");
    server::demo::seed(&system, &state.clock, &state.passwords).await?;
    let opened = open_for_demo(&system, "maria", "").await.map_err(|error| error.to_string())?.ok_or("no Maria")?;
    let maria = patient::Entity::find().filter(patient::Column::GivenName.eq("Maria")).one(&connection).await?.ok_or("no Maria")?;
    let service = server::router(state).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let bare = serve_bare(connection).await?;
    Ok(Served { portal, bare, cookie: format!("session={}", opened.token), patient: maria.id })
}

/// The least that reads a database: no session, no framework, no words.
async fn serve_bare(connection: DatabaseConnection) -> Result<SocketAddr, Fault> {
    connection.execute_unprepared("CREATE TABLE bare (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, words TEXT NOT NULL)").await?;
    connection.execute_unprepared("CREATE INDEX idx_bare_owner ON bare (owner)").await?;
    for owner in 0..OWNERS {
        let rows: Vec<String> =
            (0..20).map(|row| format!("({}, {owner}, 'Office visit, number {row}, at the clinic')", owner * 20 + row)).collect();
        connection.execute_unprepared(&format!("INSERT INTO bare (id, owner, words) VALUES {}", rows.join(", "))).await?;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    connection.execute_unprepared("CREATE TABLE bare_log (owner INTEGER NOT NULL, words TEXT NOT NULL)").await?;
    let router = Router::new().route("/", get(bare)).route("/six", get(bare_six)).with_state(connection);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

const BARE: &str = "SELECT id, owner, words FROM bare WHERE owner = $1";
const BARE_LOG: &str = "INSERT INTO bare_log (owner, words) VALUES ($1, 'looked')";

type BareRow = (i32, i32, String);

async fn bare(Extract(connection): Extract<DatabaseConnection>) -> Response {
    let rows: Result<Vec<BareRow>, _> = match connection.get_database_backend() {
        DbBackend::Sqlite => sqlx::query_as(BARE).bind(7).fetch_all(connection.get_sqlite_connection_pool()).await,
        _ => sqlx::query_as(BARE).bind(7).fetch_all(connection.get_postgres_connection_pool()).await,
    };
    bare_answer(rows)
}

/// Of a pool of either database, whose types have nothing in common but their names.
macro_rules! six_statements {
    ($pool:expr) => {
        async {
            let (mut reads, mut rows) = ($pool.begin().await?, Vec::new());
            for _ in 0..5 {
                rows = sqlx::query_as(BARE).bind(7).fetch_all(&mut *reads).await?;
            }
            drop(reads);
            sqlx::query(BARE_LOG).bind(7).execute($pool).await?;
            Ok(rows)
        }
        .await
    };
}

async fn bare_six(Extract(connection): Extract<DatabaseConnection>) -> Response {
    bare_answer(match connection.get_database_backend() {
        DbBackend::Sqlite => six_statements!(connection.get_sqlite_connection_pool()),
        _ => six_statements!(connection.get_postgres_connection_pool()),
    })
}

fn bare_answer(rows: Result<Vec<BareRow>, sqlx::Error>) -> Response {
    match rows {
        Ok(rows) => {
            let rows: Vec<_> = rows.iter().map(|(id, owner, words)| json!({ "id": id, "owner": owner, "words": words })).collect();
            ([(header::CONTENT_TYPE, "application/json")], json!(rows).to_string()).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
