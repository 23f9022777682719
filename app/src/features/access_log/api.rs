//! Asking about a line of the access log.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// "This was not me": opens a case about one line of the access log.
///
/// # Errors
/// `NotFound` for another chart.
#[server(endpoint = "requests/report-access", output = Answer)]
pub async fn report_access(patient: PatientId, event: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ViewAccessLog>(patient).await?;
    let number = super::store::report(&grant, event).await?;
    web::redirect_plain_form(&format!("/requests?sent={number}"));
    Ok(())
}
