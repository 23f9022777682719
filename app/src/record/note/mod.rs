//! Written texts: visit notes, instructions, letters.

#[cfg(feature = "ssr")]
pub mod addenda;
#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod import;
pub mod model;
mod note_body;
#[cfg(feature = "ssr")]
pub mod parts;
pub mod wire;

pub use note_body::NoteBody;
