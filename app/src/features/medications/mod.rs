//! The medicines of a person, and asking for more of them.

pub mod api;
pub mod asking;
mod chapter;
pub mod deciding;
mod email;
pub mod entity;
pub mod import;
pub mod model;
pub mod outgoing;
mod pages;
pub mod pharmacies;
pub mod problem;
pub mod proposals;
mod schedule;
pub mod store;
mod told;
pub mod tracker;

use super::Feature;
use crate::{
    record::chapter::{ChapterSource, RecordSection},
    view::page::Route,
};

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/medications", |request| Box::pin(pages::list(request))),
        Route::signed_in("/p/{patient}/medications/request", |request| Box::pin(pages::ask(request))),
        Route::signed_in("/p/{patient}/medications/requests/{id}", |request| Box::pin(pages::batch(request))),
        Route::signed_in("/p/{patient}/medications/tell", |request| Box::pin(pages::tell(request))),
        Route::signed_in("/p/{patient}/medications/{id}", |request| Box::pin(pages::one(request))),
        Route::signed_in("/staff/medications", |request| Box::pin(pages::queue(request))),
        Route::signed_in("/staff/medications/{id}", |request| Box::pin(pages::staff_request(request))),
        Route::signed_in("/staff/medications/told/{id}", |request| Box::pin(pages::staff_proposal(request))),
    ],
    chapters: &[ChapterSource::new(RecordSection::MedicineRequests, |reader, patient, period| {
        Box::pin(chapter::chapter(reader, patient, period))
    })],
    ..Feature::EMPTY
};
