//! Messages between a patient's side and the staff of the departments where they were seen.

mod acting;
pub mod api;
pub mod attaching;
mod chapter;
pub mod drafts;
pub mod e_visit;
mod email;
pub mod entity;
mod file_kind;
pub mod files;
pub mod form;
pub mod handing_out;
pub mod import;
pub mod inbox;
pub mod model;
pub mod moving;
pub mod outgoing;
mod pages;
mod problem;
pub mod recipients;
pub mod sending;
pub mod shared;
pub mod starting;
pub mod store;
pub mod watching;
mod writing;

use leptos::server_fn::ServerFn;

use super::Feature;
use crate::{
    record::chapter::{ChapterSource, RecordSection},
    view::page::Route,
};

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/messages", |request| Box::pin(pages::list(request))),
        Route::signed_in("/p/{patient}/messages/new", |request| Box::pin(pages::compose(request))),
        Route::signed_in("/p/{patient}/messages/{id}", |request| Box::pin(pages::thread(request))),
        Route::signed_in("/p/{patient}/messages/{id}/e-visit", |request| Box::pin(pages::e_visit(request))),
        Route::signed_in("/messages/shared", |request| Box::pin(shared::page(request))),
        Route::signed_in("/staff/messages/new", |request| Box::pin(pages::find(request))),
        Route::signed_in("/staff/messages/new/{patient}", |request| Box::pin(pages::start(request))),
        Route::signed_in("/staff/messages", |request| Box::pin(pages::inbox(request))),
        Route::signed_in("/staff/messages/{id}", |request| Box::pin(pages::staff_thread(request))),
    ],
    chapters: &[ChapterSource::new(RecordSection::Messages, |reader, patient, period| Box::pin(chapter::chapter(reader, patient, period)))],
    file_functions: &[api::SendMessage::PATH, api::AnswerMessage::PATH, api::KeepDraft::PATH, shared::ShareFile::PATH],
    public_functions: &[shared::ShareFile::PATH],
    ..Feature::EMPTY
};
