//! Open pages hear that something changed: server-sent events, one stream a browser. Several servers on one PostgreSQL tell each other
//! by LISTEN and NOTIFY; what an import wrote is found by looking.

use std::{collections::HashSet, time::Duration};

use app::{
    access::{
        Db, System, as_system,
        session::{self, Found},
    },
    features::messages::watching::{Change, Live, Sight, change, imported_since},
    platform::live::{Heard, Told},
};
use axum::{
    extract::{Request, State as Extract},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use chrono::{TimeDelta, Utc};
use futures_util::stream;
use http::{HeaderName, StatusCode};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement,
    sqlx::postgres::{PgListener, PgPoolOptions},
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::{Interval, MissedTickBehavior, interval, sleep},
};
use uuid::Uuid;

use crate::{State, shield::cookie};

/// The channel of PostgreSQL.
const CHANNEL: &str = "portal_live";
/// What is told within so long goes out together: a notification takes a lock of the whole database.
const TOGETHER: Duration = Duration::from_millis(50);
/// How long to wait before trying to listen again.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// A message gets its id before the import that writes it is done.
const LONGEST_IMPORT: TimeDelta = TimeDelta::minutes(30);

/// Carries on what this server is told. Ends when nobody can tell anything any more.
pub(crate) fn start(connection: &DatabaseConnection, db: &Db) -> Live {
    let (live, told) = Live::new();
    let server = Uuid::new_v4();
    let carrier = Carrier { live: live.clone(), system: as_system(db, "live"), server };
    if connection.get_database_backend() == DbBackend::Postgres {
        tokio::spawn(hear_others(connection.clone(), Carrier { live: live.clone(), system: as_system(db, "live"), server }));
    }
    tokio::spawn(carry(carrier, told));
    live
}

struct Carrier {
    live: Live,
    system: System,
    /// This server: what it told itself is not heard twice.
    server: Uuid,
}

impl Carrier {
    async fn hand_out(&self, told: Told) {
        match change(&self.system, told).await {
            Ok(Some(change)) => self.live.hand_out(Heard::Change(change)),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(kind = ?error.sql_err(), "a change could not be looked up");
                self.live.hand_out(Heard::Everything);
            }
        }
    }
}

async fn carry(carrier: Carrier, mut told: mpsc::UnboundedReceiver<Told>) {
    while let Some(first) = told.recv().await {
        carrier.hand_out(first).await;
        sleep(TOGETHER).await;
        let mut all = HashSet::from([first]);
        while let Ok(next) = told.try_recv() {
            if all.insert(next) {
                carrier.hand_out(next).await;
            }
        }
        if let Err(error) = notify(carrier.system.db(), carrier.server, all).await {
            tracing::warn!(kind = ?error.sql_err(), "other servers were not told of a change");
        }
    }
}

/// One statement for all of them, after the transactions that wrote them.
async fn notify(db: &DatabaseConnection, server: Uuid, all: HashSet<Told>) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let all: Vec<String> = all.into_iter().map(|told| format!("{server} {} {}", told.thread, told.staff_only)).collect();
    let sql = "SELECT pg_notify($1, told) FROM unnest($2::text[]) AS told";
    db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [CHANNEL.into(), all.into()])).await?;
    Ok(())
}

/// Hears what other servers on the same PostgreSQL tell, on a connection of its own.
async fn hear_others(connection: DatabaseConnection, carrier: Carrier) {
    let (_, mut stopping) = carrier.live.listen();
    let options = connection.get_postgres_connection_pool().connect_options();
    drop(connection);
    loop {
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with((*options).clone());
        let heard = tokio::select! {
            heard = hear(&carrier, &pool) => heard,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        if let Err(error) = heard {
            tracing::warn!(%error, "not listening to other servers; trying again");
        }
        sleep(LISTEN_AGAIN).await;
        // What was told meanwhile was not heard.
        carrier.live.hand_out(Heard::Everything);
    }
}

async fn hear(carrier: &Carrier, pool: &sea_orm::sqlx::PgPool) -> Result<(), sea_orm::sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // Without a notification the connection was gone for a while, and something may have been missed.
        match listener.try_recv().await? {
            None => carrier.live.hand_out(Heard::Everything),
            Some(notification) => {
                if let Some(told) = told(notification.payload(), carrier.server) {
                    carrier.hand_out(told).await;
                }
            }
        }
    }
}

