//! Choosing a time, holding it, and booking it.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

use leptos::prelude::*;
use uuid::Uuid;

use super::optional;
use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Holds a time for ten minutes.
///
/// # Errors
/// What the policy refuses; `Invalid` when the time is not to be had.
#[server(endpoint = "appointments/hold", output = Answer)]
pub async fn hold(
    patient: PatientId,
    kind: Uuid,
    #[server(default)] slot: String,
    #[server(default)] moves: String,
    #[server(default)] order: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::book::{self, Choice},
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let choice = Choice { kind, slot: &slot, moves: optional(&moves)?, order: optional(&order)? };
    let id = book::hold(&grant, &choice).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/hold/{id}"));
    Ok(())
}

/// Holds the time for ten more minutes, once. What was typed until then is kept.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` when it was renewed, or somebody else has the time.
#[server(endpoint = "appointments/renew-hold", output = Answer)]
pub async fn renew_hold(
    patient: PatientId,
    id: Uuid,
    #[server(default)] reason: String,
    #[server(default)] phone: String,
    #[server(default)] interpreter: String,
    #[server(default)] needs: String,
    #[server(default)] insurance: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::holding::{self, Details},
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let typed = Details {
        reason: &reason,
        phone: &phone,
        interpreter: &interpreter,
        needs: &needs,
        insurance: &insurance,
        danger_confirmed: false,
    };
    holding::renew(&grant, id, &typed).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/hold/{id}"));
    Ok(())
}

/// Gives a time up soon, as the browser says when somebody leaves its page.
///
/// # Errors
/// `NotFound` when it is not the caller's.
#[server(endpoint = "appointments/leave-hold", output = Answer)]
pub async fn leave_hold(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::holding,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    holding::leave(&grant, id).await
}

/// Gives a time up.
///
/// # Errors
/// `NotFound` when it is not the caller's.
#[server(endpoint = "appointments/give-up-hold", output = Answer)]
pub async fn give_up_hold(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::holding,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    holding::give_up(&grant, id).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/book"));
    Ok(())
}

/// Keeps what was filled in beside the time, to be looked over.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` with everything that is wrong.
#[server(endpoint = "appointments/keep-details", output = Answer)]
pub async fn keep_details(
    patient: PatientId,
    id: Uuid,
    #[server(default)] reason: String,
    #[server(default)] phone: String,
    #[server(default)] interpreter: String,
    #[server(default)] needs: String,
    #[server(default)] insurance: String,
    #[server(default)] danger_confirmed: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::holding::{self, Details},
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let details = Details {
        reason: &reason,
        phone: &phone,
        interpreter: &interpreter,
        needs: &needs,
        insurance: &insurance,
        danger_confirmed: danger_confirmed == "true",
    };
    holding::keep_details(&grant, id, &details).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/hold/{id}/review"));
    Ok(())
}

/// Books what is held, or moves a visit there.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` when the time is somebody else's.
#[server(endpoint = "appointments/book", output = Answer)]
pub async fn book(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::{book, holding},
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let visit = book::book(&grant, id).await?;
    let done = if holding::hold_of(&grant, id).await?.moves.is_some() { "moved" } else { "booked" };
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}?done={done}"));
    Ok(())
}
