//! What the notes page asks.

use leptos::prelude::*;

use crate::{
    base::{
        answer::Answer,
        error::Error,
        ids::{PatientId, VisitId},
    },
    record::note::wire::Notes,
};

/// The notes of one visit.
///
/// # Errors
/// `NotFound` when the visit is not in this chart or has no notes that the caller may know of; `AccessEnded`.
#[server(endpoint = "notes/read", output = Answer)]
pub async fn read_notes(patient: PatientId, visit: VisitId) -> Result<Notes, Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::ViewNotes>(patient).await?;
    super::store::of_visit(&grant, visit).await
}
