//! Questionnaires: answering them, what was answered, and what the care team asks and hears of at once.

pub mod api;
mod chapter;
pub mod import;
mod in_words;
pub mod outgoing;
mod pages;
pub mod reading;

use super::Feature;
use crate::{
    record::chapter::{ChapterSource, RecordSection},
    view::page::Route,
};
use leptos::server_fn::ServerFn;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/questionnaires", |request| Box::pin(pages::list(request))),
        Route::signed_in("/p/{patient}/questionnaires/{id}", |request| Box::pin(pages::one(request))),
        Route::signed_in("/p/{patient}/questionnaires/{id}/help", |request| Box::pin(pages::help(request))),
        Route::signed_in("/p/{patient}/questionnaires/{id}/file/{key}", |request| Box::pin(pages::file(request))),
        Route::signed_in("/staff/questionnaires", |request| Box::pin(pages::alerts(request))),
        Route::signed_in("/staff/patients/{patient}/questionnaires", |request| Box::pin(pages::of_patient(request))),
        Route::signed_in("/staff/patients/{patient}/questionnaires/{id}", |request| Box::pin(pages::answers_of_patient(request))),
        Route::signed_in("/staff/check-in/{department}/questionnaires", |request| Box::pin(pages::office(request))),
    ],
    file_functions: &[api::KeepAnswers::PATH, api::SendAnswers::PATH, api::AddFile::PATH],
    chapters: &[ChapterSource::new(RecordSection::Questionnaires, |reader, patient, period| {
        Box::pin(chapter::chapter(reader, patient, period))
    })],
    ..Feature::EMPTY
};
