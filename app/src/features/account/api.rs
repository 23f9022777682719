//! What an account asks about itself.

use leptos::prelude::*;

use super::model::Session;
use crate::base::error::Error;

/// Who is signed in, asked anew for every page.
///
/// # Errors
/// `SignInNeeded` when nobody is.
#[server(endpoint = "account/session")]
pub async fn read_session() -> Result<Session, Error> {
    use crate::access::{allow, policy, session::SessionRules};
    let idle = crate::platform::request::context::<SessionRules>()?.idle;
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    super::store::session(&grant, u32::try_from(idle.num_seconds()).unwrap_or(u32::MAX))
}

/// Chooses the language of this browser and, for somebody who is signed in, of the account. Always posted by a plain form.
///
/// # Errors
/// `NotFound` for a language that we do not speak.
#[server(endpoint = "account/choose-language")]
pub async fn choose_language(language: String, #[server(default)] back: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        base::i18n::Locale,
        platform::request as web,
    };
    let locale = Locale::from_tag(&language).ok_or(Error::NotFound)?;
    match allow::<policy::UseOwnAccount>(()).await {
        Ok(grant) => super::store::keep_locale(&grant, locale).await?,
        Err(Error::SignInNeeded) => {}
        Err(error) => return Err(error),
    }
    web::set_cookie(&web::language_cookie(locale.tag(), web::context::<SessionRules>()?.secure));
    web::redirect_plain_form(if crate::base::text::is_local(&back) { &back } else { "/" });
    Ok(())
}

/// Changes the password of whoever is signed in; every other session ends.
///
/// # Errors
/// `Invalid` says what is wrong; `Locked` after too many wrong passwords.
#[server(endpoint = "account/change-password")]
pub async fn change_password(password: String, new_password: String, repeat: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::change_password(&grant, &passwords, password, new_password, repeat).await?;
    web::redirect_plain_form("/account?done=password");
    Ok(())
}

/// Changes the user name.
///
/// # Errors
/// `Invalid` says what is wrong; `Locked` after too many wrong passwords.
#[server(endpoint = "account/change-username")]
pub async fn change_username(username: String, password: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::change_username(&grant, &passwords, &username, password).await?;
    web::redirect_plain_form("/account?done=username");
    Ok(())
}

/// Mails a link to a new address, which counts once the link was opened.
///
/// # Errors
/// `Invalid` says what is wrong; `Locked` after too many wrong passwords.
#[server(endpoint = "account/change-email")]
pub async fn change_email(email: String, password: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    super::store::change_email(&grant, &passwords, &email, password).await?;
    web::redirect_plain_form("/account?done=email");
    Ok(())
}

/// Chooses which news come by e-mail, and when none do.
///
/// # Errors
/// When the database fails.
#[server(endpoint = "account/choose-notices")]
pub async fn choose_notices(
    #[server(default)] family: String,
    #[server(default)] record: String,
    #[server(default)] answers: String,
    #[server(default)] quiet_from: String,
    #[server(default)] quiet_until: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{mail::model::News, request as web},
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let chosen = [(News::Family, family), (News::Record, record), (News::Answers, answers)];
    let off = chosen.into_iter().filter(|(_, wanted)| wanted != "true").map(|(news, _)| news).collect();
    super::store::choose_notices(&grant, off, (quiet_from.parse().ok(), quiet_until.parse().ok())).await?;
    web::redirect_plain_form("/account?done=notices");
    Ok(())
}

/// Closes the account: nobody can sign in with it any more, and its access to others' charts ends. The record stays with the
/// hospital.
///
/// # Errors
/// `Invalid` for a wrong password or without the confirmation.
#[server(endpoint = "account/close")]
pub async fn close_account(password: String, #[server(default)] sure: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        base::error::Why,
        platform::{password_hash::Passwords, request as web},
    };
    let (passwords, rules) = (web::context::<Passwords>()?, web::context::<SessionRules>()?);
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    if sure != "true" {
        return Err(Error::field("sure", Why::NotConfirmed));
    }
    super::store::close(&grant, &passwords, password).await?;
    web::set_cookie(&rules.no_cookie());
    web::redirect_plain_form("/sign-in?left=closed");
    Ok(())
}
