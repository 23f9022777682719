//! Who opened a chart: the patient, each proxy, staff; what, when, and from which kind of device.

pub mod api;
mod csv;
mod model;
mod pages;
mod request_kind;
pub mod store;
mod words;

pub use csv::csv;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[Route::signed_in("/p/{patient}/access-log", |request| Box::pin(pages::log(request)))],
    request_kinds: &[&request_kind::KIND],
    ..Feature::EMPTY
};
