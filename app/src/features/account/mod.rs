//! The signed-in person: whose charts they may open, their language, their sessions.

pub mod api;
pub mod model;
#[cfg(feature = "hydrate")]
pub mod passkey_prompt;
pub mod recovery;
#[cfg(feature = "ssr")]
pub mod screens;
pub mod second_step;
pub mod sign_in;
pub mod sign_up;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "ssr")]
use super::Feature;

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature { request_kinds: &[&sign_up::request_kind::KIND], ..Feature::EMPTY };
