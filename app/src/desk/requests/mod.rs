//! What people ask of staff, with a number, a due date and an answer. Each kind of request is a feature's own; technical help is
//! the desk's.

pub mod api;
pub mod decide;
mod email;
pub mod entity;
pub mod files;
pub mod help;
pub mod kind;
pub mod model;
pub mod opening;
mod pages;
pub mod sought;
pub mod store;

use leptos::server_fn::ServerFn;

use crate::view::page::Route;

pub const PAGES: &[Route] = &[
    Route::public("/help/ask", |request| Box::pin(pages::ask(request))),
    Route::public("/help/asked", |request| Box::pin(pages::asked(request))),
    Route::signed_in("/requests", |request| Box::pin(pages::own(request))),
    Route::signed_in("/staff/queue", |request| Box::pin(pages::queue(request))),
    Route::signed_in("/staff/requests/{id}", |request| Box::pin(pages::one(request))),
];

/// Server functions for which nobody needs to be signed in.
pub const PUBLIC_FUNCTIONS: &[&str] = &[api::AskHelp::PATH];

pub const KINDS: &[&kind::RequestKind] = &[&help::KIND];
