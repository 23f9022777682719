//! Visits to come and visits that were.

pub mod api;
mod list_page;
#[cfg(feature = "ssr")]
pub mod store;
mod visit_card;
pub mod wire;

pub use list_page::VisitsPage;
