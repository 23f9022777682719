//! Sends notices to phones. What one says is written when it is sent: that there is something new, and how much of it waits.

use app::{
    access::{Caller, DelegatedAccess, System, as_system, policy::OpenChart, session},
    base::{
        error::Error,
        i18n::{Locale, Texts},
        ids::{AccountId, PatientId},
    },
    features::messages::watching::Sight,
    platform::push::{
        encrypt::{BrowserKeys, encrypt},
        entity::{push_notice, push_subscription},
        queue::{Outcome, let_go, settle, take},
        vapid::Vapid,
    },
};
use serde_json::json;
use uuid::Uuid;

use crate::State;

/// Sends what is due, and lets letters go whose notices came to nothing. Returns how many notices were tried.
///
/// # Errors
/// When the database fails.
pub async fn once(state: &State) -> Result<usize, Error> {
    let system = as_system(&state.db, "push");
    let mut tried = 0;
    let mut vapid = None;
    while let Some((notice, to)) = take(system.db(), state.clock.now().instant).await? {
        tried += 1;
        if vapid.is_none() {
            vapid = Some(Vapid::current(system.db(), &state.issuer.secret).await?);
        }
        let outcome = match (&vapid, message(state, &system, &notice, &to).await?) {
            (Some(vapid), Some(message)) => state.push.send(vapid, &to.endpoint, message).await,
            _ => Outcome::NotAllowed,
        };
        if outcome != Outcome::Delivered {
            tracing::warn!(notice = %notice.id, tries = notice.tries, ?outcome, "a notice was not delivered");
        }
        settle(system.db(), &notice, outcome, state.clock.now().instant).await?;
    }
    let letters = let_go(system.db()).await?;
    if letters > 0 {
        tracing::info!(letters, "sent in place of notices");
    }
    Ok(tried)
}

pub(super) async fn work(state: State) -> Result<(), Error> {
    once(&state).await.map(|_| ())
}

/// The notice as its browser opens it; nothing when its account is closed, or sees none of the charts that it is about any more.
async fn message(
    state: &State,
    system: &System,
    notice: &push_notice::Model,
    to: &push_subscription::Model,
) -> Result<Option<Vec<u8>>, Error> {
    let locale = Locale::from_tag(&notice.locale).unwrap_or_default();
    let account = AccountId(to.account_id);
    let access = match DelegatedAccess::for_job(&state.db, &state.clock, state.origin.clone(), locale, account).await {
        Ok(access) => access,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let about: Vec<Uuid> = notice.about.split(',').filter_map(|id| id.parse().ok()).collect();
    if !about.is_empty() && !about.iter().any(|patient| access.allow::<OpenChart>(PatientId(*patient)).is_ok()) {
        return Ok(None);
    }
    // An address whose keys are none was never taken.
    let Some(keys) = BrowserKeys::read(&to.p256dh, &to.auth) else { return Ok(None) };
    let (now, product) = (state.clock.now(), &state.brand.product);
    let caller: Caller = session::absent_caller(system, account).await?;
    let waiting = Sight::of(system, caller, now).await?.counts(system, now).await?;
    let told = json!({
        "title": product,
        "body": Texts(locale).phone_push_body(product),
        "url": "/home",
        "tag": "news",
        "badge": waiting.get("/home").copied().unwrap_or_default(),
    });
    encrypt(&keys, told.to_string().as_bytes()).map(Some)
}
