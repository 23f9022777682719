//! What the forms of one's own account post to.

use leptos::prelude::*;

use super::store;
use crate::{
    access::{allow, policy, session::SessionRules},
    base::{answer::Answer, error::Error, i18n::Locale, text::is_local, why::Why},
    platform::{mail::model::News, password_hash::Passwords, request as web},
};

/// Chooses the language of this browser and, for somebody who is signed in, of the account. Always posted by a plain form.
///
/// # Errors
/// `NotFound` for a language that we do not speak.
#[server(endpoint = "account/choose-language", output = Answer)]
pub async fn choose_language(language: String, #[server(default)] back: String) -> Result<(), Error> {
    let locale = Locale::from_tag(&language).ok_or(Error::NotFound)?;
    match allow::<policy::UseOwnAccount>(()).await {
        Ok(grant) => store::keep_locale(&grant, locale).await?,
        Err(Error::SignInNeeded) => {}
        Err(error) => return Err(error),
    }
    web::set_cookie(&web::language_cookie(locale.tag(), web::context::<SessionRules>()?.secure));
    web::redirect_plain_form(if is_local(&back) { &back } else { "/" });
    Ok(())
}

/// Changes the password of whoever is signed in; every other session ends.
///
/// # Errors
/// `Invalid` says what is wrong; `Locked` after too many wrong passwords.
#[server(endpoint = "account/change-password", output = Answer)]
pub async fn change_password(password: String, new_password: String, repeat: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    store::change_password(&grant, &passwords, password, new_password, repeat).await?;
    web::redirect_plain_form("/account?done=password");
    Ok(())
}

/// Changes the user name.
///
/// # Errors
/// `Invalid` says what is wrong; `Locked` after too many wrong passwords.
#[server(endpoint = "account/change-username", output = Answer)]
pub async fn change_username(username: String, password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    store::change_username(&grant, &passwords, &username, password).await?;
    web::redirect_plain_form("/account?done=username");
    Ok(())
}

/// Mails a link to a new address, which counts once the link was opened.
///
/// # Errors
/// `Invalid` says what is wrong; `Locked` after too many wrong passwords.
#[server(endpoint = "account/change-email", output = Answer)]
pub async fn change_email(email: String, password: String) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    store::change_email(&grant, &passwords, &email, password).await?;
    web::redirect_plain_form("/account?done=email");
    Ok(())
}

/// Chooses which news come by e-mail, and when none do.
///
/// # Errors
/// When the database fails.
#[server(endpoint = "account/choose-notices", output = Answer)]
pub async fn choose_notices(
    #[server(default)] family: String,
    #[server(default)] record: String,
    #[server(default)] answers: String,
    #[server(default)] visits: String,
    #[server(default)] bills: String,
    #[server(default)] quiet_from: String,
    #[server(default)] quiet_until: String,
) -> Result<(), Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let chosen = [(News::Family, family), (News::Record, record), (News::Answers, answers), (News::Visits, visits), (News::Bills, bills)];
    let off = chosen.into_iter().filter(|(_, wanted)| wanted != "true").map(|(news, _)| news).collect();
    store::choose_notices(&grant, off, (quiet_from.parse().ok(), quiet_until.parse().ok())).await?;
    web::redirect_plain_form("/account?done=notices");
    Ok(())
}

/// Closes the account: nobody can sign in with it any more, and its access to others' charts ends. The record stays with the
/// hospital.
///
/// # Errors
/// `Invalid` for a wrong password or without the confirmation.
#[server(endpoint = "account/close", output = Answer)]
pub async fn close_account(password: String, #[server(default)] sure: String) -> Result<(), Error> {
    let (passwords, rules) = (web::context::<Passwords>()?, web::context::<SessionRules>()?);
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    if sure != "true" {
        return Err(Error::field("sure", Why::NOT_CONFIRMED));
    }
    store::close(&grant, &passwords, password).await?;
    web::set_cookie(&rules.no_cookie());
    web::redirect_plain_form("/sign-in?left=closed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use leptos::server_fn::ServerFn;

    use super::ChooseLanguage;
    use crate::features::account::settings::CHOOSE_LANGUAGE;

    #[test]
    fn the_browser_knows_where_a_language_is_posted() {
        assert_eq!(CHOOSE_LANGUAGE, ChooseLanguage::PATH);
    }
}
