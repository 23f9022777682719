//! "Something is wrong here": asking for a correction of what the record says, and what staff add to it.
//! Source of the rules: HIPAA right to amend, 45 CFR 164.526.

pub mod api;

#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
