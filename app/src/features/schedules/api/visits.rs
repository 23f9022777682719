//! Booking, moving and cancelling for the office, and putting somebody first.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Calls a visit off, with a reason that the patient reads.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` without a reason, or when it is off or over.
#[server(endpoint = "schedules/cancel", output = Answer)]
pub async fn cancel(patient: PatientId, visit: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff_visits::cancel(&grant, visit, &words).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=cancelled"));
    Ok(())
}

/// Books for a patient who calls or stands at the desk.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with what is wrong.
#[server(endpoint = "schedules/book", output = Answer)]
pub async fn book_for(
    patient: PatientId,
    kind: Uuid,
    #[server(default)] slot: String,
    #[server(default)] words: String,
    #[server(default)] overbook: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits::{self, ForPatient},
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let wanted = ForPatient { kind, slot: &slot, words: &words, overbook: overbook == "true" };
    let visit = staff_visits::book_for(&grant, &wanted).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=booked"));
    Ok(())
}

/// Gives a visit another time, with a reason that the patient reads.
///
/// # Errors
/// `NotFound` for a visit or a department that the caller does not keep; `Invalid` with what is wrong.
#[server(endpoint = "schedules/move", output = Answer)]
pub async fn move_for(
    patient: PatientId,
    visit: Uuid,
    kind: Uuid,
    #[server(default)] slot: String,
    #[server(default)] words: String,
    #[server(default)] overbook: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits::{self, ForPatient},
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let wanted = ForPatient { kind, slot: &slot, words: &words, overbook: overbook == "true" };
    staff_visits::move_visit(&grant, visit, &wanted).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=moved"));
    Ok(())
}

/// Puts somebody who waits for an earlier time before the others.
///
/// # Errors
/// `NotFound` for who does not wait; `Invalid` without a reason.
#[server(endpoint = "schedules/mark-urgent", output = Answer)]
pub async fn mark_urgent(patient: PatientId, visit: Uuid, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::staff_visits,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    staff_visits::mark_urgent(&grant, visit, &words).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}?done=urgent"));
    Ok(())
}
