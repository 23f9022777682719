//! The site: every feature, its frame, its first pages, its demo.

pub mod demo;
#[cfg(feature = "hydrate")]
pub mod enhance;
#[cfg(feature = "ssr")]
pub mod features;
#[cfg(feature = "ssr")]
pub mod help;
pub mod home;
pub mod layout;
#[cfg(feature = "ssr")]
mod live_pages;
#[cfg(feature = "ssr")]
mod menu_page;
pub mod pages;
#[cfg(feature = "ssr")]
mod people;
mod people_list;
pub mod places;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
mod sign_in;
pub mod tours;
