//! Visits to come and visits that were.

pub mod api;
#[cfg(feature = "ssr")]
pub mod entity;
mod list_page;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;
mod visit_card;
pub mod wire;

pub use list_page::VisitsPage;
