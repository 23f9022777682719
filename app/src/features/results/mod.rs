//! Test results and vital signs: lists, values in their range, trends.

mod address;
pub mod api;
mod beside;
mod chapter;
mod chart;
mod csv;
mod entry;
mod newest;
mod pages;
mod quote;
pub(crate) mod store;
mod told;
mod trend;
mod vitals;
mod words;

pub use csv::csv;
pub use newest::newest_lines;
pub use vitals::{blood_group, latest_vitals};

use super::Feature;
use crate::{
    record::chapter::{ChapterSource, RecordSection},
    view::page::Route,
};

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/health/vitals", |request| Box::pin(pages::vitals(request))),
        Route::signed_in("/p/{patient}/results", |request| Box::pin(pages::list(request))),
        Route::signed_in("/p/{patient}/results/timing", |request| Box::pin(pages::timing(request))),
        Route::signed_in("/p/{patient}/results/trend", |request| Box::pin(pages::trend(request))),
        Route::signed_in("/p/{patient}/results/{id}", |request| Box::pin(pages::one(request))),
    ],
    chapters: &[
        ChapterSource::new(RecordSection::Results, |reader, patient, period| Box::pin(chapter::chapter(reader, patient, period, false))),
        ChapterSource::new(RecordSection::Vitals, |reader, patient, period| Box::pin(chapter::chapter(reader, patient, period, true))),
    ],
    quotes: &[|grant, place| Box::pin(quote::result_or_value(grant, place))],
    ..Feature::EMPTY
};
