//! The demo: an invented household that is always today, a desk to sign in as anybody, and a clock to move.
//!
//! Nothing here is reachable in `server serve`: routes, desk and clock exist only when [`State::demo`] is set, and only
//! [`run`] sets it.

mod bank;
mod billing;
mod check_in;
mod clear;
mod clinic;
mod household;
mod messages;
mod people;
mod questionnaires;
mod refills;
mod routes;
mod shift;
mod video;

use std::{fs, io, net::SocketAddr, path::Path, sync::Arc};

use app::{
    access::{System, as_system},
    base::i18n::Texts,
    desk::billing::processor::Processor,
    features::account::second_step::secrets::seal_all,
    site::demo::{
        model::{Desks, Moment},
        moments,
    },
};
use chrono::NaiveDate;

pub use bank::Bank;
pub use household::{ANSWER, PASSWORD, STAFF_SECRET, seed};
pub use routes::routes;

use crate::{State, config, connect, listen, migrate_now, ready_to_sign, secret};

/// What the demo's server knows beyond a portal's.
#[derive(Clone)]
pub struct Demo {
    pub desks: Desks,
    /// The bank of this demo, which is no bank.
    pub bank: Bank,
    birthdays: Arc<Vec<Birthday>>,
}

/// A birthday that changes what a parent sees.
pub struct Birthday {
    pub given_name: String,
    pub turns: i32,
    pub on: NaiveDate,
}

impl Demo {
    /// The minute before and the minute of each birthday, ready for the clock.
    pub fn moments(&self, t: Texts) -> Vec<Moment> {
        self.birthdays.iter().flat_map(|found| moments(t, &found.given_name, found.turns, found.on)).collect()
    }
}

/// `server demo`.
///
/// # Errors
/// A sentence for whoever starts it.
pub async fn run(config: config::Demo) -> Result<(), String> {
    config.organization.check()?;
    let url = config.database.clone().unwrap_or_else(|| format!("sqlite:{}", config.data_dir.join("demo.db").display()));
    if config.fresh && config.database.is_none() {
        remove_database(&config.data_dir)?;
    }
    let connection = connect(&url).await?;
    migrate_now(&connection).await?;
    let public_url = format!("http://localhost:{}", config.port);
    let secret_file = config.data_dir.join("secret.key");
    let mut state = State::new(connection, &config.organization, &public_url, secret::read_or_make(&secret_file)?)?
        .with_site(&config.organization.site_root)?;
    state.ice = config.video.settings()?;
    ready_to_sign(&state, &secret_file, None).await?;
    let system = as_system(&state.db, "demo");
    let today = state.clock.now().today;
    if config.fresh || !household::is_seeded(&system, today).await? {
        start_over(&state).await?;
    }
    state.clock.move_by(household::clock_offset(&system).await?);
    begin_video_soon(&state).await;
    let bank = Bank::open(Some(config.data_dir.join("bank.json")), format!("{public_url}{}", crate::payments::NOTICES))?;
    state.processor = Processor::new(bank.settings(&public_url))?;
    state.push = config.notices.push(&public_url)?;
    state.demo = Some(load(&system, bank).await?);
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], config.port))).await?;
    announce(&public_url);
    crate::run(listener, state).await
}

/// The household as on its first day, with its secrets sealed.
///
/// # Errors
/// A sentence for whoever starts the demo.
pub async fn start_over(state: &State) -> Result<(), String> {
    let system = as_system(&state.db, "demo start over");
    seed(&system, &state.clock, &state.passwords).await?;
    seal_all(&system, &state.issuer.secret).await.map_err(|error| error.to_string())?;
    messages::add_pictures(&system, &state.issuer.secret).await
}

/// Whoever looks at the demo finds a visit by video to join, unless they moved the clock to see something else.
async fn begin_video_soon(state: &State) {
    if !state.clock.is_moved()
        && let Err(error) = video::place(&as_system(&state.db, "demo video"), state.clock.now().instant).await
    {
        tracing::warn!(%error, "the demo has no visit by video");
    }
}

/// The desk and the birthdays of a household that was seeded.
///
/// # Errors
/// A sentence for whoever starts the demo.
pub async fn load(system: &System, bank: Bank) -> Result<Demo, String> {
    Ok(Demo { bank, desks: household::desks(), birthdays: Arc::new(household::birthdays(system).await?) })
}

/// SQLite keeps a database in up to three files.
fn remove_database(folder: &Path) -> Result<(), String> {
    for name in ["demo.db", "demo.db-wal", "demo.db-shm"] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("{}: cannot be removed: {error}.", folder.join(name).display()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn announce(url: &str) {
    println!("\n  The demo is at {url}\n\n  One tap on the sign-in page signs you in, or use the password \"{PASSWORD}\":");
    for person in people::people().accounts {
        println!("    {:<10} {}", person.username, person.says.en);
    }
    println!("\n  E-mail is not sent, but shown at {url}/demo/outbox");
    println!("  Staff who sign in with the password need a code from an authenticator app with the key {STAFF_SECRET}\n");
}
