//! Passing the second step, and setting it up. All are plain forms; the functions for passkeys are in `account::api`.

use leptos::prelude::*;
use uuid::Uuid;

use super::{app, codes, devices, model::TRUST, offer, passkeys, setup, step};
use crate::{
    access::{allow, policy},
    base::{answer::Answer, error::Error},
    platform::{password_hash::Passwords, request as web},
};

pub(crate) const STEP_COOKIE: &str = "step";
pub(crate) const DEVICE_COOKIE: &str = "device";
/// What is shown once: recovery codes just made.
pub(super) const NEW_CODES: &str = "recovery-codes";

/// Takes the code of a sign-in that waits, and opens the session.
///
/// # Errors
/// `Invalid` for a wrong code; `SignInNeeded` when sign-in has to start anew; `Locked`.
#[server(endpoint = "second-step/pass", output = Answer)]
pub async fn pass_second_step(code: String, #[server(default)] trust: String) -> Result<(), Error> {
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let pending = step::pending(&grant, web::cookie(STEP_COOKIE)).await?.ok_or(Error::SignInNeeded)?;
    let passed = step::pass(&grant, pending, &code, trust == "true").await?;
    offer::offer(&grant, &passed.opened).await?;
    passed.opened.enter()?;
    web::keep_cookie(STEP_COOKIE, "", 0)?;
    if let Some(trust) = passed.trust {
        web::keep_cookie(DEVICE_COOKIE, &trust, TRUST.num_seconds())?;
    }
    web::redirect_plain_form(&passed.next);
    Ok(())
}

/// Mails a code for a sign-in that waits.
///
/// # Errors
/// `SignInNeeded` when sign-in has to start anew; `NotFound` when this account gets none.
#[server(endpoint = "second-step/mail-code", output = Answer)]
pub async fn mail_code() -> Result<(), Error> {
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let pending = step::pending(&grant, web::cookie(STEP_COOKIE)).await?.ok_or(Error::SignInNeeded)?;
    step::mail_code(&grant, &pending).await?;
    web::redirect_plain_form("/sign-in/second-step");
    Ok(())
}

/// Switches the authenticator app on.
///
/// # Errors
/// `Invalid` for a wrong code or password.
#[server(endpoint = "second-step/confirm-app", output = Answer)]
pub async fn confirm_app(code: String, #[server(default)] password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let codes = app::confirm_app(&grant, &passwords, &code, password).await?;
    web::show_once(NEW_CODES, &codes.join("."))?;
    web::redirect_plain_form("/account/recovery-codes");
    Ok(())
}

/// Switches the authenticator app off.
///
/// # Errors
/// `Invalid` for a wrong password.
#[server(endpoint = "second-step/remove-app", output = Answer)]
pub async fn remove_app(password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    app::remove_app(&grant, &passwords, password).await?;
    web::redirect_plain_form("/account/second-step");
    Ok(())
}

/// Switches codes by e-mail on or off.
///
/// # Errors
/// `Invalid` without a proved address, or for a wrong password.
#[server(endpoint = "second-step/set-email-code", output = Answer)]
pub async fn set_email_code(on: bool, #[server(default)] password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    setup::set_email_code(&grant, &passwords, on, password).await?;
    web::redirect_plain_form("/account/second-step");
    Ok(())
}

/// Makes fresh recovery codes.
///
/// # Errors
/// `Invalid` for a wrong password.
#[server(endpoint = "second-step/renew-codes", output = Answer)]
pub async fn renew_recovery_codes(#[server(default)] password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let codes = codes::renew_recovery_codes(&grant, &passwords, password).await?;
    web::show_once(NEW_CODES, &codes.join("."))?;
    web::redirect_plain_form("/account/recovery-codes");
    Ok(())
}

/// Ends a session or the trust in a device.
///
/// # Errors
/// `NotFound` for somebody else's.
#[server(endpoint = "second-step/revoke-device", output = Answer)]
pub async fn revoke_device(id: Uuid) -> Result<(), Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    devices::revoke_device(&grant, id).await?;
    web::redirect_plain_form("/account/devices");
    Ok(())
}

/// Lets a passkey be added in this session for a few minutes.
///
/// # Errors
/// `Invalid` for a wrong password.
#[server(endpoint = "second-step/allow-passkey", output = Answer)]
pub async fn allow_passkey(#[server(default)] password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    passkeys::allow_new(&grant, &passwords, password).await?;
    web::redirect_plain_form("/account/second-step/passkey");
    Ok(())
}

/// Offers no passkey on this device any more.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "second-step/decline-passkey", output = Answer)]
pub async fn decline_passkey() -> Result<(), Error> {
    allow::<policy::UseOwnAccount>(()).await?;
    offer::decline()?;
    web::redirect_plain_form("/home");
    Ok(())
}

/// Removes a passkey of one's own.
///
/// # Errors
/// `NotFound` for somebody else's.
#[server(endpoint = "second-step/remove-passkey", output = Answer)]
pub async fn remove_passkey(id: Uuid) -> Result<(), Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    passkeys::remove(&grant, id).await?;
    web::redirect_plain_form("/account/second-step");
    Ok(())
}
