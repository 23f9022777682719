//! What the browser asks of an account. All else is posted by plain forms and compiled for the server alone.

use leptos::prelude::*;

use super::model::Session;
use crate::base::{answer::Answer, error::Error};

#[cfg(feature = "ssr")]
const PASSKEY_COOKIE: &str = "passkey";

/// Who is signed in, asked anew for every page.
///
/// # Errors
/// `SignInNeeded` when nobody is.
#[server(endpoint = "account/session", output = Answer)]
pub async fn read_session() -> Result<Session, Error> {
    use crate::access::{allow, policy, session::SessionRules};
    let idle = crate::platform::request::context::<SessionRules>()?.idle;
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    super::store::session(&grant, u32::try_from(idle.num_seconds()).unwrap_or(u32::MAX))
}

/// Says that somebody is still there: the session's idle time starts anew.
///
/// # Errors
/// `SignInNeeded` when the session has ended meanwhile.
#[server(endpoint = "sign-in/stay", output = Answer)]
pub async fn stay_signed_in() -> Result<(), Error> {
    use crate::access::{allow, policy};
    allow::<policy::UseOwnAccount>(()).await.map(|_| ())
}

/// What the browser is to be asked: for a new passkey, or to sign in with one. JSON as WebAuthn defines it.
///
/// # Errors
/// `SignInNeeded` for a new passkey of nobody; `NotAllowed` for one without the password.
#[server(endpoint = "second-step/start-passkey", output = Answer)]
pub async fn start_passkey(new: bool) -> Result<String, Error> {
    use super::second_step::passkeys;
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let (challenge, json) = if new {
        passkeys::start_new(&allow::<policy::ManageOwnAccount>(()).await?).await?
    } else {
        passkeys::start_sign_in(&allow::<policy::PassSecondStep>(()).await?).await?
    };
    web::keep_cookie(PASSKEY_COOKIE, &challenge.to_string(), 300)?;
    Ok(json)
}

/// Takes the browser's answer and says where to go on.
///
/// # Errors
/// `NotFound` for an answer that does not fit.
#[server(endpoint = "second-step/finish-passkey", output = Answer)]
pub async fn finish_passkey(new: bool, credential: String) -> Result<String, Error> {
    use super::second_step::{offer, passkeys};
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let challenge = web::cookie(PASSKEY_COOKIE).and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    web::keep_cookie(PASSKEY_COOKIE, "", 0)?;
    if new {
        let grant = allow::<policy::ManageOwnAccount>(()).await?;
        passkeys::finish_new(&grant, challenge, &credential).await?;
        offer::close()?;
        return Ok("/account/second-step".into());
    }
    let grant = allow::<policy::PassSecondStep>(()).await?;
    let opened = passkeys::finish_sign_in(&grant, challenge, &credential).await?;
    offer::close()?;
    opened.enter()?;
    Ok("/home".into())
}
