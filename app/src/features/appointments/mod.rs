//! Booking, asking for, moving, confirming and cancelling visits, and waiting for an earlier time: the patient's side.

pub mod api;
pub mod links;
mod pages;
pub mod reminders;

use super::Feature;
use crate::view::page::Route;
use leptos::server_fn::ServerFn;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/visits/book", |request| Box::pin(pages::kinds(request))),
        Route::signed_in("/p/{patient}/visits/request", |request| Box::pin(pages::ask(request))),
        Route::signed_in("/p/{patient}/visits/book/{kind}", |request| Box::pin(pages::times(request))),
        Route::signed_in("/p/{patient}/visits/hold/{id}", |request| Box::pin(pages::hold(request))),
        Route::signed_in("/p/{patient}/visits/hold/{id}/review", |request| Box::pin(pages::review(request))),
        Route::signed_in("/p/{patient}/visits/requests/{id}", |request| Box::pin(pages::tracker(request))),
        Route::signed_in("/p/{patient}/visits/offers/{id}", |request| Box::pin(pages::offer(request))),
        Route::signed_in("/p/{patient}/visits/{visit}", |request| Box::pin(pages::visit(request))),
        Route::signed_in("/p/{patient}/visits/{visit}/cancel", |request| Box::pin(pages::cancel(request))),
        Route::signed_in("/p/{patient}/visits/{visit}/earlier", |request| Box::pin(pages::wishes(request))),
        Route::signed_in("/confirm/{day}", |request| Box::pin(pages::day(request))),
        Route::public("/visit/{token}", |request| Box::pin(pages::link(request))),
    ],
    public_functions: &[api::UseLink::PATH],
    ..Feature::EMPTY
};
