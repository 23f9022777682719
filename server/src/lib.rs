//! The native server: every edge that is not a page.

pub mod assets;
mod audit;
mod commands;
pub mod config;
pub mod demo;
mod export;
pub mod fhir;
mod files;
mod forms;
mod health_links;
pub mod jobs;
pub mod live;
pub mod log;
pub mod outgoing;
mod payments;
mod phone;
pub mod push;
mod router;
mod secret;
mod shield;
mod video;

use std::{path::Path, sync::Arc, thread::available_parallelism};

use app::{
    access::{AuditWriter, Db, System, as_system, session::SessionRules},
    base::{boot::Brand, clock::Clock},
    desk::{
        billing::{guest::GuestPay, processor::Processor, staff_changes::AloneUpTo},
        video::ice::IceSettings,
    },
    features::{
        account::second_step::secrets::seal_all,
        credentials::{
            keys::{self, Issuer},
            verifier::CardReader,
        },
        messages::watching::Live,
    },
    people::regroup::Regroup,
    platform::{password_hash::Passwords, push::vapid::Vapid, scanner::Scanner, secret::Secret},
};
use assets::Assets;
use card_reader::card::Trust;
use chrono_tz::Tz;
use migrations::{Migrator, MigratorTrait};
use sea_orm::DatabaseConnection;
use tokio::{net::TcpListener, signal};

pub use commands::{check, export, import, migrate, outgoing as write_outgoing, rotate_key, staff, withdraw_key};
pub use router::router;

/// Everything a running server knows.
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub connection: DatabaseConnection,
    pub audit: AuditWriter,
    pub clock: Clock,
    pub rules: SessionRules,
    pub passwords: Passwords,
    pub brand: Brand,
    /// The files of the site; none in tests of the server alone.
    pub assets: Assets,
    /// Where this server is reached, such as `https://portal.example`: the only origin that may post.
    pub origin: Arc<str>,
    /// Who signs health cards.
    pub issuer: Issuer,
    /// Whose health cards are believed, beside our own.
    pub trust: Trust,
    /// The module that checks cards in the browser.
    pub card_reader: CardReader,
    /// How records are joined.
    pub regroup: Regroup,
    pub client_address_header: Option<Arc<str>>,
    /// Open pages hear through it that something changed.
    pub live: Live,
    /// Who checks the files that people send.
    pub scanner: Scanner,
    /// Where notices for phones go.
    pub push: push::Push,
    /// Who takes the money.
    pub processor: Processor,
    /// Whether guests pay.
    pub guest_pay: GuestPay,
    /// What one person of the billing office changes alone.
    pub alone_up_to: AloneUpTo,
    /// How browsers find a way to each other.
    pub ice: IceSettings,
    /// Without one, letters stay in the database.
    pub mail_sender: Option<jobs::mail::Sender>,
    /// There is none but in `server demo`.
    pub demo: Option<demo::Demo>,
}

impl State {
    /// Starts the task that writes the audit log: a runtime must be running.
    ///
    /// # Errors
    /// A sentence for whoever starts the server.
    pub fn new(
        connection: DatabaseConnection,
        organization: &config::Organization,
        public_url: &str,
        secret: Secret,
    ) -> Result<Self, String> {
        let origin: Arc<str> = public_url.trim_end_matches('/').into();
        let db = Db::new(connection.clone());
        let cores = available_parallelism().map_or(2, |cores| cores.get());
        Ok(Self {
            audit: AuditWriter::start(&db),
            live: live::start(&connection, &db),
            db,
            connection,
            clock: Clock::system(organization.time_zone),
            rules: organization.session_rules(config::is_secure(public_url)),
            passwords: Passwords::new(cores.min(8)).map_err(|error| format!("Passwords cannot be hashed: {error}."))?,
            brand: organization.brand(),
            trust: Trust::default(),
            card_reader: CardReader(None),
            assets: Assets::default(),
            issuer: Issuer { url: origin.clone(), secret },
            origin,
            regroup: regroup_in(organization.time_zone),
            client_address_header: None,
            scanner: Scanner::default(),
            push: push::Push::new(&[], public_url)?,
            processor: Processor::none(),
            guest_pay: GuestPay(true),
            alone_up_to: AloneUpTo(10_000),
            ice: IceSettings::default(),
            mail_sender: None,
            demo: None,
        })
    }

    /// Reads the files of the site, whose names stand beside the running binary.
    ///
    /// # Errors
    /// A sentence for whoever starts the server.
    pub fn with_site(mut self, site_root: &Path) -> Result<Self, String> {
        let binary = std::env::current_exe().map_err(|error| format!("The server's binary is not found: {error}."))?;
        self.assets = Assets::load(site_root, binary.parent().unwrap_or(Path::new(".")))?;
        self.card_reader = CardReader(self.assets.card_reader().map(Into::into));
        Ok(self)
    }
}

/// Joins records as an import at `zone` would.
fn regroup_in(zone: Tz) -> Regroup {
    Regroup(Arc::new(move |tx, patients| {
        Box::pin(async move {
            let options = fhir::ImportOptions { zone: Some(zone), ..Default::default() };
            fhir::map_again(tx, patients, &options).await
        })
    }))
}

