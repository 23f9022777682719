//! Signing in and out.

pub mod api;
#[cfg(feature = "ssr")]
pub(crate) mod attempts;
mod idle;
mod model;
#[cfg(feature = "ssr")]
mod password;
mod sign_in_page;
#[cfg(feature = "ssr")]
pub mod store;

pub use idle::IdleWarning;
pub use model::is_local;
#[cfg(feature = "ssr")]
pub use model::username_key;
#[cfg(feature = "ssr")]
pub use password::Passwords;
pub use sign_in_page::SignInPage;
#[cfg(feature = "ssr")]
pub(crate) use store::network;
