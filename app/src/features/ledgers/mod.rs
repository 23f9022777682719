//! The billing office: accounts, ledgers, letters, plans, and the day's list.

pub mod api;
pub mod csv;
mod pages;
pub mod papers;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/staff/billing", |request| Box::pin(pages::office(request))),
        Route::signed_in("/staff/billing/accounts/{id}", |request| Box::pin(pages::account(request))),
        Route::signed_in("/staff/billing/bills/{id}", |request| Box::pin(pages::bill(request))),
        Route::signed_in("/staff/billing/bills/{id}/letter", |request| Box::pin(pages::letter(request))),
        Route::signed_in("/staff/billing/bills/{id}/estimate", |request| Box::pin(pages::of_bill(request))),
        Route::signed_in("/staff/billing/visits/{id}/estimate", |request| Box::pin(pages::of_visit(request))),
        Route::signed_in("/staff/billing/requests/{id}/estimate", |request| Box::pin(pages::of_request(request))),
        Route::signed_in("/staff/billing/day", |request| Box::pin(pages::day(request))),
    ],
    ..Feature::EMPTY
};
