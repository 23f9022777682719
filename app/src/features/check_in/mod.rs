//! eCheck-in: confirming what the office needs before a visit, saying that one is there, and what the office does with it.

pub mod api;
mod medicines;
mod pages;
pub mod papers;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/visits/{visit}/check-in", |request| Box::pin(pages::overview(request))),
        Route::signed_in("/p/{patient}/visits/{visit}/check-in/{step}", |request| Box::pin(pages::step(request))),
        Route::signed_in("/p/{patient}/visits/{visit}/arrive", |request| Box::pin(pages::arrive(request))),
        Route::signed_in("/arrive/{department}", |request| Box::pin(pages::door(request))),
        Route::signed_in("/staff/check-in", |request| Box::pin(pages::day(request))),
        Route::signed_in("/staff/check-in/{department}", |request| Box::pin(pages::office(request))),
        Route::signed_in("/staff/visits/{visit}/check-in", |request| Box::pin(pages::of_visit(request))),
    ],
    ..Feature::EMPTY
};
