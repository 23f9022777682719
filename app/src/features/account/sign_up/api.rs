//! The steps of getting an account. All are plain forms.

use leptos::prelude::*;

use super::{
    by_code::{self, WithCode},
    by_request::{self, WithoutCode},
    store::{self, Chosen},
};
use crate::{
    access::{allow, policy},
    base::{answer::Answer, error::Error, text::is_local},
    platform::{password_hash::Passwords, request as web},
};

/// Holds the token of the sign-up that was begun in this browser.
pub(super) const COOKIE: &str = "sign_up";
/// Where whoever was invited goes on to, once they have an account.
const NEXT_COOKIE: &str = "sign_up_next";
/// How long the browser keeps both, in seconds.
const COOKIE_LIFE: i64 = 7200;

/// Keeps in the browser that a sign-up was begun, and where it leads in the end; then goes on to its next step.
///
/// # Errors
/// When the server was put together without session rules.
pub(crate) fn go_on(token: &str, next: Option<&str>) -> Result<(), Error> {
    web::keep_cookie(COOKIE, token, COOKIE_LIFE)?;
    if let Some(next) = next {
        web::keep_cookie(NEXT_COOKIE, next, COOKIE_LIFE)?;
    }
    web::redirect_plain_form("/sign-up/id");
    Ok(())
}

/// Step 1: the activation code with what proves the person.
///
/// # Errors
/// `Invalid` says why the code is refused; `TooManyTries`.
#[server(endpoint = "sign-up/enter-code", output = Answer)]
pub async fn enter_code(
    activation_code: String,
    birth_date: String,
    #[server(default)] zip: String,
    #[server(default)] phone: String,
) -> Result<(), Error> {
    let grant = allow::<policy::SignUp>(()).await?;
    let token = by_code::begin_with_code(&grant, &WithCode { code: activation_code, birth_date, zip, phone }).await?;
    go_on(&token, None)
}

/// Asks for a code by e-mail. The answer is the same with and without a match.
///
/// # Errors
/// `Invalid` for what cannot be a person; `TooManyTries`.
#[server(endpoint = "sign-up/request-code", output = Answer)]
pub async fn request_code(
    given_name: String,
    family_name: String,
    birth_date: String,
    #[server(default)] zip: String,
    #[server(default)] phone: String,
    email: String,
) -> Result<(), Error> {
    let grant = allow::<policy::SignUp>(()).await?;
    let typed = WithoutCode { given_name, family_name, birth_date, zip, phone, email };
    by_request::request_code(&grant, &typed).await?;
    web::redirect_plain_form("/sign-up/requested");
    Ok(())
}

/// Step 2: user name, password, security question.
///
/// # Errors
/// `Invalid` with everything that is wrong; `NotFound` when no sign-up is under way.
#[server(endpoint = "sign-up/choose-id", output = Answer)]
pub async fn choose_id(
    username: String,
    #[server(default)] password: String,
    #[server(default)] repeat: String,
    #[server(default)] question: String,
    #[server(default)] answer: String,
) -> Result<(), Error> {
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::SignUp>(()).await?;
    let row = store::under_way(&grant, web::cookie(COOKIE)).await?.ok_or(Error::NotFound)?;
    let chosen = Chosen { username, password, repeat, question, answer };
    store::choose_id(&grant, &row, &passwords, chosen).await?;
    web::redirect_plain_form("/sign-up/contact");
    Ok(())
}

/// Step 3: e-mail address and notices; then the account is there and its owner signed in.
///
/// # Errors
/// `Invalid` for the address; `NotFound` when no sign-up is under way.
#[server(endpoint = "sign-up/finish", output = Answer)]
pub async fn finish_sign_up(email: String, #[server(default)] notices: String) -> Result<(), Error> {
    let grant = allow::<policy::SignUp>(()).await?;
    let row = store::under_way(&grant, web::cookie(COOKIE)).await?.ok_or(Error::NotFound)?;
    let invited = row.invitation_id.is_some();
    store::finish(&grant, row, &email, notices != "no").await?.enter()?;
    for name in [COOKIE, NEXT_COOKIE] {
        web::keep_cookie(name, "", 0)?;
    }
    // Whoever was invited goes on to what they were invited to.
    let next = web::cookie(NEXT_COOKIE).filter(|next| invited && is_local(next));
    web::redirect_plain_form(next.as_deref().unwrap_or("/home"));
    Ok(())
}
