//! The record, exported as a file or shown to somebody else: by sections, as pages, as FHIR.

pub mod api;
mod email;
pub mod entity;
pub mod export;
pub mod fhir;
pub mod jwe;
mod links;
pub mod manifest;
pub mod model;
mod pages;
mod problem;
mod reader;
mod shares;

use leptos::server_fn::ServerFn;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/share", |request| Box::pin(pages::list(request))),
        Route::signed_in("/p/{patient}/share/code", |request| Box::pin(pages::new_code(request))),
        Route::signed_in("/p/{patient}/share/link", |request| Box::pin(pages::new_link(request))),
        Route::signed_in("/p/{patient}/share/{id}", |request| Box::pin(pages::one(request))),
        Route::signed_in("/p/{patient}/take-along", |request| Box::pin(pages::export(request))),
        Route::public("/shared", |request| Box::pin(pages::enter(request))),
        Route::public("/shared/record", |request| Box::pin(pages::record(request))),
    ],
    public_functions: &[<api::Enter as ServerFn>::PATH, <api::Finish as ServerFn>::PATH, <api::LeaveNote as ServerFn>::PATH],
    ..Feature::EMPTY
};
