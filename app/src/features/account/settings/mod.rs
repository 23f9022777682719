//! What somebody sets of their own account.

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod store;

/// Where a form posts a chosen language, known in the browser too: `ChooseLanguage::PATH`.
pub const CHOOSE_LANGUAGE: &str = "/api/account/choose-language";
