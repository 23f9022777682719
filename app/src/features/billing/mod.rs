//! Bills: what is owed and why, paying it signed in or as a guest, plans, insurance, questions.

pub mod api;
mod estimate_request;
mod insurance_change;
pub mod outgoing;
mod pages;
pub mod papers;
mod requests;

use leptos::server_fn::ServerFn;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/billing", |request| Box::pin(pages::overview(request))),
        Route::signed_in("/billing/bills/{id}", |request| Box::pin(pages::bill(request))),
        Route::signed_in("/billing/bills/{id}/ask", |request| Box::pin(pages::ask(request))),
        Route::signed_in("/billing/explained/{id}", |request| Box::pin(pages::explained(request))),
        Route::signed_in("/billing/of/{guarantor}/pay", |request| Box::pin(pages::choose(request))),
        Route::signed_in("/billing/of/{guarantor}/plan", |request| Box::pin(pages::what_if(request))),
        Route::signed_in("/billing/of/{guarantor}/history", |request| Box::pin(pages::history(request))),
        Route::signed_in("/billing/of/{guarantor}/help", |request| Box::pin(pages::hardship(request))),
        Route::signed_in("/billing/payments/{id}", |request| Box::pin(pages::payment(request))),
        Route::signed_in("/billing/payments/{id}/card", |request| Box::pin(pages::card(request))),
        Route::signed_in("/billing/payments/{id}/bank", |request| Box::pin(pages::bank(request))),
        Route::signed_in("/billing/plans/{id}", |request| Box::pin(pages::plan(request))),
        Route::signed_in("/billing/cards/new", |request| Box::pin(pages::new_card(request))),
        Route::signed_in("/billing/cards/new-bank", |request| Box::pin(pages::new_bank(request))),
        Route::signed_in("/billing/cards", |request| Box::pin(pages::cards(request))),
        Route::signed_in("/p/{patient}/billing", |request| Box::pin(pages::of_chart(request))),
        Route::signed_in("/p/{patient}/insurance", |request| Box::pin(pages::insurance(request))),
        Route::signed_in("/p/{patient}/estimates", |request| Box::pin(pages::estimates(request))),
        Route::public("/pay", |request| Box::pin(pages::guest(request))),
        Route::public("/pay/bills", |request| Box::pin(pages::guest_bills(request))),
        Route::public("/pay/payments/{id}", |request| Box::pin(pages::guest_payment(request))),
        Route::public("/pay/payments/{id}/card", |request| Box::pin(pages::guest_card(request))),
    ],
    public_functions: &[
        api::FindAsGuest::PATH,
        api::OpenWithCode::PATH,
        api::PrepareAsGuest::PATH,
        api::UseCardAsGuest::PATH,
        api::PayAsGuest::PATH,
        api::StopAsGuest::PATH,
    ],
    request_kinds: &[&requests::QUESTION, &requests::HARDSHIP, &estimate_request::ESTIMATE, &insurance_change::INSURANCE],
    file_functions: &[api::AskForHelp::PATH, api::TellInsurance::PATH],
    ..Feature::EMPTY
};
