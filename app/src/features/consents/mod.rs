//! Documents to be signed before a visit: reading and deciding about them, and writing them.

pub mod api;
mod pages;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/visits/{visit}/consents/{document}", |request| Box::pin(pages::decide(request))),
        Route::signed_in("/p/{patient}/consents", |request| Box::pin(pages::signed(request))),
        Route::signed_in("/p/{patient}/consents/{id}", |request| Box::pin(pages::one(request))),
        Route::signed_in("/staff/check-in/{department}/documents", |request| Box::pin(pages::documents(request))),
        Route::signed_in("/staff/check-in/{department}/documents/{document}", |request| Box::pin(pages::document(request))),
    ],
    ..Feature::EMPTY
};
