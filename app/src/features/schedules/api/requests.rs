//! Answering requests for visits.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Offers up to three times to a request.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` with what is wrong.
#[server(endpoint = "schedules/offer", output = Answer)]
pub async fn offer(
    patient: PatientId,
    id: Uuid,
    #[server(default)] kind: String,
    #[server(default)] time1: String,
    #[server(default)] time2: String,
    #[server(default)] time3: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let kind = if kind.is_empty() { None } else { Some(kind.parse().map_err(|_| Error::NotFound)?) };
    staff::offer(&grant, id, kind, &[&time1, &time2, &time3], &words).await?;
    web::redirect_plain_form(&format!("/staff/visit-requests/{id}?done=offered"));
    Ok(())
}

/// Says that there will be no visit.
///
/// # Errors
/// `NotFound` for a request of other departments; `Invalid` when it is over, or without a reason.
#[server(endpoint = "schedules/decline", output = Answer)]
pub async fn decline(patient: PatientId, id: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff::decline(&grant, id, &words).await?;
    web::redirect_plain_form(&format!("/staff/visit-requests/{id}?done=declined"));
    Ok(())
}
