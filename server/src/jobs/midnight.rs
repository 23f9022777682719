//! Once a day, as soon as the organisation's day has begun.

use app::{access::as_system, base::error::Error, features::family::birthdays, platform::mail::store::organization};
use chrono::TimeDelta;

use super::alone;
use crate::{State, fhir::keep_current};

/// Does the work of today, unless somebody has or does.
///
/// # Errors
/// When the database fails; the next try does the rest.
pub async fn once(state: &State) -> Result<Option<birthdays::Night>, Error> {
    let (system, organization) = (as_system(&state.db, "midnight"), organization(&state.brand));
    let work = async {
        let told = keep_current(&system).await?;
        if told > 0 {
            tracing::info!(told, "demographics that count from today on");
        }
        birthdays::run(&system, &state.clock, &organization, &state.origin).await
    };
    let night = alone(state, "midnight", TimeDelta::zero(), work).await?;
    Ok(night.flatten())
}

pub(super) async fn work(state: State) -> Result<(), Error> {
    if let Some(night) = once(&state).await? {
        tracing::info!(ended = night.ended, told = night.told, "midnight");
    }
    Ok(())
}
