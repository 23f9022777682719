//! summaries.

#[cfg(feature = "ssr")]
pub mod entity;
pub mod model;
