//! After an upgrade: stored resources are mapped again of which the new version tells more, step by step beside everything else.

use std::time::Duration;

use app::{access::as_system, base::error::Error};
use chrono::TimeDelta;
use tokio::time::sleep;

use super::alone;
use crate::{
    State,
    fhir::{ImportOptions, map_after_upgrade},
};

/// Maps one step, unless another server does; returns whether there may be more.
///
/// # Errors
/// When the database fails; the next try does the rest.
pub async fn step(state: &State) -> Result<bool, Error> {
    let (system, options) = (as_system(&state.db, "upgrade"), ImportOptions { zone: Some(state.clock.zone()), ..Default::default() });
    let work = async { Ok(map_after_upgrade(&system, &options).await?) };
    Ok(alone(state, "upgrade", TimeDelta::zero(), work).await?.unwrap_or(true))
}

/// Until everything is mapped. The pause lets others write.
pub(super) async fn all(state: State, pause: Duration) {
    loop {
        match step(&state).await {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => tracing::warn!(%error, "mapping after an upgrade is tried again"),
        }
        sleep(pause).await;
    }
}
