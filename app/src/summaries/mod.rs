//! After Visit Summaries: what was found, what changes, and what to do next.

pub mod api;
#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod head;
pub mod model;
#[cfg(feature = "ssr")]
pub(crate) mod store;
mod summary_page;
mod visit_heading;
pub mod wire;

pub use summary_page::SummaryPage;
pub use visit_heading::{VisitHeading, visit_id, visit_in_address};
