//! The record: what hospitals sent, and the rules on what of it is shown. Read by several features.

#[cfg(feature = "ssr")]
pub mod action;
pub mod annotation;
#[cfg(feature = "ssr")]
pub mod care_team;
#[cfg(feature = "ssr")]
pub mod chapter;
#[cfg(feature = "ssr")]
pub mod fhir;
#[cfg(feature = "ssr")]
pub mod import;
pub mod item;
#[cfg(feature = "ssr")]
pub mod news;
pub mod note;
#[cfg(feature = "ssr")]
pub mod quote;
#[cfg(feature = "ssr")]
pub mod release;
#[cfg(feature = "ssr")]
pub mod resource;
#[cfg(feature = "ssr")]
pub mod result;
pub mod summary;
pub mod visit;
