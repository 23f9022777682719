//! Visit notes: what clinicians wrote, and what they kept back.

pub mod api;
#[cfg(feature = "ssr")]
pub mod entity;
pub mod model;
mod notes_page;
#[cfg(feature = "ssr")]
pub mod store;
pub mod wire;

pub use notes_page::{NoteBody, NotesPage};