/// `server serve`.
///
/// # Errors
/// A sentence for whoever starts the server.
pub async fn serve(config: config::Serve) -> Result<(), String> {
    config.check()?;
    if config::is_secure(&config.public_url) && config.client_address_header.is_none() {
        tracing::warn!("no --client-address-header: behind a proxy, everybody has its address, and is throttled as one");
    }
    let connection = connect(&config.database.database).await?;
    if config.database.database.starts_with("sqlite:") {
        migrate_now(&connection).await?;
    } else if !Migrator::get_pending_migrations(&connection).await.map_err(|error| sentence(&error))?.is_empty() {
        return Err("The database's tables are not up to date. Run `server migrate` once, then start the servers.".into());
    }
    let mut state = State::new(connection, &config.organization, &config.public_url, secret::read_or_make(&config.secret_file)?)?
        .with_site(&config.organization.site_root)?;
    if let Some(path) = &config.trusted_issuers {
        let told = |error: &dyn std::fmt::Display| format!("--trusted-issuers {}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
        state.trust = Trust::read(&text).map_err(|error| told(&error))?;
    }
    ready_to_sign(&state, &config.secret_file, config.signing_key.as_deref()).await?;
    state.client_address_header = config.client_address_header.as_deref().map(Into::into);
    state.scanner = Scanner(config.clamd.clone());
    state.push = config.notices.push(&config.public_url)?;
    state.guest_pay = GuestPay(!config.payments.no_guest_pay);
    state.alone_up_to = AloneUpTo(i64::from(config.payments.alone_up_to_dollars) * 100);
    state.ice = config.video.settings()?;
    if state.ice.turn.is_empty() {
        tracing::warn!("no --turn-url: visits by video reach no one behind a strict firewall");
    }
    match config.payments.settings()? {
        Some(settings) => state.processor = Processor::new(settings)?,
        None => tracing::warn!("no --stripe-secret-key-file: bills are paid by phone and mail"),
    }
    if config.clamd.is_none() {
        tracing::warn!("no --clamd: files that people send are not checked for viruses");
    }
    match &config.smtp_url {
        Some(url) => state.mail_sender = Some(jobs::mail::Sender::new(url, &config.mail_from)?),
        None => tracing::warn!("no --smtp-url: e-mail is written and stays in the database"),
    }
    let listener = listen(config.listen).await?;
    tracing::info!(address = %config.listen, url = config.public_url, "serving");
    run(listener, state).await
}

/// Takes over the key of `--signing-key`, or makes the first one, so that it is published before there is a card. Seals what was
/// stored before it was to be sealed.
pub(crate) async fn ready_to_sign(state: &State, secret_file: &Path, signing_key: Option<&Path>) -> Result<(), String> {
    let (system, secret) = (as_system(&state.db, "keys"), &state.issuer.secret);
    check_secret(&system, secret, secret_file).await?;
    if let Some(path) = signing_key {
        let kid = sign_with(&system, secret, path).await.map_err(|error| format!("--signing-key {}: {error}", path.display()))?;
        tracing::info!(kid, "health cards are signed with the key of --signing-key");
    }
    keys::current(system.db(), secret).await.map_err(|error| sentence(&error))?;
    Vapid::current(system.db(), secret).await.map_err(|error| sentence(&error))?;
    seal_all(&system, secret).await.map_err(|error| sentence(&error))?;
    Ok(())
}

/// With another secret, no card could be signed, and a new key would hide that the right one is missing.
async fn check_secret(system: &System, secret: &Secret, file: &Path) -> Result<(), String> {
    if keys::fits(system, secret).await.map_err(|error| sentence(&error))? {
        return Ok(());
    }
    let file = file.display();
    Err(format!("{file}: is not the secret with which the keys of this database were sealed. Bring back the file that was there."))
}

async fn sign_with(system: &System, secret: &Secret, path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}."))?;
    keys::import(system, secret, &text).await.map_err(|refused| match refused {
        keys::Refused::NoKey => "is no private key of P-256, as a JSON Web Key or in PEM without a password.".to_owned(),
        keys::Refused::Withdrawn => "was withdrawn. Give another key.".to_owned(),
        keys::Refused::Failed(error) => sentence(&error),
    })
}

/// Opens the database; makes the folder of a SQLite file.
///
/// # Errors
/// A sentence that names no password.
pub async fn connect(url: &str) -> Result<DatabaseConnection, String> {
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        "sqlite" => {
            let path = url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default();
            if let Some(folder) = Path::new(path).parent() {
                std::fs::create_dir_all(folder).map_err(|error| format!("{}: cannot be made: {error}.", folder.display()))?;
            }
        }
        "postgres" | "postgresql" => {}
        _ => return Err("--database: must begin with sqlite: or postgres://, such as sqlite:data/portal.db.".into()),
    }
    app::platform::db::connect(url).await.map_err(|error| format!("The {scheme} database cannot be opened: {}", sentence(&error)))
}

pub(crate) async fn migrate_now(connection: &DatabaseConnection) -> Result<(), String> {
    Migrator::up(connection, None).await.map_err(|error| format!("The tables cannot be brought up to date: {}", sentence(&error)))
}

pub(crate) async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("{address} cannot be listened on: {error}. Is another server running? Choose another port."))
}

/// Serves until it is told to stop, then finishes what is under way.
pub(crate) async fn run(listener: TcpListener, state: State) -> Result<(), String> {
    let jobs = jobs::start(&state);
    let live = state.live.clone();
    let app = router(state).into_make_service_with_connect_info::<std::net::SocketAddr>();
    let stop = async move {
        told_to_stop().await;
        live.stop();
    };
    axum::serve(listener, app).with_graceful_shutdown(stop).await.map_err(|error| format!("The server stopped: {error}."))?;
    jobs.iter().for_each(|job| job.abort());
    tracing::info!("stopped");
    Ok(())
}

async fn told_to_stop() {
    let interrupt = signal::ctrl_c();
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! { _ = interrupt => {}, () = terminate => {} }
    tracing::info!("stopping: requests under way are finished first");
}

/// The cause in one line, for whoever sits at the command line.
fn sentence(error: &dyn std::fmt::Display) -> String {
    format!("{}.", error.to_string().trim_end_matches('.'))
}
