//! The steps of getting an account. All are plain forms.

use leptos::prelude::*;

use crate::base::error::Error;

#[cfg(feature = "ssr")]
const COOKIE: &str = "sign_up";
/// The link by which somebody came, to go back to once they have an account.
#[cfg(feature = "ssr")]
const INVITATION_COOKIE: &str = "invitation";

/// Step 1: the activation code with what proves the person.
///
/// # Errors
/// `Invalid` says why the code is refused; `TooManyTries`.
#[server(endpoint = "sign-up/enter-code")]
pub async fn enter_code(
    code: String,
    birth_date: String,
    #[server(default)] zip: String,
    #[server(default)] phone: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::SignUp>(()).await?;
    let token = super::store::begin_with_code(&grant, &super::store::WithCode { code, birth_date, zip, phone }).await?;
    web::keep_cookie(COOKIE, &token, 7200)?;
    web::redirect_plain_form("/sign-up/id");
    Ok(())
}

/// Asks for a code by e-mail. The answer is the same with and without a match.
///
/// # Errors
/// `Invalid` for what cannot be a person; `TooManyTries`.
#[server(endpoint = "sign-up/request-code")]
pub async fn request_code(
    given_name: String,
    family_name: String,
    birth_date: String,
    #[server(default)] zip: String,
    #[server(default)] phone: String,
    email: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::SignUp>(()).await?;
    let typed = super::store::WithoutCode { given_name, family_name, birth_date, zip, phone, email };
    super::store::request_code(&grant, &typed).await?;
    web::redirect_plain_form("/sign-up/requested");
    Ok(())
}

/// Begins an account for somebody who was invited and is no patient here.
///
/// # Errors
/// `Invalid` for a minor; `NotFound` for an invitation that is over.
#[server(endpoint = "sign-up/begin-as-invited")]
pub async fn begin_as_invited(token: String, name: String, birth_date: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::SignUp>(()).await?;
    let begun = super::store::begin_as_invited(&grant, &token, &name, &birth_date).await?;
    web::keep_cookie(COOKIE, &begun, 7200)?;
    web::keep_cookie(INVITATION_COOKIE, &token, 7200)?;
    web::redirect_plain_form("/sign-up/id");
    Ok(())
}

/// Step 2: user name, password, security question.
///
/// # Errors
/// `Invalid` with everything that is wrong; `NotFound` when no sign-up is under way.
#[server(endpoint = "sign-up/choose-id")]
pub async fn choose_id(
    username: String,
    #[server(default)] password: String,
    #[server(default)] repeat: String,
    #[server(default)] question: String,
    #[server(default)] answer: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::SignUp>(()).await?;
    let row = super::store::under_way(&grant, web::cookie(COOKIE)).await?.ok_or(Error::NotFound)?;
    let chosen = super::store::Chosen { username, password, repeat, question, answer };
    super::store::choose_id(&grant, &row, &passwords, chosen).await?;
    web::redirect_plain_form("/sign-up/contact");
    Ok(())
}

/// Step 3: e-mail address and notices; then the account is there and its owner signed in.
///
/// # Errors
/// `Invalid` for the address; `NotFound` when no sign-up is under way.
#[server(endpoint = "sign-up/finish")]
pub async fn finish_sign_up(email: String, #[server(default)] notices: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        platform::request as web,
    };
    let rules = web::context::<SessionRules>()?;
    let grant = allow::<policy::SignUp>(()).await?;
    let row = super::store::under_way(&grant, web::cookie(COOKIE)).await?.ok_or(Error::NotFound)?;
    let invited = row.invitation_id.is_some();
    let (_, token) = super::store::finish(&grant, row, &email, notices != "no").await?;
    web::set_cookie(&rules.cookie(&token));
    web::keep_cookie(COOKIE, "", 0)?;
    // Whoever was invited goes on to what they were invited to.
    let next = web::cookie(INVITATION_COOKIE).filter(|_| invited).map_or("/home".to_owned(), |token| format!("/invitation?token={token}"));
    web::redirect_plain_form(&next);
    Ok(())
}
