//! What an account asks about itself.

use leptos::prelude::*;

use super::model::Session;
use crate::error::Error;

/// Who is signed in, asked anew for every page.
///
/// # Errors
/// `SignInNeeded` when nobody is.
#[server(endpoint = "account/session")]
pub async fn read_session() -> Result<Session, Error> {
    use crate::access::{allow, policy, session::SessionRules};
    let idle = crate::web::context::<SessionRules>()?.idle;
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    super::store::session(&grant, u32::try_from(idle.num_seconds()).unwrap_or(u32::MAX)).await
}

/// Chooses the language of this browser and, for somebody who is signed in, of the account. Always posted by a plain form.
///
/// # Errors
/// `NotFound` for a language that we do not speak.
#[server(endpoint = "account/choose-language")]
pub async fn choose_language(language: String, #[server(default)] back: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy, session::SessionRules},
        i18n::Locale,
        web,
    };
    let locale = Locale::from_tag(&language).ok_or(Error::NotFound)?;
    match allow::<policy::UseOwnAccount>(()).await {
        Ok(grant) => super::store::keep_locale(&grant, locale).await?,
        Err(Error::SignInNeeded) => {}
        Err(error) => return Err(error),
    }
    web::set_cookie(&web::language_cookie(locale.tag(), web::context::<SessionRules>()?.secure));
    web::redirect_plain_form(if crate::sign_in::is_local(&back) { &back } else { "/" });
    Ok(())
}
