//! Getting an account: with an activation code, by asking for one, or as somebody who was invited.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod request_kind;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
mod unmatched;
