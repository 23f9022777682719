//! Once a day, as soon as the organisation's day has begun.

use app::{access::as_system, base::error::Error, features::family::birthdays, platform::mail::store::organization};
use chrono::TimeDelta;

use super::alone;
use crate::State;

/// Does the work of today, unless somebody has or does.
///
/// # Errors
/// When the database fails; the next try does the rest.
pub async fn once(state: &State) -> Result<Option<birthdays::Night>, Error> {
    let (system, organization) = (as_system(&state.db, "midnight"), organization(&state.brand));
    let night = alone(state, "midnight", TimeDelta::zero(), birthdays::run(&system, &state.clock, &organization, &state.origin)).await?;
    Ok(night.flatten())
}

pub(super) async fn work(state: State) -> Result<(), Error> {
    if let Some(night) = once(&state).await? {
        tracing::info!(ended = night.ended, told = night.told, "midnight");
    }
    Ok(())
}
