//! What the demo desk asks.

use leptos::prelude::*;

use super::model::Desk;
use crate::base::error::Error;

/// Who can be signed in as.
///
/// # Errors
/// `NotFound` on every server that is not the demo's.
#[server(endpoint = "demo/desk")]
pub async fn read_desk() -> Result<Desk, Error> {
    use crate::base::i18n::{Locale, texts};
    let desks = use_context::<Desks>().ok_or(Error::NotFound)?;
    Ok(match texts().0 {
        Locale::En => desks.en.as_ref().clone(),
        Locale::Es => desks.es.as_ref().clone(),
    })
}

/// The desk in both languages, provided by the demo's server only.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct Desks {
    pub en: std::sync::Arc<Desk>,
    pub es: std::sync::Arc<Desk>,
}
