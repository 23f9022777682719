//! Payments that are being checked, plans, refunds.

use app::{
    access::as_system,
    base::error::Error,
    desk::billing::{jobs, till::Till},
    platform::mail::store::organization,
};

use crate::State;

/// Where bills are paid, for the server itself.
pub(crate) fn till(state: &State) -> Till {
    let system = as_system(&state.db, "payments");
    let now = state.clock.now().instant;
    Till::of_system(&system, state.processor.clone(), organization(&state.brand), state.clock.zone(), &state.origin, now)
}

/// # Errors
/// When the database fails.
pub async fn work(state: State) -> Result<(), Error> {
    jobs::work(&till(&state)).await
}
