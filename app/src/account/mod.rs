//! The signed-in person: whose charts they may open, their language, their sessions.

pub mod api;
pub mod model;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
