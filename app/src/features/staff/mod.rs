//! What staff need to help somebody: finding the patient, making an account, recording who has access.

pub mod api;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
