//! Tells people that something new came in.

use app::{
    access::as_system,
    base::error::Error,
    platform::mail::store::organization,
    record::news::{PAUSE, tell},
};
use chrono::{DateTime, Utc};

use crate::State;

/// Tells what came in before `until` and was not told yet; returns how many letters were written.
///
/// # Errors
/// When the database fails.
pub async fn once(state: &State, until: DateTime<Utc>) -> Result<usize, Error> {
    tell(&as_system(&state.db, "news"), &state.clock, &organization(&state.brand), &state.origin, until).await
}

pub(super) async fn work(state: State) -> Result<(), Error> {
    let letters = once(&state, Utc::now() - PAUSE).await?;
    if letters > 0 {
        tracing::info!(letters, "news");
    }
    Ok(())
}
