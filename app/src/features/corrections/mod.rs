//! "Something is wrong here": asking for a correction of what the record says, and what staff add to it.
//! Source of the rules: HIPAA right to amend, 45 CFR 164.526.

pub mod api;
mod model;
mod pages;
mod request_kind;
pub mod store;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[Route::signed_in("/p/{patient}/correction", |request| Box::pin(pages::ask(request)))],
    request_kinds: &[&request_kind::KIND],
    ..Feature::EMPTY
};
