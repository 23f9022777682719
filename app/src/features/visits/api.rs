//! What the visits page asks.

use leptos::prelude::*;

use super::wire::{Filter, Visits};
use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Upcoming visits and one page of the past ones.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart's visits are not open to the caller.
#[server(endpoint = "visits/list", output = Answer)]
pub async fn list_visits(patient: PatientId, #[server(default)] filter: Filter) -> Result<Visits, Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::ViewVisits>(patient).await?;
    super::store::list(&grant, &filter).await
}
