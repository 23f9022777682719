//! The portal on a phone or a computer as an app: how to put it there, which notices come, what is kept for when there is no network.

pub mod api;
mod keep;
mod pages;
mod problem;
mod store;

use leptos::server_fn::ServerFn;

use super::Feature;
use crate::view::page::Route;

pub const FEATURE: Feature = Feature {
    pages: &[Route::public("/phone", |request| Box::pin(pages::page(request)))],
    public_functions: &[<api::RenewPush as ServerFn>::PATH, <api::StillOpen as ServerFn>::PATH],
    ..Feature::EMPTY
};
