//! Tells those who wait that an earlier time is free, writes down which offers have run out, and reminds people of their visits.

use app::{
    access::as_system,
    base::error::Error,
    desk::scheduling::asking::{ask, run_out},
    features::appointments::reminders::remind,
    platform::mail::store::organization,
};

use crate::State;

/// Ends offers whose time is over, and asks the next people. Returns how many were asked.
///
/// # Errors
/// When the database fails.
pub async fn offer(state: &State) -> Result<usize, Error> {
    let system = as_system(&state.db, "earlier times");
    run_out(&system, state.clock.now().instant).await?;
    ask(&system, &state.clock, &organization(&state.brand), &state.origin).await
}

/// Reminds people of the visits that come up. Returns how many letters were written.
///
/// # Errors
/// When the database fails.
pub async fn reminders(state: &State) -> Result<usize, Error> {
    remind(&as_system(&state.db, "reminders"), &state.clock, &organization(&state.brand), &state.origin).await
}

pub(super) async fn work_offers(state: State) -> Result<(), Error> {
    let asked = offer(&state).await?;
    if asked > 0 {
        tracing::info!(asked, "earlier times are offered");
    }
    Ok(())
}

pub(super) async fn work_reminders(state: State) -> Result<(), Error> {
    let letters = reminders(&state).await?;
    if letters > 0 {
        tracing::info!(letters, "reminders");
    }
    Ok(())
}
