//! Getting back in: a forgotten user name, a forgotten password, or both; and proving an e-mail address.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
