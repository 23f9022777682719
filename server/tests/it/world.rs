//! A running portal with the demo household in it, and the people who use it.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex},
};

use app::{
    access::{Db, System, as_system},
    desk::billing::processor::{Processor, Settings},
    features::account::{second_step::totp, sign_in::store::open_for_demo},
    people::patient,
    platform::secret::Secret,
    record::resource::entity::fhir_resource,
};
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, Database, DatabaseConnection, EntityTrait, QueryFilter, Statement};
use server::{State, config::Organization, demo};
use tempfile::TempDir;
use tokio::{runtime::Runtime, task::JoinHandle};
use ureq::http::{HeaderMap, Response};
use uuid::Uuid;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// One server with its own database.
pub struct World {
    pub origin: String,
    pub state: State,
    server: JoinHandle<()>,
    /// What was asked of the database, in order.
    pub statements: Statements,
    /// Whose chart is whose: each world has its own, though it may have the port of one that is gone.
    patients: Mutex<HashMap<String, Uuid>>,
    _folder: TempDir,
}

/// A PostgreSQL has only so many connections, and there are many tests.
impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
        self.state.live.stop();
        let _ = wait(self.state.connection.close_by_ref());
    }
}

/// The statements that reached a database.
pub type Statements = Arc<Mutex<Vec<String>>>;

/// An answer as a browser would get it.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// Somebody with a browser: signed in, or nobody.
#[derive(Clone)]
pub struct Somebody<'w> {
    world: &'w World,
    pub cookie: Option<String>,
    /// The server that they ask; the world's own otherwise.
    origin: Option<String>,
}

/// Runs a story on a server of its own, on every engine that is there.
pub fn on_every_engine(story: impl Fn(&World)) {
    for (engine, url) in engines() {
        eprintln!("on {engine}");
        story(&World::start(url, true));
    }
}

/// Runs a story on a server that is no demo.
pub fn on_a_real_portal(story: impl Fn(&World)) {
    for (engine, url) in engines() {
        eprintln!("on {engine}");
        story(&World::start(url, false));
    }
}

/// Runs a story on a demo with something about it changed.
pub fn on_every_engine_with(change: impl Fn(&mut State), story: impl Fn(&World)) {
    for (engine, url) in engines() {
        eprintln!("on {engine}");
        story(&World::start_with(url, true, |_| {}, &change));
    }
}

/// Runs a story on a demo whose bills are paid at another processor; it is told the origin of the portal.
pub fn on_every_engine_paying_at(processor: impl Fn(&str) -> Settings, story: impl Fn(&World)) {
    for (engine, url) in engines() {
        eprintln!("on {engine}");
        story(&World::start_with(
            url,
            true,
            |_| {},
            |state| {
                state.processor = Processor::new(processor(&state.origin)).expect("a processor");
            },
        ));
    }
}

/// Runs a story on a server whose every statement is handed to `watch`.
pub fn on_every_engine_watched(watch: impl Fn(&Statement) + Clone + Send + Sync + 'static, story: impl Fn(&World)) {
    for (engine, url) in engines() {
        eprintln!("on {engine}");
        let watch = watch.clone();
        let prepare = move |connection: &mut DatabaseConnection| connection.set_metric_callback(move |info| watch(info.statement));
        story(&World::start_with(url, true, prepare, |_| {}));
    }
}

/// Runs a story on an empty database, on every engine that is there.
pub fn on_every_database(story: impl Fn(&System)) {
    for (engine, admin) in engines() {
        eprintln!("on {engine}");
        let folder = tempfile::tempdir().expect("a folder");
        let (connection, _) = wait(database(&folder, admin));
        story(&as_system(&Db::new(connection), "test"));
    }
}

/// Runs database work of a test.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

fn engines() -> Vec<(&'static str, Option<String>)> {
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(|url| ("postgres", Some(url)));
    [("sqlite", None)].into_iter().chain(postgres).collect()
}

