//! Passing the second step, and setting it up.

use leptos::prelude::*;

use crate::base::error::Error;

#[cfg(feature = "ssr")]
pub(crate) const STEP_COOKIE: &str = "step";
#[cfg(feature = "ssr")]
pub(crate) const DEVICE_COOKIE: &str = "device";
#[cfg(feature = "ssr")]
const PASSKEY_COOKIE: &str = "passkey";

/// Takes the code of a sign-in that waits, and opens the session.
///
/// # Errors
/// `Invalid` for a wrong code; `SignInNeeded` when sign-in has to start anew; `Locked`.
#[server(endpoint = "second-step/pass")]
pub async fn pass_second_step(code: String, #[server(default)] trust: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        platform::request as web,
    };
    let rules = web::context::<SessionRules>()?;
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let waiting = super::store::waiting(&grant, web::cookie(STEP_COOKIE)).await?.ok_or(Error::SignInNeeded)?;
    let passed = super::store::pass(&grant, waiting, &code, trust == "true").await?;
    web::set_cookie(&rules.cookie(&passed.opened.token));
    web::set_cookie(&web::language_cookie(&passed.opened.locale, rules.secure));
    web::keep_cookie(STEP_COOKIE, "", 0)?;
    if let Some(trust) = passed.trust {
        web::keep_cookie(DEVICE_COOKIE, &trust, super::model::TRUST.num_seconds())?;
    }
    web::redirect_plain_form(&passed.next);
    Ok(())
}

/// Mails a code for a sign-in that waits.
///
/// # Errors
/// `SignInNeeded` when sign-in has to start anew; `NotFound` when this account gets none.
#[server(endpoint = "second-step/mail-code")]
pub async fn mail_code() -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let waiting = super::store::waiting(&grant, web::cookie(STEP_COOKIE)).await?.ok_or(Error::SignInNeeded)?;
    super::store::mail_code(&grant, &waiting).await?;
    web::redirect_plain_form("/sign-in/second-step");
    Ok(())
}

/// Switches the authenticator app on.
///
/// # Errors
/// `Invalid` for a wrong code.
#[server(endpoint = "second-step/confirm-app")]
pub async fn confirm_app(code: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let codes = super::store::confirm_app(&grant, &code).await?;
    web::show_once(&codes.join("."))?;
    web::redirect_plain_form("/account/recovery-codes");
    Ok(())
}

/// Switches the authenticator app off.
///
/// # Errors
/// `Invalid` for a wrong password.
#[server(endpoint = "second-step/remove-app")]
pub async fn remove_app(password: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::remove_app(&grant, &passwords, password).await?;
    web::redirect_plain_form("/account/second-step");
    Ok(())
}

/// Switches codes by e-mail on or off.
///
/// # Errors
/// `Invalid` without a proved address, or for a wrong password.
#[server(endpoint = "second-step/set-email-code")]
pub async fn set_email_code(on: bool, #[server(default)] password: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::set_email_code(&grant, &passwords, on, password).await?;
    web::redirect_plain_form("/account/second-step");
    Ok(())
}

/// Makes fresh recovery codes.
///
/// # Errors
/// When the database fails.
#[server(endpoint = "second-step/renew-codes")]
pub async fn renew_recovery_codes() -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let codes = super::store::renew_recovery_codes(&grant).await?;
    web::show_once(&codes.join("."))?;
    web::redirect_plain_form("/account/recovery-codes");
    Ok(())
}

/// Ends a session or the trust in a device.
///
/// # Errors
/// `NotFound` for somebody else's.
#[server(endpoint = "second-step/revoke-device")]
pub async fn revoke_device(id: uuid::Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::revoke_device(&grant, id).await?;
    web::redirect_plain_form("/account/devices");
    Ok(())
}

/// What the browser is to be asked: for a new passkey, or to sign in with one. JSON as WebAuthn defines it.
///
/// # Errors
/// `SignInNeeded` for a new passkey of nobody.
#[server(endpoint = "second-step/start-passkey")]
pub async fn start_passkey(new: bool) -> Result<String, Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let (challenge, json) = if new {
        super::passkeys::start_new(&allow::<policy::ManageOwnAccount>(()).await?).await?
    } else {
        super::passkeys::start_sign_in(&allow::<policy::PassSecondStep>(()).await?).await?
    };
    web::keep_cookie(PASSKEY_COOKIE, &challenge.to_string(), 300)?;
    Ok(json)
}

/// Takes the browser's answer and says where to go on.
///
/// # Errors
/// `NotFound` for an answer that does not fit.
#[server(endpoint = "second-step/finish-passkey")]
pub async fn finish_passkey(new: bool, credential: String) -> Result<String, Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        platform::request as web,
    };
    let rules = web::context::<SessionRules>()?;
    let challenge = web::cookie(PASSKEY_COOKIE).and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    web::keep_cookie(PASSKEY_COOKIE, "", 0)?;
    if new {
        let grant = allow::<policy::ManageOwnAccount>(()).await?;
        super::passkeys::finish_new(&grant, challenge, &credential).await?;
        return Ok("/account/second-step".into());
    }
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let opened = super::passkeys::finish_sign_in(&grant, challenge, &credential).await?;
    web::set_cookie(&rules.cookie(&opened.token));
    web::set_cookie(&web::language_cookie(&opened.locale, rules.secure));
    Ok("/home".into())
}

/// Removes a passkey of one's own.
///
/// # Errors
/// `NotFound` for somebody else's.
#[server(endpoint = "second-step/remove-passkey")]
pub async fn remove_passkey(id: uuid::Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::passkeys::remove(&grant, id).await?;
    web::redirect_plain_form("/account/second-step");
    Ok(())
}
