//! Flags and environment: every setting with its default, checked before anything starts.

mod rules;

use std::{net::SocketAddr, path::PathBuf};

use app::{people::relation::StaffRole, platform::scanner::Address};
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use rules::is_secure;

/// An open patient portal: visits, notes and summaries for patients and the people who care for them.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub struct CommandLine {
    /// Write the log as JSON, one object a line.
    #[arg(long, global = true, env = "PORTAL_LOG_JSON")]
    pub log_json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the portal.
    Serve(Box<Serve>),
    /// Serve an invented household with a desk to sign in as anybody and a clock to move. Never for real records.
    Demo(Demo),
    /// Read FHIR R4 records: bundles, NDJSON, bare resources; files or folders.
    Import(Import),
    /// Write everything that is known of a patient as a FHIR bundle.
    Export(Export),
    /// Write what people did here as FHIR R4, one resource a line, for the hospital's own system: messages, requests for medicine, what
    /// patients tell.
    Outgoing(Outgoing),
    /// Make an account for somebody of the staff. Prints the link with which they choose their password.
    Staff(Staff),
    /// Sign health cards with a new key from now on. Cards signed before keep their key, which stays published.
    RotateKey(RotateKey),
    /// Take a key of health cards that somebody else may have out of publication, and take back every card that it signed.
    WithdrawKey(WithdrawKey),
    /// Check that every balance of a bill is the sum of its entries.
    Check(Database),
    /// Bring the database's tables up to date.
    Migrate(Database),
}

#[derive(Args, Clone)]
pub struct Database {
    /// Where records are kept: sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE for several servers on one database.
    #[arg(long, env = "PORTAL_DATABASE", default_value = "sqlite:data/portal.db", hide_env_values = true)]
    pub database: String,
}

#[derive(Args, Clone)]
pub struct Serve {
    #[command(flatten)]
    pub database: Database,
    /// Address and port to listen on.
    #[arg(long, env = "PORTAL_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// How browsers reach this server. Must be https, but for a server on this very machine.
    #[arg(long, env = "PORTAL_PUBLIC_URL", default_value = "http://localhost:3000")]
    pub public_url: String,
    /// The header in which a proxy in front of this server tells the browser's address, such as X-Real-IP. Leave it out when
    /// there is no proxy: anybody could send it. Behind a proxy without it, everybody shares the proxy's address, and a few wrong
    /// passwords lock everybody out.
    #[arg(long, env = "PORTAL_CLIENT_ADDRESS_HEADER")]
    pub client_address_header: Option<String>,
    /// File with the secret that seals the keys of health cards and the secrets of authenticator apps; made when it is not there.
    /// Servers on one database share it.
    #[arg(long, env = "PORTAL_SECRET_FILE", default_value = "data/secret.key")]
    pub secret_file: PathBuf,
    /// File with the key that signs health cards from now on: P-256, as a JSON Web Key or in PEM (PKCS#8 or EC PRIVATE KEY).
    /// It is sealed into the database. Without it, the portal makes its own.
    #[arg(long, env = "PORTAL_SIGNING_KEY")]
    pub signing_key: Option<PathBuf>,
    /// File with the issuers whose health cards the verifier page believes, beside this portal: a JSON array of
    /// {"iss": ..., "name": ..., "keys": [JSON Web Keys], "revoked": {"kid": ["rid"]}}. A key that is missing in "revoked" has
    /// no revocation list that is known here.
    #[arg(long, env = "PORTAL_TRUSTED_ISSUERS")]
    pub trusted_issuers: Option<PathBuf>,
    /// Where ClamAV's daemon listens, to check the files that people send: HOST:PORT, or unix:PATH. Without it they are not checked,
    /// and staff are told so.
    #[arg(long, env = "PORTAL_CLAMD")]
    pub clamd: Option<Address>,
    #[command(flatten)]
    pub notices: Notices,
    /// The mail server: smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST:587?tls=required.
    #[arg(long, env = "PORTAL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The address that e-mail comes from.
    #[arg(long, env = "PORTAL_MAIL_FROM", default_value = "MyChart <no-reply@localhost>")]
    pub mail_from: String,
    #[command(flatten)]
    pub payments: Payments,
    #[command(flatten)]
    pub video: Video,
    #[command(flatten)]
    pub organization: Organization,
}

/// Notices on phones, by Web Push.
#[derive(Args, Clone)]
pub struct Notices {
    /// Push services for notices on phones, beside those of Chrome, Edge, Firefox and Safari: their origins, such as
    /// https://push.example.
    #[arg(long, env = "PORTAL_PUSH_SERVICES", value_delimiter = ',')]
    pub push_services: Vec<String>,
    /// Whom the operators of push services may write to when something is wrong with our notices: mailto:ADDRESS, or an address that
    /// begins with https://. Without it, they are told the public URL. Apple's service takes no notices without either.
    #[arg(long, env = "PORTAL_PUSH_CONTACT")]
    pub push_contact: Option<String>,
}

