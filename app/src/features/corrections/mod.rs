//! "Something is wrong here": asking for a correction of what the record says, and what staff add to it.
//! Source of the rules: HIPAA right to amend, 45 CFR 164.526.

pub mod api;

#[cfg(feature = "ssr")]
mod model;
#[cfg(feature = "ssr")]
mod request_kind;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "ssr")]
use super::Feature;

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature { request_kinds: &[&request_kind::KIND], ..Feature::EMPTY };
