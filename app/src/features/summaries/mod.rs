//! After Visit Summaries: what was found, what changes, and what to do next.

pub mod api;
#[cfg(feature = "ssr")]
mod chapter;
#[cfg(feature = "ssr")]
pub(crate) mod store;
mod summary_page;

pub use summary_page::SummaryPage;

#[cfg(feature = "ssr")]
use super::Feature;
#[cfg(feature = "ssr")]
use crate::record::chapter::{ChapterSource, RecordSection};

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature {
    chapters: &[ChapterSource::new(RecordSection::Summaries, |reader, patient, period| {
        Box::pin(chapter::chapter(reader, patient, period))
    })],
    ..Feature::EMPTY
};
