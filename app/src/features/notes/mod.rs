//! Visit notes: what clinicians wrote, and what they kept back.

pub mod api;
mod notes_page;
#[cfg(feature = "ssr")]
pub mod store;

pub use notes_page::{NoteBody, NotesPage};
