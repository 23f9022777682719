//! After Visit Summaries: what was found, what changes, and what to do next.

pub mod api;
#[cfg(feature = "ssr")]
pub(crate) mod store;
mod summary_page;

pub use summary_page::SummaryPage;
