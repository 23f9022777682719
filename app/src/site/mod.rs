//! The site: every feature, its frame, its first page, its demo.

pub mod demo;
pub mod home;
pub mod layout;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod tours;