/// Who takes payments. Without a secret key, bills are paid by phone and mail.
#[derive(Args, Clone)]
pub struct Payments {
    /// File with Stripe's secret key (sk_...).
    #[arg(long, env = "PORTAL_STRIPE_SECRET_KEY_FILE")]
    pub stripe_secret_key_file: Option<PathBuf>,
    /// Stripe's publishable key (pk_...).
    #[arg(long, env = "PORTAL_STRIPE_PUBLISHABLE_KEY", default_value = "")]
    pub stripe_publishable_key: String,
    /// File with the secret of the webhook (whsec_...) that posts to /webhooks/payments.
    #[arg(long, env = "PORTAL_STRIPE_WEBHOOK_SECRET_FILE")]
    pub stripe_webhook_secret_file: Option<PathBuf>,
    /// Where Stripe's API is.
    #[arg(long, env = "PORTAL_STRIPE_API", default_value = app::desk::billing::processor::API)]
    pub stripe_api: String,
    /// Stripe's script, which brings the field for the card.
    #[arg(long, env = "PORTAL_STRIPE_SCRIPT", default_value = app::desk::billing::processor::SCRIPT)]
    pub stripe_script: String,
    /// Take debits of bank accounts too: the Stripe account must have ACH Direct Debit.
    #[arg(long, env = "PORTAL_STRIPE_BANK_ACCOUNTS")]
    pub stripe_bank_accounts: bool,
    /// Dollars up to which one person of the billing office adjusts and writes off alone; above, a second one decides.
    #[arg(long, env = "PORTAL_ALONE_UP_TO_DOLLARS", default_value_t = 100)]
    pub alone_up_to_dollars: u32,
    /// Nobody pays without an account.
    #[arg(long, env = "PORTAL_NO_GUEST_PAY")]
    pub no_guest_pay: bool,
}

/// How browsers find a way to each other for visits by video.
#[derive(Args, Clone)]
pub struct Video {
    /// A STUN server, such as stun:turn.example:3478; more than one may be given.
    #[arg(long = "stun-url", env = "PORTAL_STUN_URLS", value_delimiter = ',')]
    pub stun_urls: Vec<String>,
    /// A TURN server, such as turns:turn.example:5349?transport=tcp; more than one may be given.
    #[arg(long = "turn-url", env = "PORTAL_TURN_URLS", value_delimiter = ',')]
    pub turn_urls: Vec<String>,
    /// File with the secret that the TURN server shares with the portal (coturn: static-auth-secret).
    #[arg(long, env = "PORTAL_TURN_SECRET_FILE")]
    pub turn_secret_file: Option<PathBuf>,
    /// Send picture and sound through the TURN server alone: people in a visit do not learn each other's addresses.
    #[arg(long, env = "PORTAL_TURN_RELAY_ONLY")]
    pub turn_relay_only: bool,
}

#[derive(Args, Clone)]
pub struct Demo {
    /// Port to listen on, on this machine only.
    #[arg(long, env = "PORTAL_DEMO_PORT", default_value_t = 3000)]
    pub port: u16,
    /// Folder for the demo's database.
    #[arg(long, env = "PORTAL_DEMO_DATA", default_value = "data/demo")]
    pub data_dir: PathBuf,
    /// Another database for the demo: everything in it is deleted.
    #[arg(long, env = "PORTAL_DEMO_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// Start over, as on the first day.
    #[arg(long)]
    pub fresh: bool,
    #[command(flatten)]
    pub video: Video,
    #[command(flatten)]
    pub notices: Notices,
    #[command(flatten)]
    pub organization: Organization,
}

/// What an organisation sets for itself.
#[derive(Args, Clone)]
pub struct Organization {
    /// The time zone in which days, ages and midnights are counted.
    #[arg(long, env = "PORTAL_TIME_ZONE", default_value = "America/New_York")]
    pub time_zone: Tz,
    /// The name of the product.
    #[arg(long, env = "PORTAL_PRODUCT", default_value = "MyChart")]
    pub product: String,
    /// The name of the organisation.
    #[arg(long, env = "PORTAL_ORGANISATION", default_value = "Middlesex Health")]
    pub organisation: String,
    /// Whom to call for technical help.
    #[arg(long, env = "PORTAL_SUPPORT_PHONE", default_value = "860-358-4111")]
    pub support_phone: String,
    /// Minutes without a click after which somebody is signed out (5 to 120).
    #[arg(long, env = "PORTAL_IDLE_MINUTES", default_value_t = 20, value_parser = clap::value_parser!(u16).range(5..=120))]
    pub idle_minutes: u16,
    /// Hours after which everybody signs in again (1 to 24).
    #[arg(long, env = "PORTAL_SESSION_HOURS", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=24))]
    pub session_hours: u16,
    /// Folder with the built pages.
    #[arg(long, env = "PORTAL_SITE_ROOT", default_value = "target/site")]
    pub site_root: PathBuf,
}

