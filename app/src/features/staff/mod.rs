//! What staff need to help somebody: finding the patient, making an account, recording who has access.

pub mod api;
pub mod joining;
pub mod merged;
mod pages;
mod problem;
pub mod store;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/staff/patients", |request| Box::pin(pages::patients(request))),
        Route::signed_in("/staff/patients/{patient}", |request| Box::pin(pages::patient(request))),
        Route::signed_in("/staff/patients/{patient}/join", |request| Box::pin(pages::join(request))),
        Route::signed_in("/staff/patients/{patient}/code", |request| Box::pin(pages::code(request))),
    ],
    request_kinds: &[&merged::KIND],
    ..Feature::EMPTY
};