impl World {
    fn start(admin: Option<String>, demo: bool) -> Self {
        Self::start_with(admin, demo, |_| {}, |_| {})
    }

    fn start_with(
        admin: Option<String>,
        demo: bool,
        prepare: impl FnOnce(&mut DatabaseConnection),
        change: impl FnOnce(&mut State),
    ) -> Self {
        RUNTIME.block_on(async move {
            let folder = tempfile::tempdir().expect("a folder");
            let (mut connection, statements) = database(&folder, admin).await;
            prepare(&mut connection);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
            let mut state = State::new(connection, &organization(), &origin, Secret::new([7; 32])).expect("a state");
            let system = as_system(&state.db, "test");
            demo::seed(&system, &state.clock, &state.passwords).await.expect("the household");
            if demo {
                let bank = demo::Bank::open(None, format!("{origin}/webhooks/payments")).expect("a bank");
                state.processor = Processor::new(bank.settings(&origin)).expect("a processor");
                state.demo = Some(demo::load(&system, bank).await.expect("the desk"));
            }
            change(&mut state);
            let service = server::router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
            let server = tokio::spawn(async move {
                let _ = axum::serve(listener, service).await;
            });
            Self { origin, state, server, statements, patients: Mutex::default(), _folder: folder }
        })
    }

    /// Another server process' worth of state on the same database, and where it is reached.
    pub fn second_server(&self) -> String {
        self.second_server_with(|_| {})
    }

    /// The same, with something about it changed.
    pub fn second_server_with(&self, change: impl FnOnce(&mut State)) -> String {
        let state = self.state.clone();
        self.wait(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
            let mut second = State::new(state.connection.clone(), &organization(), &origin, Secret::new([7; 32])).expect("a state");
            change(&mut second);
            let service = server::router(second).into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(async move { axum::serve(listener, service).await });
            origin
        })
    }

    /// Runs database work of a test.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        wait(work)
    }

    /// The id that a patient's resource came with, such as `332faa14-…`.
    pub fn reference(&self, given_name: &str) -> String {
        let id = self.patient(given_name);
        self.wait(async {
            let row = patient::Entity::find_by_id(id).one(&self.state.connection).await.expect("a query");
            let resource = fhir_resource::Entity::find_by_id(row.expect("a patient").resource_id).one(&self.state.connection).await;
            resource.expect("a query").expect("a resource").reference.trim_start_matches("Patient/").to_owned()
        })
    }

    pub fn nobody(&self) -> Somebody<'_> {
        Somebody { world: self, cookie: None, origin: None }
    }

    /// Signs in through the form, and through the second step where there is one, as staff have.
    pub fn sign_in(&self, username: &str) -> Somebody<'_> {
        let answer = self.nobody().call("sign-in/sign-in", &[("username", username), ("password", demo::PASSWORD)]);
        if let Some(cookie) = answer.session_cookie() {
            return Somebody { world: self, cookie: Some(cookie), origin: None };
        }
        assert_eq!(answer.status, 200, "{username} signs in: {}", answer.body);
        // Each code is good once: whoever comes again within half a minute uses one of the codes around it.
        let now = u64::try_from(Utc::now().timestamp()).expect("after 1970");
        let step = answer.cookie("step").expect("the second step");
        for at in [now - 30, now, now + 30] {
            let code = totp::code(demo::STAFF_SECRET, at).expect("a code");
            let passed = Somebody { world: self, cookie: Some(step.clone()), origin: None }.call("second-step/pass", &[("code", &code)]);
            if let Some(cookie) = passed.session_cookie() {
                return Somebody { world: self, cookie: Some(cookie), origin: None };
            }
        }
        let system = as_system(&self.state.db, "test");
        let opened = self.wait(open_for_demo(&system, username, "")).expect("a session").expect("staff");
        Somebody { world: self, cookie: Some(format!("session={}", opened.token)), origin: None }
    }

    /// Whose chart is whose.
    pub fn patient(&self, given_name: &str) -> Uuid {
        if let Some(id) = self.patients.lock().expect("no panic").get(given_name) {
            return *id;
        }
        let find = patient::Entity::find().filter(patient::Column::GivenName.eq(given_name));
        let id = self.wait(find.one(&self.state.connection)).expect("a query").unwrap_or_else(|| panic!("{given_name} is a patient")).id;
        self.patients.lock().expect("no panic").insert(given_name.to_owned(), id);
        id
    }

    pub fn birth_date(&self, given_name: &str) -> NaiveDate {
        let find = patient::Entity::find_by_id(self.patient(given_name));
        self.wait(find.one(&self.state.connection)).expect("a query").expect("a patient").birth_date
    }

    /// Moves the server's clock to so many seconds after midnight of a day in New York.
    pub fn move_clock(&self, day: NaiveDate, seconds: i64) {
        let midnight = chrono_tz::America::New_York.from_local_datetime(&day.and_hms_opt(0, 0, 0).expect("midnight")).earliest();
        let at: DateTime<Utc> = midnight.expect("a midnight").with_timezone(&Utc) + TimeDelta::seconds(seconds);
        self.state.clock.move_to(Some(at));
    }
}

