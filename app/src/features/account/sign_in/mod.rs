//! Signing in and out.

#[cfg(feature = "ssr")]
pub mod api;
mod idle;
#[cfg(feature = "ssr")]
mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use idle::IdleWarning;
