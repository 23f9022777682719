//! Hours and blocked time.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// Adds hours of a clinician.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/add-hours", output = Answer)]
pub async fn add_hours(
    clinician: Uuid,
    department: Uuid,
    #[server(default)] day: HashMap<String, String>,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] first_on: String,
    #[server(default)] last_on: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar::{self, Hours},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let ticked = day.iter().filter(|(_, ticked)| *ticked == "true");
    let weekdays = ticked.filter_map(|(name, _)| name.strip_prefix('d')?.parse().ok()).collect();
    let hours = Hours { clinician, department, weekdays, from: &from, until: &until, first_on: &first_on, last_on: &last_on };
    calendar::add_hours(&grant, &hours).await?;
    web::redirect_plain_form(&format!("/staff/schedule/hours/{clinician}?done=added"));
    Ok(())
}

/// Ends hours with a day.
///
/// # Errors
/// `NotFound` for hours of other departments; `Invalid` for what is no date.
#[server(endpoint = "schedules/end-hours", output = Answer)]
pub async fn end_hours(id: Uuid, #[server(default)] last_on: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let clinician = calendar::end_hours(&grant, id, &last_on).await?;
    web::redirect_plain_form(&format!("/staff/schedule/hours/{clinician}?done=ended"));
    Ok(())
}

/// Blocks time.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/block", output = Answer)]
pub async fn block(
    department: Uuid,
    #[server(default)] clinician: String,
    #[server(default)] day: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] reason: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar::{self, Block},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let who = if clinician.is_empty() { None } else { Some(clinician.parse().map_err(|_| Error::NotFound)?) };
    calendar::block(&grant, &Block { department, clinician: who, day: &day, from: &from, until: &until, reason: &reason }).await?;
    web::redirect_plain_form(&format!("/staff/schedule?who={clinician}&day={}&done=blocked", day.trim()));
    Ok(())
}

/// Opens blocked time again.
///
/// # Errors
/// `NotFound` for that of other departments.
#[server(endpoint = "schedules/unblock", output = Answer)]
pub async fn unblock(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::calendar,
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    calendar::unblock(&grant, id).await?;
    web::redirect_plain_form("/staff/schedule?done=unblocked");
    Ok(())
}
