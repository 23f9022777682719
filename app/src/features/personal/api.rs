//! Asking for a change of personal information.

use leptos::prelude::*;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Asks for a change of address or phone.
///
/// # Errors
/// `NotAllowed` for somebody who may only look; `Invalid`.
#[server(endpoint = "requests/change-details", output = Answer)]
pub async fn change_details(
    patient: PatientId,
    #[server(default)] address_line: String,
    #[server(default)] city: String,
    #[server(default)] state: String,
    #[server(default)] postal_code: String,
    #[server(default)] phone_mobile: String,
    #[server(default)] phone_home: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ChangePersonalInformation>(patient).await?;
    let typed = super::store::Details { address_line, city, state, postal_code, phone_mobile, phone_home };
    let number = super::store::ask_change(&grant, typed).await?;
    web::redirect_plain_form(&format!("/requests?sent={number}"));
    Ok(())
}
