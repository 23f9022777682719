//! Each minute: deletes what people typed or showed a quarter of an hour ago, and takes back the health cards of records that
//! were corrected, so that whoever checks one learns it also when nobody looks at the chart.

use std::time::Duration;

use app::{
    access::{as_system, draft},
    base::error::Error,
    features::credentials::revoke_outdated,
};
use tokio::time::sleep;

use crate::State;

/// Returns how many cards were taken back.
///
/// # Errors
/// When the database fails; the next try does all of it.
pub async fn once(state: &State) -> Result<usize, Error> {
    let system = as_system(&state.db, "tidy");
    draft::forget(&system).await?;
    revoke_outdated(&system, &state.clock).await
}

pub(super) async fn keep_tidying(state: State, pause: Duration) {
    loop {
        match once(&state).await {
            Ok(0) => {}
            Ok(cards) => tracing::info!(cards, "taken back: the record was corrected"),
            Err(error) => tracing::warn!(%error, "tidying is tried again"),
        }
        sleep(pause).await;
    }
}