impl<'w> Somebody<'w> {
    /// A browser with these cookies.
    pub fn with_cookies(world: &'w World, cookies: String) -> Self {
        Somebody { world, cookie: Some(cookies), origin: None }
    }

    /// The same browser, with the cookies that an answer gave it.
    pub fn with_cookies_of(&self, answer: &Answer) -> Somebody<'w> {
        let given =
            answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned));
        let cookies: Vec<String> = self.cookie.iter().cloned().chain(given).collect();
        Somebody { world: self.world, cookie: Some(cookies.join("; ")), origin: self.origin.clone() }
    }

    /// The same person, who asks another server.
    pub fn at(&self, origin: &str) -> Somebody<'w> {
        Somebody { origin: Some(origin.to_owned()), ..self.clone() }
    }
}

impl Somebody<'_> {
    fn origin(&self) -> &str {
        self.origin.as_deref().unwrap_or(&self.world.origin)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_at(self.origin(), path)
    }

    /// Asks a certain server.
    pub fn get_at(&self, origin: &str, path: &str) -> Answer {
        self.ask(origin, path, &[])
    }

    /// Asks with further headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(self.origin(), path, headers)
    }

    fn ask(&self, origin: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("{origin}{path}")).header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        answer(request.call()).expect("the server answers")
    }

    /// The status and the bytes of a file.
    pub fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let mut request = agent().get(format!("{}{path}", self.origin()));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let mut response = request.call().expect("the server answers");
        (response.status().as_u16(), response.body_mut().read_to_vec().expect("bytes"))
    }

    /// The lines of a stream as they come.
    pub fn stream(&self, origin: &str, path: &str) -> (u16, impl BufRead + use<>) {
        let mut request = agent().get(format!("{origin}{path}"));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.call().expect("the server answers");
        (response.status().as_u16(), BufReader::new(response.into_body().into_reader()))
    }

    /// Posts a form with a file: as a plain form when it says where it comes back to.
    pub fn upload(&self, function: &str, fields: &[(&str, &str)], file_field: &str, file_name: &str, file: &[u8]) -> Answer {
        self.upload_all(function, fields, file_field, &[(file_name, file)])
    }

    /// The same with several files.
    pub fn upload_all(&self, function: &str, fields: &[(&str, &str)], file_field: &str, files: &[(&str, &[u8])]) -> Answer {
        let accept = if function.contains("?again=") { "text/html" } else { "application/json" };
        let mut request = agent()
            .post(format!("{}/api/{function}", self.origin()))
            .header("accept", accept)
            .header("origin", self.origin())
            .header("content-type", MULTIPART);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        answer(request.send(&multipart(fields, file_field, files)[..])).expect("the server answers")
    }

    /// Calls a server function as the wasm does.
    pub fn call(&self, function: &str, arguments: &[(&str, &str)]) -> Answer {
        self.post(&format!("/api/{function}"), arguments, &[("accept", "application/json"), ("origin", self.origin())])
    }

    /// Posts a form as a browser without wasm does.
    pub fn submit(&self, path: &str, arguments: &[(&str, &str)]) -> Answer {
        let referer = format!("{}/sign-in", self.origin());
        self.post(path, arguments, &[("accept", "text/html"), ("origin", self.origin()), ("referer", &referer)])
    }

    pub fn post(&self, path: &str, arguments: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        self.try_post(path, arguments, headers).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn try_post(&self, path: &str, arguments: &[(&str, &str)], headers: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        let mut request = agent().post(format!("{}{path}", self.origin()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if WITH_FILES.iter().any(|form| path.split('?').next() == Some(form)) {
            return answer(request.header("content-type", MULTIPART).send(&multipart(arguments, "", &[])[..]));
        }
        answer(request.send_form(arguments.iter().copied()))
    }
}

/// The forms that may have files: they are always sent as such.
const WITH_FILES: [&str; 6] = [
    "/api/messages/send",
    "/api/messages/answer",
    "/api/messages/keep-draft",
    "/api/questionnaires/add-file",
    "/api/questionnaires/keep",
    "/api/questionnaires/send",
];
const BOUNDARY: &str = "----a-form-with-files";
const MULTIPART: &str = "multipart/form-data; boundary=----a-form-with-files";

fn multipart(fields: &[(&str, &str)], file_field: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    for (name, file) in files {
        let head = format!("Content-Disposition: form-data; name=\"{file_field}\"; filename=\"{name}\"");
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend(*file);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `session=...` of the session that was opened.
    pub fn session_cookie(&self) -> Option<String> {
        self.cookie("session")
    }

    /// `name=value` of a cookie that was set.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let prefix = format!("{name}=");
        cookies.filter(|cookie| cookie.starts_with(&prefix)).map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()).next()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Each request has a connection of its own: the server closes one whose body it refused to read, and a client that reuses it at
/// that moment gets no answer.
fn agent() -> ureq::Agent {
    static AGENT: LazyLock<ureq::Agent> =
        LazyLock::new(|| ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).max_idle_connections(0).build().into());
    AGENT.clone()
}

fn answer(response: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer, ureq::Error> {
    let mut response = response?;
    Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body: response.body_mut().read_to_string()? })
}

fn organization() -> Organization {
    Organization {
        time_zone: chrono_tz::America::New_York,
        product: "MyChart".into(),
        organisation: "Middlesex Health".into(),
        support_phone: "860-358-4111".into(),
        idle_minutes: 20,
        session_hours: 12,
        site_root: std::env::temp_dir(),
    }
}

/// A database with tables and nothing in them.
async fn database(folder: &TempDir, admin: Option<String>) -> (DatabaseConnection, Statements) {
    let url = match admin {
        None => format!("sqlite:{}", folder.path().join("test.db").display()),
        Some(admin) => own_database(&admin).await,
    };
    let mut connection = server::connect(&url).await.expect("a database");
    let statements = Statements::default();
    let seen = statements.clone();
    connection.set_metric_callback(move |info| seen.lock().expect("no panic").push(info.statement.sql.clone()));
    <migrations::Migrator as migrations::MigratorTrait>::up(&connection, None).await.expect("tables");
    (connection, statements)
}

async fn own_database(admin: &str) -> String {
    let name = format!("test_{}", Uuid::now_v7().simple());
    let connection = Database::connect(admin).await.expect("PostgreSQL");
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
    let (server, _) = admin.rsplit_once('/').expect("a database in the URL");
    format!("{server}/{name}")
}
