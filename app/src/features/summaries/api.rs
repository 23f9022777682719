//! What the summary page asks.

use leptos::prelude::*;

use crate::{
    base::{
        answer::Answer,
        error::Error,
        ids::{PatientId, VisitId},
    },
    record::summary::wire::Summary,
};

/// The After Visit Summary of one visit.
///
/// # Errors
/// `NotFound` when the visit is not in this chart or did not take place; `AccessEnded`.
#[server(endpoint = "summaries/read", output = Answer)]
pub async fn read_summary(patient: PatientId, visit: VisitId) -> Result<Summary, Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::ViewSummaries>(patient).await?;
    super::store::of_visit(&grant, visit).await
}
