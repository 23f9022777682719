//! How the departments of somebody of the staff answer: leave, replies that are kept, and, for supervisors, by when and at what price.

pub mod api;
mod pages;
mod problem;
pub mod store;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature =
    Feature { pages: &[Route::signed_in("/staff/office", |request| Box::pin(pages::office(request)))], ..Feature::EMPTY };
