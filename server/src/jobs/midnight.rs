//! Once a day, as soon as the organisation's day has begun.

use std::time::Duration;

use app::{access::as_system, base::error::Error, features::family::birthdays, platform::mail::store::house};
use tokio::time::sleep;

use crate::State;

/// Does the work of today, unless somebody has.
///
/// # Errors
/// When the database fails; the next try does all of it.
pub async fn once(state: &State) -> Result<Option<birthdays::Night>, Error> {
    birthdays::run(&as_system(&state.db, "midnight"), &state.clock, &house(&state.brand), &state.origin).await
}

pub(super) async fn keep_doing(state: State, pause: Duration) {
    let mut done = None;
    loop {
        let today = state.clock.now().today;
        if done != Some(today) {
            match once(&state).await {
                Ok(night) => {
                    if let Some(night) = night {
                        tracing::info!(ended = night.ended, told = night.told, "midnight");
                    }
                    done = Some(today);
                }
                Err(error) => tracing::warn!(%error, "midnight is tried again"),
            }
        }
        sleep(pause).await;
    }
}
