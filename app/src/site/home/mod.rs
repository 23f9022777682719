//! The first page after signing in: what needs you, for everybody you care for, by date.

pub mod api;
mod home_page;
#[cfg(feature = "ssr")]
mod messages;
pub mod model;
#[cfg(feature = "ssr")]
mod newest;
#[cfg(feature = "ssr")]
mod questionnaires;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod supplies;
#[cfg(feature = "ssr")]
mod visits;

pub use home_page::HomePage;
