//! The patient's side and guests.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Asks the office to call instead.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` for what is no phone number, or when the visit is over.
#[server(endpoint = "video/call-me", output = Answer)]
pub async fn call_me(patient: PatientId, visit: Uuid, #[server(default)] phone: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::video::call_backs,
        platform::request as web,
    };
    let grant = allow::<policy::JoinVideo>(patient).await?;
    call_backs::ask(&grant, visit, &phone).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/video?done=call"));
    Ok(())
}

/// Says that one is ready for a visit that is held outside. Twice is once.
///
/// # Errors
/// `NotFound` for a visit of another chart, or that is held here; `Invalid` when it is not the time for it.
#[server(endpoint = "video/ready", output = Answer)]
pub async fn say_ready(patient: PatientId, visit: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::video::{
            entering,
            model::{Gate, Way},
            problem,
            room::VideoVisit,
        },
        platform::request as web,
    };
    let grant = allow::<policy::JoinVideo>(patient).await?;
    let found = VideoVisit::of(&grant, visit).await?;
    if !matches!(found.way, Way::Outside(_)) {
        return Err(Error::NotFound);
    }
    if found.gate != Gate::Open {
        return Err(Error::form(problem::NOT_OPEN));
    }
    entering::comes(&grant, &found).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/video"));
    Ok(())
}

/// Makes a link for a guest.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` without saying for whom, for too many, or when the visit is over.
#[server(endpoint = "video/invite", output = Answer)]
pub async fn invite_guest(patient: PatientId, visit: Uuid, #[server(default)] whom: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::{
            scheduling::act::Actor,
            video::{guests, room::VideoVisit},
        },
        platform::{request as web, secret::Secret},
    };
    let grant = allow::<policy::JoinVideo>(patient).await?;
    let found = VideoVisit::of(&grant, visit).await?;
    guests::invite(&grant, &web::context::<Secret>()?, &found, &whom, &Actor::patients_side(&grant)?).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/guests?done=invited"));
    Ok(())
}

/// Ends the link of a guest.
///
/// # Errors
/// `NotFound` for a visit of another chart, or a link of another visit.
#[server(endpoint = "video/end-guest", output = Answer)]
pub async fn end_guest(patient: PatientId, visit: Uuid, guest: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::video::{guests, room::VideoVisit},
        platform::request as web,
    };
    let grant = allow::<policy::JoinVideo>(patient).await?;
    let found = VideoVisit::of(&grant, visit).await?;
    guests::end(&grant, found.visit.id, guest).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits/{visit}/guests?done=guest-ended"));
    Ok(())
}

/// Says how a guest is called, who came by their link.
///
/// # Errors
/// `NotFound` for a link that leads nowhere; `Invalid` without a name; `TooManyTries`.
#[server(endpoint = "video/guest-name", output = Answer)]
pub async fn say_name(#[server(default)] code: String, #[server(default)] name: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::video::guests,
        platform::request as web,
    };
    let grant = allow::<policy::UseVideoRoom>(()).await?;
    guests::say_name(&grant, &code, &name).await?;
    web::redirect_plain_form(&format!("/video/guest/{code}"));
    Ok(())
}
