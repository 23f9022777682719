//! Tells people that something new came in.

use std::time::Duration;

use app::{
    access::as_system,
    base::error::Error,
    platform::mail::store::house,
    record::news::{PAUSE, tell},
};
use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::State;

/// Tells what came in before `until` and was not told yet; returns how many letters were written.
///
/// # Errors
/// When the database fails.
pub async fn once(state: &State, until: DateTime<Utc>) -> Result<usize, Error> {
    tell(&as_system(&state.db, "news"), &state.clock, &house(&state.brand), &state.origin, until).await
}

pub(super) async fn keep_telling(state: State, pause: Duration) {
    loop {
        match once(&state, Utc::now() - PAUSE).await {
            Ok(0) => {}
            Ok(letters) => tracing::info!(letters, "news"),
            Err(error) => tracing::warn!(%error, "news is tried again"),
        }
        sleep(pause).await;
    }
}
