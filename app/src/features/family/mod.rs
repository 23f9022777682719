//! Letting others into a chart: invitations, access to a child, papers, and how people are seen.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod invited;
#[cfg(feature = "ssr")]
pub mod midnight;
#[cfg(feature = "ssr")]
pub mod photo;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
