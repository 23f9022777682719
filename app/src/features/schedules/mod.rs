//! Calendars of departments, requests for visits, and who waits for an earlier time: the staff's side.

pub mod api;
mod model;
mod pages;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/staff/schedule", |request| Box::pin(pages::calendar(request))),
        Route::signed_in("/staff/schedule/hours/{clinician}", |request| Box::pin(pages::hours(request))),
        Route::signed_in("/staff/schedule/kinds", |request| Box::pin(pages::kinds(request))),
        Route::signed_in("/staff/schedule/kinds/{id}", |request| Box::pin(pages::kind(request))),
        Route::signed_in("/staff/schedule/departments/{id}", |request| Box::pin(pages::department(request))),
        Route::signed_in("/staff/visit-requests", |request| Box::pin(pages::requests(request))),
        Route::signed_in("/staff/visit-requests/{id}", |request| Box::pin(pages::request(request))),
        Route::signed_in("/staff/visits/{id}", |request| Box::pin(pages::visit(request))),
        Route::signed_in("/staff/patients/{patient}/book", |request| Box::pin(pages::book(request))),
        Route::signed_in("/staff/earlier", |request| Box::pin(pages::earlier(request))),
    ],
    ..Feature::EMPTY
};
