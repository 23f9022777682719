//! Pages told as data: the server says what is on a screen, in the reader's language, and one component draws it.
//!
//! A screen with its words and forms is built by the feature it belongs to (`sign_up::screens`, `family::screens`, ...), from
//! grants of its own; [`table`] says which address shows which. Its forms are plain HTML forms: they do the same before the
//! wasm is there, with it, and without any. A form that is refused comes back with what was typed and the reason at the field.

pub mod api;
#[cfg(feature = "ssr")]
mod build;
mod draw;
pub mod model;
mod screen_page;
#[cfg(feature = "ssr")]
mod table;
#[cfg(feature = "ssr")]
mod words;

#[cfg(feature = "ssr")]
pub use build::*;
pub use screen_page::{ScreenPage, passkey_button};
#[cfg(feature = "ssr")]
pub use table::SCREENS;
