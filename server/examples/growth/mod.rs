//! A portal with the demo household in it, whose pages are timed before and after its database has grown.

#[path = "../database/mod.rs"]
mod database;
#[path = "../portal/mod.rs"]
mod portal;

use std::{error::Error, time::Instant};

use app::{
    access::{Db, as_system},
    features::account::sign_in::store::open_for_demo,
    platform::secret::Secret,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use server::State;
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use database::own_database;
use portal::organization;

pub type Fault = Box<dyn Error + Send + Sync>;

/// So often each page is asked for.
const TIMES: u32 = 200;

/// What is measured: its name, the cookie of whoever asks, the address.
pub type Asked = (&'static str, String, String);

pub struct Portal {
    pub connection: DatabaseConnection,
    service: Router,
    state: State,
    pub sql: Sql,
    _folder: TempDir,
}

/// The engines that are there: SQLite, and PostgreSQL where `TEST_POSTGRES_URL` names one.
pub fn engines() -> Vec<Option<String>> {
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(Some);
    [None].into_iter().chain(postgres).collect()
}

impl Portal {
    pub async fn start(admin: Option<&str>, name: &str) -> Result<Self, Fault> {
        println!("\n{}", if admin.is_some() { "PostgreSQL" } else { "SQLite" });
        let folder = tempfile::tempdir()?;
        let url = match admin {
            None => format!("sqlite:{}", folder.path().join("growth.db").display()),
            Some(admin) => own_database(admin, name).await?,
        };
        let connection = server::connect(&url).await?;
        Migrator::up(&connection, None).await?;
        let organization = organization(folder.path());
        let state = State::new(connection.clone(), &organization, "http://localhost:3000", Secret::new([7; 32]))?;
        let system = as_system(&Db::new(connection.clone()), "benchmark");
        server::demo::seed(&system, &state.clock, &state.passwords).await?;
        let sql = Sql { sqlite: connection.get_database_backend() == DbBackend::Sqlite };
        Ok(Self { service: server::router(state.clone()), connection, state, sql, _folder: folder })
    }

    /// The cookie of somebody of the household, or of the staff.
    pub async fn sign_in(&self, username: &str) -> Result<String, Fault> {
        let system = as_system(&self.state.db, "benchmark");
        let opened = open_for_demo(&system, username, "").await.map_err(|error| error.to_string())?.ok_or("nobody")?;
        Ok(format!("session={}", opened.token))
    }

    /// Runs what makes the database grow, and lets the engine look at what is there.
    pub async fn grow(&self, statements: &[String]) -> Result<(), Fault> {
        for statement in statements {
            self.connection.execute_unprepared(statement).await?;
        }
        self.connection.execute_unprepared("ANALYZE").await?;
        Ok(())
    }

    /// The median of each page, in milliseconds.
    pub async fn measure(&self, pages: &[Asked]) -> Result<Vec<f64>, Fault> {
        let mut medians = Vec::new();
        for (_, cookie, path) in pages {
            let mut times = Vec::new();
            for _ in 0..TIMES {
                let request =
                    Request::builder().uri(path).header(header::ACCEPT, "text/html").header(header::COOKIE, cookie).body(Body::empty())?;
                let start = Instant::now();
                let response = self.service.clone().oneshot(request).await?;
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
}

/// Prints both cases and their ratio.
pub fn report(pages: &[Asked], small: Vec<f64>, large: Vec<f64>) {
    println!("{:<26} {:>10} {:>10} {:>8}", "", "small ms", "large ms", "ratio");
    for (((name, ..), small), large) in pages.iter().zip(small).zip(large) {
        println!("{name:<26} {small:>10.2} {large:>10.2} {:>8.2}", large / small);
    }
}

/// What the engines write in different words.
#[derive(Clone, Copy)]
pub struct Sql {
    pub sqlite: bool,
}

impl Sql {
    /// An id made of a number.
    pub fn id(self, number: &str) -> String {
        if self.sqlite { format!("unhex(printf('%032x', {number}))") } else { format!("lpad(to_hex(({number})::bigint), 32, '0')::uuid") }
    }

    pub fn fixed(self, id: Uuid) -> String {
        if self.sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }

    /// An instant, in seconds of Unix.
    pub fn moment(self, seconds: &str) -> String {
        if self.sqlite {
            format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {seconds}, 'unixepoch')")
        } else {
            format!("to_timestamp({seconds})")
        }
    }

    pub fn text(self, number: &str) -> String {
        if self.sqlite { format!("CAST({number} AS TEXT)") } else { format!("({number})::text") }
    }
}
