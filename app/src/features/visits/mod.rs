//! Visits to come and visits that were.

pub mod api;
#[cfg(feature = "ssr")]
mod chapter;
mod list_page;
#[cfg(feature = "ssr")]
pub mod store;
mod visit_card;
pub mod wire;
#[cfg(feature = "ssr")]
mod written;

pub use list_page::VisitsPage;

#[cfg(feature = "ssr")]
use super::Feature;
#[cfg(feature = "ssr")]
use crate::record::chapter::{ChapterSource, RecordSection};

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature {
    chapters: &[ChapterSource::new(RecordSection::Visits, |reader, patient, period| Box::pin(chapter::chapter(reader, patient, period)))],
    ..Feature::EMPTY
};
