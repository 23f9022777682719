//! Booking, asking for, moving, confirming and cancelling visits.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// An id that a form may leave out.
fn optional(id: &str) -> Result<Option<Uuid>, Error> {
    if id.is_empty() { Ok(None) } else { id.parse().map(Some).map_err(|_| Error::NotFound) }
}

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

/// Holds the time for ten more minutes, once.
///
/// # Errors
/// `NotFound` when it is not the caller's; `Invalid` when it was renewed, or somebody else has the time.
#[server(endpoint = "appointments/renew-hold", output = Answer)]
pub async fn renew_hold(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::holding,
        platform::request as web,
    };
    let grant = allow::<policy::BookVisits>(patient).await?;
    holding::renew(&grant, id).await?;
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
        desk::scheduling::confirm,
        platform::request as web,
    };
    let own = allow::<policy::UseOwnAccount>(()).await?;
    let day: chrono::NaiveDate = day.parse().map_err(|_| Error::NotFound)?;
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
    web::redirect_plain_form(&format!("/p/{patient}/visits/requests/{id}"));
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
    use super::pages::weekdays;
    use crate::{
        access::{allow, policy},
        desk::scheduling::confirm::{self, Typed},
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

/// Confirms or cancels one visit by the link of a letter.
///
/// # Errors
/// `Invalid` when the link is worth nothing any more.
#[server(endpoint = "appointments/use-link", output = Answer)]
pub async fn use_link(token: String, #[server(default)] act: String) -> Result<(), Error> {
    use super::links;
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::UseVisitLink>(()).await?;
    links::answer(&grant, &token, act == "cancel").await?;
    web::redirect_plain_form(&format!("/visit/{token}"));
    Ok(())
}