/// What another server told; nothing for what `server` told itself.
fn told(payload: &str, server: Uuid) -> Option<Told> {
    let mut words = payload.split(' ');
    let from: Uuid = words.next()?.parse().ok()?;
    let told = Told { thread: words.next()?.parse().ok()?, staff_only: words.next()?.parse().ok()? };
    (from != server).then_some(told)
}

/// Looks for messages that an import beside the server wrote.
pub(crate) async fn keep_looking(state: State, pause: Duration) {
    let system = as_system(&state.db, "live");
    let carrier = Carrier { live: state.live.clone(), system: as_system(&state.db, "live"), server: Uuid::nil() };
    // What stood there at the start is nothing new.
    let mut seen: Option<HashSet<Uuid>> = None;
    loop {
        match imported_since(&system, Utc::now() - LONGEST_IMPORT).await {
            Ok(found) => {
                let ids = found.keys().copied().collect();
                if let Some(seen) = seen.replace(ids) {
                    for (_, told) in found.into_iter().filter(|(id, _)| !seen.contains(id)) {
                        carrier.hand_out(told).await;
                    }
                }
            }
            Err(error) => tracing::warn!(kind = ?error.sql_err(), "new messages could not be looked for"),
        }
        sleep(pause).await;
    }
}

/// What changes for whoever is signed in, as it happens: `change` with the thread, `count` with how many wait on which page, `ended`
/// when the session is over. The stream ends with the session, and with the server.
pub(crate) async fn stream(Extract(state): Extract<State>, request: Request) -> Response {
    let Some(token) = cookie(request.headers(), state.rules.cookie_name()).map(str::to_owned) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let (heard, stopping) = state.live.listen();
    let mut beat = interval(state.live.beat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener =
        Listener { system: as_system(&state.db, "live"), state, token, heard, stopping, beat, sight: None, ready: Vec::new(), over: false };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(event), listener))
    });
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    (unbuffered, Sse::new(events).keep_alive(KeepAlive::default())).into_response()
}

/// Somebody with an open page.
struct Listener {
    state: State,
    system: System,
    token: String,
    heard: broadcast::Receiver<Heard<Change>>,
    stopping: watch::Receiver<bool>,
    beat: Interval,
    sight: Option<Sight>,
    /// What is to be sent, the last first.
    ready: Vec<Event>,
    over: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            let heard = tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                _ = self.beat.tick() => None,
                heard = self.heard.recv() => Some(heard),
            };
            match heard {
                Some(heard) => self.hear(heard).await,
                None => self.look_again().await,
            }
        }
    }

    /// Whether the session is still there, and what it may see. The first time and whenever something changed, the counts go with it.
    async fn look_again(&mut self) {
        let first = self.sight.is_none();
        let now = self.state.clock.now();
        let found = match session::resolve(&self.state.db, &self.state.rules, &self.token, false).await {
            Ok(Found::SignedIn(found)) => Sight::of(&self.system, session::caller(Some(found)), now).await,
            Ok(Found::Nobody | Found::Ended(_)) => {
                self.over = true;
                self.ready.push(Event::default().event("ended").data(""));
                return;
            }
            Err(error) => Err(error),
        };
        match found {
            Ok(sight) => self.sight = Some(sight),
            // What cannot be looked up is not known to be open.
            Err(_) => self.over = true,
        }
        if first && !self.over {
            self.count().await;
        }
    }

    async fn hear(&mut self, heard: Result<Heard<Change>, broadcast::error::RecvError>) {
        let Some(sight) = &self.sight else { return };
        let data = match heard {
            Ok(Heard::Change(change)) if sight.sees(&change, self.state.clock.now()) => change.thread.to_string(),
            Ok(Heard::Change(_)) => return,
            Ok(Heard::Everything) | Err(broadcast::error::RecvError::Lagged(_)) => "all".to_owned(),
            Err(broadcast::error::RecvError::Closed) => {
                self.over = true;
                return;
            }
        };
        self.count().await;
        self.ready.push(Event::default().event("change").data(data));
    }

    async fn count(&mut self) {
        let Some(sight) = &self.sight else { return };
        if let Ok(counts) = sight.counts(&self.system, self.state.clock.now()).await
            && let Ok(event) = Event::default().event("count").json_data(counts)
        {
            self.ready.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_does_not_hear_itself() {
        let (one, other, thread) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        let payload = format!("{one} {thread} true");
        assert_eq!(told(&payload, other), Some(Told { thread, staff_only: true }));
        assert_eq!(told(&payload, one), None);
        assert_eq!(told("nonsense", other), None);
    }
}
