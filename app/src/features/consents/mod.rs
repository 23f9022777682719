//! Documents to be signed before a visit: reading and deciding about them, and writing them.

pub mod api;
mod chapter;
mod in_words;
mod pages;

use super::Feature;
use crate::{
    record::chapter::{ChapterSource, RecordSection},
    view::page::Route,
};

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/visits/{visit}/consents/{document}", |request| Box::pin(pages::decide(request))),
        Route::signed_in("/p/{patient}/consents", |request| Box::pin(pages::signed(request))),
        Route::signed_in("/p/{patient}/consents/{id}", |request| Box::pin(pages::one(request))),
        Route::signed_in("/staff/check-in/{department}/documents", |request| Box::pin(pages::documents(request))),
        Route::signed_in("/staff/check-in/{department}/documents/{document}", |request| Box::pin(pages::document(request))),
    ],
    chapters: &[ChapterSource::new(RecordSection::Consents, |reader, patient, period| Box::pin(chapter::chapter(reader, patient, period)))],
    ..Feature::EMPTY
};
