//! The health summary: what the hospital knows about a person, each kind on its own page, a printable whole, a card for
//! emergencies.

mod chapter;
mod entry;
mod item;
mod line;
mod page;
mod pages;
mod quote;
mod sections;
pub(crate) mod store;
pub(crate) mod words;

pub use chapter::cover;
pub(crate) use entry::{added, entry};
use page::HealthPage;
pub use pages::{kept as kept_emergency_card, resource};

use super::Feature;
use crate::{
    record::chapter::{ChapterSource, RecordSection},
    view::page::Route,
};

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/health", |request| Box::pin(pages::summary(request))),
        Route::signed_in("/p/{patient}/health/allergies", |request| Box::pin(pages::list(request, HealthPage::Allergies))),
        Route::signed_in("/p/{patient}/health/care-team", |request| Box::pin(pages::list(request, HealthPage::CareTeam))),
        Route::signed_in("/p/{patient}/health/conditions", |request| Box::pin(pages::list(request, HealthPage::Conditions))),
        Route::signed_in("/p/{patient}/health/devices", |request| Box::pin(pages::list(request, HealthPage::Devices))),
        Route::signed_in("/p/{patient}/health/goals", |request| Box::pin(pages::list(request, HealthPage::Goals))),
        Route::signed_in("/p/{patient}/health/history", |request| Box::pin(pages::list(request, HealthPage::History))),
        Route::signed_in("/p/{patient}/health/immunizations", |request| Box::pin(pages::list(request, HealthPage::Immunizations))),
        Route::signed_in("/p/{patient}/health/medications", |request| Box::pin(pages::list(request, HealthPage::Medications))),
        Route::signed_in("/p/{patient}/health/other", |request| Box::pin(pages::list(request, HealthPage::Other))),
        Route::signed_in("/p/{patient}/health/preventive-care", |request| Box::pin(pages::list(request, HealthPage::PreventiveCare))),
        Route::signed_in("/p/{patient}/health/procedures", |request| Box::pin(pages::list(request, HealthPage::Procedures))),
        Route::signed_in("/p/{patient}/health/documents", |request| Box::pin(pages::documents(request))),
        Route::signed_in("/p/{patient}/health/documents/{id}", |request| Box::pin(pages::document(request))),
        Route::signed_in("/p/{patient}/health/emergency", |request| Box::pin(pages::emergency(request))),
        Route::signed_in("/p/{patient}/health/print", |request| Box::pin(pages::print(request))),
    ],
    chapters: &[
        ChapterSource::new(RecordSection::Conditions, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Conditions))
        }),
        ChapterSource::new(RecordSection::Allergies, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Allergies))
        }),
        ChapterSource::new(RecordSection::Medications, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Medications))
        }),
        ChapterSource::new(RecordSection::Immunizations, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Immunizations))
        }),
        ChapterSource::new(RecordSection::Procedures, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Procedures))
        }),
        ChapterSource::new(RecordSection::Devices, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Devices))
        }),
        ChapterSource::new(RecordSection::Preventive, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::PreventiveCare))
        }),
        ChapterSource::new(RecordSection::Goals, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::Goals))
        }),
        ChapterSource::new(RecordSection::History, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::History))
        }),
        ChapterSource::new(RecordSection::CareTeam, |reader, patient, period| {
            Box::pin(chapter::page(reader, patient, period, HealthPage::CareTeam))
        }),
        ChapterSource::new(RecordSection::Documents, |reader, patient, period| Box::pin(chapter::documents(reader, patient, period))),
    ],
    quotes: &[|grant, place| Box::pin(quote::item(grant, place))],
    ..Feature::EMPTY
};
