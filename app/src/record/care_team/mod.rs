//! Clinicians and departments.

#[cfg(feature = "ssr")]
pub mod entity;
