//! The way from the sign-in form to a session, and out again. All are plain forms.

use leptos::prelude::*;

use super::{
    model::safe_next,
    store::{self, SignedIn, Typed},
};
use crate::{
    access::{allow, draft, policy, session::SessionRules},
    base::{answer::Answer, error::Error},
    desk::check_in::way_back,
    features::account::second_step::{
        api::{DEVICE_COOKIE, STEP_COOKIE},
        model::STEP_LIFE,
        offer,
    },
    platform::{password_hash::Passwords, push::phone, request as web},
};

/// Opens a session, or begins its second step, and answers with the path to go on to.
///
/// # Errors
/// `WrongCredentials`, `Locked`, `TooManyTries` or `Busy`.
#[server(endpoint = "sign-in/sign-in", output = Answer)]
pub async fn sign_in(username: String, password: String, #[server(default)] next: String) -> Result<String, Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::SignIn>(()).await?;
    let next = safe_next(&next).to_owned();
    let device = web::cookie(DEVICE_COOKIE);
    let typed = Typed { username, password, next: next.clone(), device };
    let next = match store::sign_in(&grant, &passwords, typed).await? {
        SignedIn::Opened(opened) => {
            offer::offer(&grant, &opened).await?;
            opened.enter()?;
            next
        }
        SignedIn::SecondStep(token) => {
            web::keep_cookie(STEP_COOKIE, &token, STEP_LIFE.num_seconds())?;
            "/sign-in/second-step".to_owned()
        }
    };
    web::redirect_plain_form(&next);
    Ok(next)
}

/// Ends this session. Always posted by a plain form: the whole page is left behind.
///
/// # Errors
/// `SignInNeeded` when it has ended already.
#[server(endpoint = "sign-in/sign-out", output = Answer)]
pub async fn sign_out() -> Result<(), Error> {
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    store::sign_out(&grant).await?;
    forget_session("/sign-in?left=here")
}

/// Ends every session of this account.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "sign-in/sign-out-everywhere", output = Answer)]
pub async fn sign_out_everywhere() -> Result<(), Error> {
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    store::sign_out_everywhere(&grant).await?;
    forget_session("/sign-in?left=everywhere")
}

fn forget_session(next: &str) -> Result<(), Error> {
    web::set_cookie(&web::context::<SessionRules>()?.no_cookie());
    // On a shared computer the next person finds nothing that was typed or shown.
    for name in [draft::COOKIE, draft::UNSENT_COOKIE, web::ONCE_COOKIE, phone::COOKIE, way_back::COOKIE] {
        web::keep_cookie(name, "", 0)?;
    }
    offer::close()?;
    // Pages that the browser keeps for going back are gone too.
    web::set_header("clear-site-data", "\"cache\"");
    web::redirect_plain_form(next);
    Ok(())
}
