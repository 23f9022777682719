//! Visit notes: what clinicians wrote, and what they kept back.

pub mod api;
#[cfg(feature = "ssr")]
mod chapter;
mod notes_page;
#[cfg(feature = "ssr")]
mod quote;
#[cfg(feature = "ssr")]
pub mod store;

pub use notes_page::NotesPage;

#[cfg(feature = "ssr")]
use super::Feature;
#[cfg(feature = "ssr")]
use crate::record::chapter::{ChapterSource, RecordSection};

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature {
    chapters: &[ChapterSource::new(RecordSection::Notes, |reader, patient, period| Box::pin(chapter::chapter(reader, patient, period)))],
    quotes: &[|grant, place| Box::pin(quote::note(grant, place))],
    ..Feature::EMPTY
};
