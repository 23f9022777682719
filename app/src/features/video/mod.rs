//! Visits by video: the page with its tests and its room, guests, calls instead, and the office's side.

pub mod api;
mod pages;
mod room_page;

use leptos::server_fn::ServerFn;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/visits/{visit}/video", |request| Box::pin(pages::lobby(request))),
        Route::signed_in("/p/{patient}/visits/{visit}/guests", |request| Box::pin(pages::guests(request))),
        Route::signed_in("/p/{patient}/visits/{visit}/chat", |request| Box::pin(pages::chat(request))),
        Route::signed_in("/staff/video", |request| Box::pin(pages::day(request))),
        Route::signed_in("/staff/video/{department}", |request| Box::pin(pages::office(request))),
        Route::signed_in("/staff/visits/{visit}/video", |request| Box::pin(pages::of_visit(request))),
        Route::signed_in("/staff/visits/{visit}/guests", |request| Box::pin(pages::staff_guests(request))),
        Route::public("/video/guest/{code}", |request| Box::pin(pages::guest(request))),
    ],
    public_functions: &[api::SayName::PATH],
    ..Feature::EMPTY
};
