//! What the first page tells the browser before anything is asked for: language, names of the organization, demo or not.

use leptos::prelude::{provide_context, use_context};
use serde::{Deserialize, Serialize};

use super::locale::Locale;

/// Serialised into the page, so that server and browser render the same words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    pub locale: Locale,
    pub brand: Brand,
    /// Somebody is signed in, so that pages for everybody keep their menu.
    pub signed_in: bool,
    /// The server is the demo's.
    pub demo: bool,
}

/// The names that an organisation puts on the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    pub product: String,
    pub organisation: String,
    pub support_phone: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self { product: "MyChart".into(), organisation: "Middlesex Health".into(), support_phone: "860-358-4111".into() }
    }
}

impl Boot {
    /// The server provides it per request; the browser reads it from the page.
    pub fn provide() -> Self {
        let boot = use_context::<Boot>().unwrap_or_else(Self::from_page);
        provide_context(boot.clone());
        boot
    }

    #[cfg(feature = "hydrate")]
    fn from_page() -> Self {
        web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.query_selector("meta[name=boot]").ok().flatten())
            .and_then(|meta| meta.get_attribute("content"))
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default()
    }

    #[cfg(not(feature = "hydrate"))]
    fn from_page() -> Self {
        Self::default()
    }
}
