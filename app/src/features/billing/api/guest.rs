//! Paying without an account.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// Opens what is due by the number of the account and the last name of whoever is responsible.
///
/// # Errors
/// `Invalid` when these open nothing: which of them is wrong is not told; `TooManyTries`.
#[server(endpoint = "pay/find", output = Answer)]
pub async fn find_as_guest(#[server(default)] number: String, #[server(default)] family_name: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::guest,
        platform::request as web,
    };
    let grant = allow::<policy::PayAsGuest>(()).await?;
    guest::by_number(&grant, &number, &family_name).await?;
    web::redirect_plain_form("/pay/bills");
    Ok(())
}

/// Opens one bill by the code of its letter and the birth date of whoever is responsible.
///
/// # Errors
/// `Invalid` when these open nothing: which of them is wrong is not told; `TooManyTries`.
#[server(endpoint = "pay/code", output = Answer)]
pub async fn open_with_code(#[server(default)] letter_code: String, #[server(default)] birth_date: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::guest,
        platform::request as web,
    };
    let grant = allow::<policy::PayAsGuest>(()).await?;
    guest::by_code(&grant, &letter_code, &birth_date).await?;
    web::redirect_plain_form("/pay/bills");
    Ok(())
}

/// Writes down what a guest is about to pay.
///
/// # Errors
/// `Invalid` with everything that is wrong; `NotFound` when what was opened is closed again.
#[server(endpoint = "pay/prepare", output = Answer)]
pub async fn prepare_as_guest(#[server(default)] amount: HashMap<String, String>, #[server(default)] email: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::{text::is_email, why::Why},
        desk::billing::{guest, pay, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::PayAsGuest>(()).await?;
    let payer = guest::payer(&grant).await?;
    let email = email.trim();
    if !email.is_empty() && !is_email(email) {
        return Err(Error::field("email", Why::NOT_AN_EMAIL));
    }
    let tell = Some(email.to_owned()).filter(|email| !email.is_empty());
    let id = pay::prepare(&Till::of(&grant)?, &payer, &super::typed::parts(&amount)?, None, tell).await?;
    web::redirect_plain_form(&format!("/pay/payments/{id}/card"));
    Ok(())
}

/// Takes the card that a guest typed at the processor.
///
/// # Errors
/// `NotFound` for another payment; `Invalid` when there is no card.
#[server(endpoint = "pay/use-card", output = Answer)]
pub async fn use_card_as_guest(id: Uuid, #[server(default)] setup_intent: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{guest, pay, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::PayAsGuest>(()).await?;
    let payer = guest::payer(&grant).await?;
    pay::use_typed(&Till::of(&grant)?, &payer, id, &setup_intent, false).await?;
    web::redirect_plain_form(&format!("/pay/payments/{id}"));
    Ok(())
}

/// Pays as a guest. Twice is once.
///
/// # Errors
/// `NotFound` for another payment; `Invalid` when something changed meanwhile.
#[server(endpoint = "pay/pay", output = Answer)]
pub async fn pay_as_guest(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{guest, pay, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::PayAsGuest>(()).await?;
    let payer = guest::payer(&grant).await?;
    pay::pay(&Till::of(&grant)?, &payer, id).await?;
    web::redirect_plain_form(&format!("/pay/payments/{id}"));
    Ok(())
}

/// Stops a guest's payment of which the bank asks something more.
///
/// # Errors
/// `NotFound` for another payment; `Invalid` when the processor does not answer.
#[server(endpoint = "pay/stop", output = Answer)]
pub async fn stop_as_guest(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::{guest, pay, till::Till},
        platform::request as web,
    };
    let grant = allow::<policy::PayAsGuest>(()).await?;
    let payer = guest::payer(&grant).await?;
    pay::stop(&Till::of(&grant)?, &payer, id).await?;
    web::redirect_plain_form(&format!("/pay/payments/{id}"));
    Ok(())
}
