//! Each minute: deletes what people typed or showed a quarter of an hour ago, sessions, files, sign-ups and visits by video that are over and
//! tries that do not count any more, and takes back the health cards of records that were corrected, so that whoever checks one learns it also when nobody looks at the chart.

use app::{
    access::{as_system, draft, session},
    base::error::Error,
    desk::{scheduling::holding, video::closing},
    features::{account::sign_up::store, credentials::revoke_outdated, messages::files, sharing::export},
    platform::throttle,
};

use crate::State;

/// Returns how many cards were taken back.
///
/// # Errors
/// When the database fails; the next try does all of it.
pub async fn once(state: &State) -> Result<usize, Error> {
    let system = as_system(&state.db, "tidy");
    draft::forget(&system).await?;
    session::forget(&system).await?;
    export::forget(&system).await?;
    files::forget(&system, state.clock.now().instant).await?;
    store::forget(&system).await?;
    holding::forget(&system, state.clock.now().instant).await?;
    closing::close_over(&system, state.clock.now().instant).await?;
    throttle::forget(&state.connection).await?;
    revoke_outdated(&system, &state.clock).await
}

pub(super) async fn work(state: State) -> Result<(), Error> {
    let cards = once(&state).await?;
    if cards > 0 {
        tracing::info!(cards, "taken back: the record was corrected");
    }
    Ok(())
}
