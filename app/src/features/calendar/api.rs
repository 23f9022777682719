//! Making, changing and ending the address of one's calendar.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::base::{answer::Answer, error::Error};

/// Keeps whose visits the calendar shows, and what of them; makes its address where there is none.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in; `NotFound` for somebody whose visits the caller does not see; `Invalid` without anybody.
#[server(endpoint = "calendar/keep", output = Answer)]
pub async fn keep_calendar(
    #[server(default)] people: HashMap<String, String>,
    #[server(default)] details: String,
    #[server(default)] names: String,
) -> Result<(), Error> {
    use super::{events::Told, feeds};
    use crate::{
        access::{allow, policy},
        base::ids::PatientId,
        platform::{request as web, secret::Secret},
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let mut chosen: Vec<PatientId> = Vec::new();
    for (name, _) in people.iter().filter(|(_, ticked)| *ticked == "true") {
        chosen.push(name.strip_prefix('p').and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?);
    }
    let is_new =
        feeds::keep(&grant, &web::context::<Secret>()?, &chosen, Told { details: details == "true", name: names == "true" }).await?;
    web::redirect_plain_form(if is_new { "/account/calendar?done=made" } else { "/account/calendar?done=kept" });
    Ok(())
}

/// Makes another address; the one before ends.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in; `NotFound` without an address.
#[server(endpoint = "calendar/renew", output = Answer)]
pub async fn renew_calendar() -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{request as web, secret::Secret},
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::feeds::renew(&grant, &web::context::<Secret>()?).await?;
    web::redirect_plain_form("/account/calendar?done=renewed");
    Ok(())
}

/// Ends the address.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "calendar/end", output = Answer)]
pub async fn end_calendar() -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::feeds::end(&grant).await?;
    web::redirect_plain_form("/account/calendar?done=ended");
    Ok(())
}
