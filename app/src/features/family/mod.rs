//! Letting others into a chart: invitations, access to a child, papers, and how people are seen.

pub mod api;
pub mod appearance;
pub mod birthdays;
pub mod children;
mod email;
pub mod entity;
mod giving;
pub mod grants;
pub mod invitations;
pub mod invited;
pub mod model;
mod pages;
pub mod papers;
pub mod photo;
mod preview;
mod problem;
pub mod recorded;
pub mod words;

use leptos::server_fn::ServerFn;

use super::Feature;
use crate::view::page::Route;

pub use pages::Levels;

pub const FEATURE: Feature = Feature {
    pages: &[
        Route::public("/invitation", |request| Box::pin(pages::invitation(request))),
        Route::public("/invitation/declined", |request| Box::pin(pages::invitation_declined(request))),
        Route::signed_in("/people/{patient}", |request| Box::pin(pages::appearance(request))),
        Route::signed_in("/sharing", |request| Box::pin(pages::sharing(request))),
        Route::signed_in("/sharing/child", |request| Box::pin(pages::child(request))),
        Route::signed_in("/sharing/invitations/{id}", |request| Box::pin(pages::preview(request))),
        Route::signed_in("/sharing/invite", |request| Box::pin(pages::invite(request))),
        Route::signed_in("/sharing/papers", |request| Box::pin(pages::papers(request))),
    ],
    public_functions: &[api::BeginAsInvited::PATH, api::DeclineInvitation::PATH],
    request_kinds: &[&children::KIND, &papers::KIND],
    file_functions: &[api::BringPapers::PATH, api::KeepPhoto::PATH],
    ..Feature::EMPTY
};
