//! SMART Health Cards: vaccinations and laboratory results that the hospital signs, and that anybody can verify.
//! Source: SMART Health Cards Framework 1.4, <https://spec.smarthealth.cards>.

pub mod api;
#[cfg(feature = "ssr")]
mod card;
#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod keys;
pub mod model;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod verifier;
