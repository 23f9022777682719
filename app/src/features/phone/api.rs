//! What pages, `public/phone.js` and the service worker post to.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    base::{answer::Answer, error::Error},
    view::keep_offline::Kept,
};

/// Turns notices on in this browser: its address and keys, as it gives them.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in; `Invalid` for an address of no push service, or keys that are none.
#[server(endpoint = "phone/subscribe", output = Answer)]
pub async fn subscribe_push(endpoint: String, p256dh: String, auth: String) -> Result<(), Error> {
    use super::store;
    use crate::access::{allow, policy};
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    store::subscribe(&grant, &store::Address { endpoint, p256dh, auth }).await
}

/// Turns notices off in this browser.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "phone/unsubscribe", output = Answer)]
pub async fn unsubscribe_push(endpoint: String) -> Result<(), Error> {
    use crate::access::{allow, policy};
    super::store::unsubscribe(&allow::<policy::ManageOwnAccount>(()).await?, &endpoint).await
}

/// The browser has another address for the notices that are on: told by its service worker, also when nobody is signed in.
///
/// # Errors
/// `NotFound` for a browser without notices, or with another address before; `Invalid` as for the first one.
#[server(endpoint = "phone/renew", output = Answer)]
pub async fn renew_push(#[server(default)] old: String, endpoint: String, p256dh: String, auth: String) -> Result<(), Error> {
    use super::store;
    use crate::access::{allow, policy};
    let grant = allow::<policy::UsePhone>(()).await?;
    store::renew(&grant, &old, &store::Address { endpoint, p256dh, auth }).await
}

/// Chooses which notices come to this browser: of which kinds, about whom, and when none do.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in; `Invalid` when notices are not on in this browser; `NotFound` for a stranger.
#[server(endpoint = "phone/choose", output = Answer)]
pub async fn choose_push(
    #[server(default)] kinds: HashMap<String, String>,
    #[server(default)] people: HashMap<String, String>,
    #[server(default)] quiet_from: String,
    #[server(default)] quiet_until: String,
    #[server(default)] instead_of_mail: String,
) -> Result<(), Error> {
    use super::store;
    use crate::{
        access::{allow, policy},
        platform::{mail::model::News, request as web},
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let wants = |news: &News| kinds.get(news.as_str()).is_some_and(|wanted| wanted == "true");
    let choices = store::Choices {
        kinds_off: News::OPTIONAL.into_iter().filter(|news| !wants(news)).collect(),
        people: people.into_iter().filter(|(_, wanted)| wanted == "true").map(|(name, _)| name).collect(),
        quiet: (quiet_from.parse().ok(), quiet_until.parse().ok()),
        instead_of_mail: instead_of_mail == "true",
    };
    store::choose(&grant, choices).await?;
    web::redirect_plain_form("/phone?done=chosen#notices");
    Ok(())
}

/// Ends what another browser of one's own has: its notices, and what it keeps as soon as it is online.
///
/// # Errors
/// `NotFound` for somebody else's.
#[server(endpoint = "phone/end", output = Answer)]
pub async fn end_phone(id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    super::store::end(&allow::<policy::ManageOwnAccount>(()).await?, id).await?;
    web::redirect_plain_form("/phone?done=ended");
    Ok(())
}

/// A part of a record, to be kept in this browser.
///
/// # Errors
/// What the policy refuses; `NotFound` for what cannot be kept.
#[server(endpoint = "phone/keep", output = Answer)]
pub async fn keep_on_phone(id: String, #[server(default)] sensitive: String) -> Result<Kept, Error> {
    super::keep::keep(&id, sensitive == "true").await
}

/// Of what this browser keeps (with commas between), what is still open to whoever keeps it. Nothing is when somebody ended it.
///
/// # Errors
/// When the database fails.
#[server(endpoint = "phone/still", output = Answer)]
pub async fn still_open(#[server(default)] ids: String) -> Result<Vec<String>, Error> {
    use crate::access::{allow, policy};
    super::keep::still(&allow::<policy::UsePhone>(()).await?, &ids).await
}
