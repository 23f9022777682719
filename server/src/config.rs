//! Flags and environment: every setting with its default, checked before anything starts.

use std::{net::SocketAddr, path::PathBuf};

use app::{access::session::SessionRules, base::boot::Brand, people::relation::StaffRole};
use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};

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
    Serve(Serve),
    /// Serve an invented household with a desk to sign in as anybody and a clock to move. Never for real records.
    Demo(Demo),
    /// Read FHIR R4 records: bundles, NDJSON, bare resources; files or folders.
    Import(Import),
    /// Write everything that is known of a patient as a FHIR bundle.
    Export(Export),
    /// Make an account for somebody of the staff. Prints the link with which they choose their password.
    Staff(Staff),
    /// Sign health cards with a new key from now on. Cards signed before keep their key, which stays published.
    RotateKey(RotateKey),
    /// Take a key of health cards that somebody else may have out of publication, and take back every card that it signed.
    WithdrawKey(WithdrawKey),
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
    /// The mail server: smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST:587?tls=required.
    #[arg(long, env = "PORTAL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The address that e-mail comes from.
    #[arg(long, env = "PORTAL_MAIL_FROM", default_value = "MyChart <no-reply@localhost>")]
    pub mail_from: String,
    #[command(flatten)]
    pub organization: Organization,
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
}

impl From<Role> for StaffRole {
    fn from(role: Role) -> Self {
        match role {
            Role::FrontDesk => StaffRole::FrontDesk,
            Role::Support => StaffRole::Support,
            Role::Billing => StaffRole::Billing,
            Role::Records => StaffRole::Records,
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
    /// Go on with the next file after one was refused. The exit code still tells.
    #[arg(long)]
    pub keep_going: bool,
    /// Print the summary as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Clone)]
pub struct Export {
    #[command(flatten)]
    pub database: Database,
    /// The patient: the id in the portal's addresses, a medical record number, or a reference such as Patient/123.
    pub patient: String,
}

impl Serve {
    /// # Errors
    /// A sentence that says what is wrong and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        self.organization.check()?;
        self.check_addresses()
    }

    fn check_addresses(&self) -> Result<(), String> {
        let url: http::Uri = self.public_url.parse().map_err(|_| format!("--public-url {}: not a URL.", self.public_url))?;
        if !is_origin(&url, &self.public_url) {
            return Err(format!(
                "--public-url {}: must be https:// with a name, and maybe a port, alone: no path, query, or user.",
                self.public_url
            ));
        }
        let local = matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match url.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if local && self.listen.ip().is_loopback() => Ok(()),
            Some("http") if local => Err(format!(
                "--listen {}: without https, listen on the loopback address only, such as 127.0.0.1:3000, or give --public-url with https.",
                self.listen
            )),
            _ => Err(format!("--public-url {}: must begin with https:// (http:// is for http://localhost only).", self.public_url)),
        }
    }
}

/// Whether an address is no more than scheme, host and port: pages, cookies and the issuer of health cards are for those.
fn is_origin(url: &http::Uri, written: &str) -> bool {
    let parts = url.scheme_str().zip(url.authority());
    parts.is_some_and(|(scheme, authority)| {
        let origin = format!("{scheme}://{authority}");
        !origin.contains('@') && written.strip_suffix('/').unwrap_or(written) == origin
    })
}

/// Whether browsers reach this address over TLS, so that cookies are for it alone.
pub fn is_secure(public_url: &str) -> bool {
    public_url.starts_with("https:")
}

impl Organization {
    /// # Errors
    /// A sentence that says what is wrong and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        if !self.site_root.join("pkg").is_dir() {
            return Err(format!(
                "--site-root {}: no built pages there. Run scripts/build, or name the folder that has pkg/ in it.",
                self.site_root.display()
            ));
        }
        Ok(())
    }

    pub fn brand(&self) -> Brand {
        Brand { product: self.product.clone(), organisation: self.organisation.clone(), support_phone: self.support_phone.clone() }
    }

    pub fn session_rules(&self, secure: bool) -> SessionRules {
        SessionRules { idle: TimeDelta::minutes(self.idle_minutes.into()), absolute: TimeDelta::hours(self.session_hours.into()), secure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve(extra: &[&str]) -> Result<Serve, String> {
        let line = ["server", "serve"].iter().chain(extra);
        match CommandLine::try_parse_from(line).map_err(|error| error.to_string())?.command {
            Command::Serve(config) => config.check_addresses().map(|()| config),
            _ => Err("not serve".into()),
        }
    }

    #[test]
    fn the_defaults_serve_this_machine() {
        assert!(serve(&[]).is_ok_and(|config| !is_secure(&config.public_url)));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for refused in
            [&["--public-url", "http://portal.example"][..], &["--public-url", "ftp://portal.example"], &["--listen", "0.0.0.0:3000"]]
        {
            assert!(serve(refused).is_err_and(|sentence| sentence.contains("https")), "{refused:?}");
        }
        assert!(
            serve(&["--listen", "0.0.0.0:3000", "--public-url", "https://portal.example"])
                .is_ok_and(|config| is_secure(&config.public_url))
        );
    }

    #[test]
    fn the_public_url_is_an_origin() {
        for origin in ["https://portal.example", "https://portal.example/", "https://portal.example:8443"] {
            assert!(serve(&["--public-url", origin]).is_ok(), "{origin}");
        }
        for more in ["/path", "/?x", "?x", "/#x", "//"] {
            let refused = serve(&["--public-url", &format!("https://portal.example{more}")]);
            assert!(refused.is_err_and(|sentence| sentence.contains("--public-url")), "{more}");
        }
        assert!(serve(&["--public-url", "https://user@portal.example"]).is_err());
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(serve(&["--idle-minutes", "0"]).is_err());
        assert!(serve(&["--session-hours", "100"]).is_err());
        assert!(serve(&["--time-zone", "Middletown"]).is_err());
    }
}
