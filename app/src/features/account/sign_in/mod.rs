//! Signing in and out.

pub mod api;
mod idle;
mod model;
mod sign_in_page;
#[cfg(feature = "ssr")]
pub mod store;

pub use idle::IdleWarning;
pub use sign_in_page::SignInPage;
