//! The ways back in. All are plain forms.

use leptos::prelude::*;

use super::store::{self, Lost, NewPassword};
use crate::{
    access::{allow, policy},
    base::{answer::Answer, error::Error, why::Why},
    platform::{password_hash::Passwords, request as web},
};

/// Mails what was lost. The answer is the same whether or not there is such an account.
///
/// # Errors
/// `Invalid` for what cannot be an address or a date; `TooManyTries`.
#[server(endpoint = "recovery/ask", output = Answer)]
pub async fn ask_recovery(#[server(default)] lost: String, email: String, birth_date: String) -> Result<(), Error> {
    let grant = allow::<policy::Recover>(()).await?;
    let lost = Lost::from_form(&lost).ok_or(Error::field("lost", Why::MISSING))?;
    store::ask(&grant, lost, &email, &birth_date).await?;
    web::redirect_plain_form("/recover/sent");
    Ok(())
}

/// Takes a new password from somebody who holds a link and proves who they are.
///
/// # Errors
/// `Invalid` says what is wrong; a link is good once and for an hour.
#[server(endpoint = "recovery/choose-password", output = Answer)]
pub async fn choose_password(
    token: String,
    #[server(default)] answer: String,
    #[server(default)] code: String,
    password: String,
    repeat: String,
) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::Recover>(()).await?;
    store::choose_password(&grant, &passwords, &token, NewPassword { answer, code, password, repeat }).await?;
    web::redirect_plain_form("/sign-in?left=recovered");
    Ok(())
}

/// Takes an e-mail address as proved by its link.
///
/// # Errors
/// `Invalid` when the link is over.
#[server(endpoint = "recovery/prove-email", output = Answer)]
pub async fn prove_email(token: String) -> Result<(), Error> {
    let grant = allow::<policy::Recover>(()).await?;
    store::prove_email(&grant, &token).await?;
    web::redirect_plain_form("/recover/email-proved");
    Ok(())
}
