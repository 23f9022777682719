//! The way from the sign-in form to a session, and out again.

use leptos::prelude::*;

use crate::base::error::Error;

/// Opens a session, or begins its second step, and answers with the path to go on to.
///
/// # Errors
/// `WrongCredentials`, `Locked`, `TooManyTries` or `Busy`.
#[server(endpoint = "sign-in/sign-in")]
pub async fn sign_in(username: String, password: String, #[server(default)] next: String) -> Result<String, Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        platform::request as web,
    };
    let (passwords, rules) = (web::context::<crate::platform::password_hash::Passwords>()?, web::context::<SessionRules>()?);
    let grant = allow::<policy::SignIn>(()).await?;
    let next = super::model::safe_next(&next).to_owned();
    let device = web::cookie(crate::features::account::second_step::api::DEVICE_COOKIE);
    let typed = super::store::Typed { username, password, next: next.clone(), device };
    let next = match super::store::sign_in(&grant, &passwords, typed).await? {
        super::store::SignedIn::Opened(opened) => {
            web::set_cookie(&rules.cookie(&opened.token));
            web::set_cookie(&web::language_cookie(&opened.locale, rules.secure));
            next
        }
        super::store::SignedIn::SecondStep(token) => {
            web::keep_cookie(
                crate::features::account::second_step::api::STEP_COOKIE,
                &token,
                crate::features::account::second_step::model::STEP_LIFE.num_seconds(),
            )?;
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
#[server(endpoint = "sign-in/sign-out")]
pub async fn sign_out() -> Result<(), Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    super::store::sign_out(&grant).await?;
    forget_session("/sign-in?left=here")
}

/// Ends every session of this account.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "sign-in/sign-out-everywhere")]
pub async fn sign_out_everywhere() -> Result<(), Error> {
    use crate::access::{allow, policy};
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    super::store::sign_out_everywhere(&grant).await?;
    forget_session("/sign-in?left=everywhere")
}

/// Says that somebody is still there: the session's idle time starts anew.
///
/// # Errors
/// `SignInNeeded` when the session has ended meanwhile.
#[server(endpoint = "sign-in/stay")]
pub async fn stay_signed_in() -> Result<(), Error> {
    use crate::access::{allow, policy};
    allow::<policy::UseOwnAccount>(()).await.map(|_| ())
}

#[cfg(feature = "ssr")]
fn forget_session(next: &str) -> Result<(), Error> {
    use crate::{access::session::SessionRules, platform::request as web};
    web::set_cookie(&web::context::<SessionRules>()?.no_cookie());
    // On a shared computer the next person finds nothing that was typed or shown.
    for name in [crate::access::draft::COOKIE, web::ONCE_COOKIE] {
        web::keep_cookie(name, "", 0)?;
    }
    web::redirect_plain_form(next);
    Ok(())
}
