//! Visits to come and visits that were.

#[cfg(feature = "ssr")]
pub mod entity;
pub mod model;
