//! The office's side.

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Makes a link for a guest, as staff.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` without saying for whom, for too many, or when the visit is over.
#[server(endpoint = "video/staff-invite", output = Answer)]
pub async fn staff_invite(patient: PatientId, visit: Uuid, #[server(default)] whom: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::{
            scheduling::act::Actor,
            video::{day, guests},
        },
        platform::{request as web, secret::Secret},
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let found = day::video_visit(&grant, visit).await?;
    guests::invite(&grant, &web::context::<Secret>()?, &found, &whom, &Actor::staff(&grant)?).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}/guests?done=invited"));
    Ok(())
}

/// Ends the link of a guest, as staff.
///
/// # Errors
/// `NotFound` for a visit of other departments, or a link of another visit.
#[server(endpoint = "video/staff-end-guest", output = Answer)]
pub async fn staff_end_guest(patient: PatientId, visit: Uuid, guest: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::video::{day, guests},
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    let found = day::video_visit(&grant, visit).await?;
    guests::end(&grant, found.visit.id, guest).await?;
    web::redirect_plain_form(&format!("/staff/visits/{visit}/guests?done=guest-ended"));
    Ok(())
}

/// Marks somebody as called who asked for it, or takes that back.
///
/// # Errors
/// `NotFound` for a visit of other departments, or for which nobody asked.
#[server(endpoint = "video/called", output = Answer)]
pub async fn mark_called(patient: PatientId, visit: Uuid, #[server(default)] undo: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::video::call_backs,
        platform::request as web,
    };
    let grant = allow::<policy::ArrangeVisits>(patient).await?;
    call_backs::called(&grant, visit, undo != "true").await?;
    web::redirect_plain_form("/staff/video?done=called");
    Ok(())
}

/// Keeps how a department holds its visits by video.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `NotAllowed` for whoever changes nothing; `Invalid` for no number of minutes.
#[server(endpoint = "video/office", output = Answer)]
pub async fn keep_office(department: Uuid, #[server(default)] held: String, #[server(default)] opens_minutes: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::why::Why,
        desk::video::offices::keep,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let in_portal = match held.as_str() {
        "portal" => true,
        "outside" => false,
        _ => return Err(Error::field("held", Why::MISSING)),
    };
    keep(&grant, department, in_portal, &opens_minutes).await?;
    web::redirect_plain_form(&format!("/staff/video/{department}?done=kept"));
    Ok(())
}
