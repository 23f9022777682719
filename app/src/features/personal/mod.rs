//! Name, birth date, address, contact and language: all that a teen's parent may see.

pub mod api;
#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod overlay;
mod personal_information_page;
#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub(crate) mod store;
pub mod wire;

pub use personal_information_page::PersonalInformationPage;
