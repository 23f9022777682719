//! How a child grows, among children of the same age and sex.

mod chart;
mod measured;
mod offer;
mod pages;
mod reference;
mod words;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[Route::signed_in("/p/{patient}/health/growth", |request| Box::pin(pages::charts(request)))],
    actions: &[|target| Box::pin(async move { Ok(offer::charts(target)) })],
    ..Feature::EMPTY
};