#[derive(Args, Clone)]
pub struct Staff {
    #[command(flatten)]
    pub database: Database,
    /// How browsers reach the server, for the link.
    #[arg(long, env = "PORTAL_PUBLIC_URL", default_value = "http://localhost:3000")]
    pub public_url: String,
    /// The user name to sign in with.
    pub username: String,
    /// First and last name, as patients see it in their access log.
    #[arg(long)]
    pub name: String,
    /// What they do.
    #[arg(long, value_enum)]
    pub role: Role,
    /// Which clinician they are: the reference of their Practitioner, such as `Practitioner/12`. They answer for the department where
    /// the record says that they work.
    #[arg(long)]
    pub practitioner: Option<String>,
    /// A department for which they answer: the reference of its Location or Organization, such as `Location/7`; more than one may be
    /// given.
    #[arg(long = "department")]
    pub departments: Vec<String>,
    /// What is overdue in their departments is theirs too.
    #[arg(long)]
    pub supervisor: bool,
    /// Where their letters go.
    #[arg(long)]
    pub email: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Role {
    FrontDesk,
    Support,
    Billing,
    Records,
    Clinician,
    Nurse,
}

impl From<Role> for StaffRole {
    fn from(role: Role) -> Self {
        match role {
            Role::FrontDesk => StaffRole::FrontDesk,
            Role::Support => StaffRole::Support,
            Role::Billing => StaffRole::Billing,
            Role::Records => StaffRole::Records,
            Role::Clinician => StaffRole::Clinician,
            Role::Nurse => StaffRole::Nurse,
        }
    }
}

#[derive(Args, Clone)]
pub struct RotateKey {
    #[command(flatten)]
    pub database: Database,
    /// File with the secret that seals the keys of health cards: the one that the servers use.
    #[arg(long, env = "PORTAL_SECRET_FILE", default_value = "data/secret.key")]
    pub secret_file: PathBuf,
}

#[derive(Args, Clone)]
pub struct WithdrawKey {
    #[command(flatten)]
    pub database: Database,
    /// The key's name, its "kid" in /.well-known/jwks.json.
    pub kid: String,
}

#[derive(Args, Clone)]
pub struct Import {
    #[command(flatten)]
    pub database: Database,
    /// Files (.json, .ndjson) or folders of them.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Where the files come from: the base address of the FHIR server, or a name. Ids are those of one source; without it they
    /// belong to the server that the files name, if they name one.
    #[arg(long)]
    pub source: Option<String>,
    /// A system of identifiers that tells who somebody is whatever source a record comes from, such as the one of the hospital's
    /// record numbers. Records of several sources that bear the same one, and agree in name or birth date, are one chart.
    #[arg(long = "trusted-identifier-system", env = "PORTAL_TRUSTED_IDENTIFIER_SYSTEMS", value_delimiter = ',')]
    pub trusted_identifier_systems: Vec<String>,
    /// The time zone in which days and ages are counted: the one of `serve`.
    #[arg(long, env = "PORTAL_TIME_ZONE", default_value = "America/New_York")]
    pub time_zone: Tz,
    /// Days for which parents, representatives and others with access read the chart of somebody who has died, from the import that
    /// tells it.
    #[arg(long, env = "PORTAL_DECEASED_ACCESS_DAYS", default_value_t = crate::fhir::deceased::ACCESS_DAYS)]
    pub deceased_access_days: u16,
    /// Go on with the next file after one was refused. The exit code still tells.
    #[arg(long)]
    pub keep_going: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone)]
pub struct Outgoing {
    #[command(flatten)]
    pub database: Database,
    /// Write what was done after this number: the meta.versionId of the last line that was read. 0 writes everything.
    #[arg(long, default_value_t = 0)]
    pub since: i64,
    /// File with the secret that sealed the files that people sent: the one that the servers use. Where it is not there, of files
    /// there is what they are and not what is in them.
    #[arg(long, env = "PORTAL_SECRET_FILE", default_value = "data/secret.key")]
    pub secret_file: PathBuf,
}

#[derive(Args, Clone)]
pub struct Export {
    #[command(flatten)]
    pub database: Database,
    /// The patient: the id in the portal's addresses, a medical record number, or a reference such as Patient/123.
    pub patient: String,
    /// File with the secret that sealed the files that people sent: the one that the servers use. Where it is not there, of files
    /// there is what they are and not what is in them.
    #[arg(long, env = "PORTAL_SECRET_FILE", default_value = "data/secret.key")]
    pub secret_file: PathBuf,
}
