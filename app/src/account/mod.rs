//! The signed-in person: whose charts they may open, their language, their sessions.

mod account_page;
pub mod api;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;

pub use account_page::AccountPage;
