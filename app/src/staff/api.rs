//! What staff ask.

use leptos::prelude::*;

use super::wire::FoundPatient;
use crate::error::Error;

/// Patients by a part of their name, their birth date (2013-05-03 or 5/3/2013) or their record number; at most 20.
///
/// # Errors
/// `NotFound` for everybody who is not staff.
#[server(endpoint = "staff/find-patients")]
pub async fn find_patients(query: String) -> Result<Vec<FoundPatient>, Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::FindPatients>(()).await?;
    super::store::find(&grant, &query).await
}
