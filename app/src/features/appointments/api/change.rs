//! Confirming and cancelling visits.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Says that the person comes.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` when it is not the time for it.
#[server(endpoint = "appointments/confirm", output = Answer)]
pub async fn confirm(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::confirm,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    confirm::one(&grant, visit).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}?done=confirmed"));
    Ok(())
}

/// Confirms all visits of a day of everybody for whom the caller books.
///
/// # Errors
/// `SignInNeeded`; `NotFound` for what is no day.
#[server(endpoint = "appointments/confirm-day", output = Answer)]
pub async fn confirm_day(day: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::{confirm, hours},
        platform::request as web,
    };
    let own = allow::<policy::UseOwnAccount>(()).await?;
    let day = hours::day(&day).ok_or(Error::NotFound)?;
    for patient in confirm::people(&own)? {
        let grant = allow::<policy::BookVisits>(patient).await?;
        confirm::all_of(&grant, day).await?;
    }
    web::redirect_plain_form(&format!("/confirm/{day}?done=1"));
    Ok(())
}

/// Calls a visit off.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` without a reason, or when it is off or over.
#[server(endpoint = "appointments/cancel", output = Answer)]
pub async fn cancel(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] reason: String,
    #[server(default)] words: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::confirm,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    confirm::cancel(&grant, visit, &reason, &words).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}?done=cancelled"));
    Ok(())
}

/// Confirms or cancels one visit by the link of a letter.
///
/// # Errors
/// `Invalid` when the link is worth nothing any more.
#[server(endpoint = "appointments/use-link", output = Answer)]
pub async fn use_link(token: String, #[server(default)] act: String) -> Result<(), Error> {
    use crate::features::appointments::links;
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::UseVisitLink>(()).await?;
    links::answer(&grant, &token, act == "cancel").await?;
    web::redirect_plain_form(&format!("/visit/{token}"));
    Ok(())
}
