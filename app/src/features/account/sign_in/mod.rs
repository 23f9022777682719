//! Signing in and out.

pub mod api;
mod idle;
mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use idle::IdleWarning;
