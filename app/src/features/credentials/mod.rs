//! SMART Health Cards: vaccinations and laboratory results that the hospital signs, and that anybody can verify.
//! Source: SMART Health Cards Framework 1.4, <https://spec.smarthealth.cards>.

pub mod api;
mod card;
mod codes;
mod content;
pub mod entity;
mod issue;
mod issuer;
mod key;
pub mod keys;
pub mod model;
mod offer;
mod offers;
mod outdated;
mod pages;
mod picture;
mod problem;
pub mod published;
mod sources;
mod store;
mod titles;
mod values;
pub mod verifier;
mod verify_words;

use leptos::server_fn::ServerFn;
pub use outdated::revoke_outdated;
pub use pages::{file, is_there, kept};

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/health/credentials", |request| Box::pin(pages::list(request))),
        Route::signed_in("/p/{patient}/health/credentials/{id}", |request| Box::pin(pages::one(request))),
        Route::public("/verify", |request| Box::pin(pages::verify(request))),
    ],
    public_functions: &[<api::Check as ServerFn>::PATH, <api::CheckFile as ServerFn>::PATH],
    actions: &[|target| Box::pin(offer::card(target))],
    file_functions: &[<api::CheckFile as ServerFn>::PATH],
    ..Feature::EMPTY
};
