//! Name, birth date, address, contact and language: all that a teen's parent may see.

pub mod api;
pub mod entity;
pub mod import;
mod model;
pub mod overlay;
mod pages;
mod problem;
mod request_kind;
pub(crate) mod store;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::signed_in("/p/{patient}/personal-information", |request| Box::pin(pages::information(request))),
        Route::signed_in("/p/{patient}/personal-information/change", |request| Box::pin(pages::change(request))),
    ],
    request_kinds: &[&request_kind::KIND],
    ..Feature::EMPTY
};
