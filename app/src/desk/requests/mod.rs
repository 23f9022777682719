//! What people ask of staff, with a number, a due date and an answer: help, changes, access to a child, papers.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
mod decide;
#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
