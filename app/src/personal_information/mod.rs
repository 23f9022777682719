//! Demographics.

#[cfg(feature = "ssr")]
pub mod entity;
