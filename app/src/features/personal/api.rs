//! What the personal information page asks.

use leptos::prelude::*;

use super::wire::PersonalInformation;
use crate::base::{error::Error, ids::PatientId};

/// Demographics, and nothing clinical.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
#[server(endpoint = "personal-information/read")]
pub async fn read_personal_information(patient: PatientId) -> Result<PersonalInformation, Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::ViewPersonalInformation>(patient).await?;
    super::store::read(&grant).await
}
