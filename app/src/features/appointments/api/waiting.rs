//! Asking for visits, and waiting for an earlier time.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use super::optional;
use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Asks an office for a visit, or for another time of one.
///
/// # Errors
/// `NotFound` for a kind, a clinician or a visit that is not this person's; `Invalid` with everything that is wrong.
#[server(endpoint = "appointments/ask", output = Answer)]
pub async fn ask_visit(
    patient: PatientId,
    #[server(default)] kind: String,
    #[server(default)] who: String,
    #[server(default)] place: String,
    #[server(default)] moves: String,
    #[server(default)] order: String,
    #[server(default)] reason: String,
    #[server(default)] how_soon: String,
    #[server(default)] from1: String,
    #[server(default)] until1: String,
    #[server(default)] part1: String,
    #[server(default)] from2: String,
    #[server(default)] until2: String,
    #[server(default)] part2: String,
    #[server(default)] from3: String,
    #[server(default)] until3: String,
    #[server(default)] part3: String,
    #[server(default)] contact: String,
    #[server(default)] needs: String,
    #[server(default)] danger_confirmed: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::requests::{self, Wanted},
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let wanted = Wanted {
        kind: optional(&kind)?,
        department: optional(&place)?,
        clinician: optional(&who)?,
        moves: optional(&moves)?,
        order: optional(&order)?,
        reason: &reason,
        how_soon: &how_soon,
        windows: [(&from1, &until1, &part1), (&from2, &until2, &part2), (&from3, &until3, &part3)],
        contact: &contact,
        needs: &needs,
        danger_confirmed: danger_confirmed == "true",
    };
    let id = requests::ask(&grant, &wanted).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/requests/{id}?done=asked"));
    Ok(())
}

/// Takes a request back.
///
/// # Errors
/// `NotFound` when there is no such request in this chart; `Invalid` when it is over.
#[server(endpoint = "appointments/withdraw", output = Answer)]
pub async fn withdraw_request(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::requests,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    requests::withdraw(&grant, id).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/requests/{id}?done=withdrawn"));
    Ok(())
}

/// Takes an offered time.
///
/// # Errors
/// `NotFound` when the offer is not this person's; `Invalid` when it is over.
#[server(endpoint = "appointments/accept-offer", output = Answer)]
pub async fn accept_offer(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::offers,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let visit = offers::accept(&grant, id).await?;
    let done = if offers::offer_of(&grant, id).await?.entry_id.is_some() { "moved" } else { "booked" };
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}?done={done}"));
    Ok(())
}

/// Leaves an offered time: the visit stays as it is.
///
/// # Errors
/// `NotFound` when the offer is not this person's; `Invalid` when it is over.
#[server(endpoint = "appointments/decline-offer", output = Answer)]
pub async fn decline_offer(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::offers,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let offer = offers::decline(&grant, id).await?;
    match offer.request_id {
        Some(request) => web::redirect_plain_form(&format!("/p/{patient}/visits/requests/{request}")),
        None => web::redirect_plain_form(&format!("/p/{patient}/visits/offers/{id}")),
    }
    Ok(())
}

/// Waits for an earlier time, or changes what is wished of it.
///
/// # Errors
/// `NotFound` for a visit that cannot have one; `Invalid` with everything that is wrong.
#[server(endpoint = "appointments/join-fast-pass", output = Answer)]
pub async fn join_fast_pass(
    patient: PatientId,
    visit: Uuid,
    #[server(default)] notice: String,
    #[server(default)] day: HashMap<String, String>,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] place: HashMap<String, String>,
    #[server(default)] nights: String,
    #[server(default)] short_notice: String,
    #[server(default)] paused: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::{
            confirm::{self, Typed},
            words::weekdays,
        },
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    let places = place.iter().filter(|(_, ticked)| *ticked == "true");
    let places = places.map(|(name, _)| name.strip_prefix('p').and_then(|id| id.parse().ok()).ok_or(Error::NotFound));
    let typed = Typed {
        notice: &notice,
        weekdays: weekdays(&day),
        from: &from,
        until: &until,
        places: places.collect::<Result<Vec<Uuid>, Error>>()?,
        nights: nights == "true",
        short_notice: short_notice == "true",
        paused: paused == "true",
    };
    confirm::join(&grant, visit, &typed).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}?done=waiting"));
    Ok(())
}

/// Waits for no earlier time any more.
///
/// # Errors
/// `NotFound` for a visit that is on no list.
#[server(endpoint = "appointments/leave-fast-pass", output = Answer)]
pub async fn leave_fast_pass(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::confirm,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    confirm::leave(&grant, visit).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}?done=not-waiting"));
    Ok(())
}
