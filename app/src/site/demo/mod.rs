//! What only `server demo` shows: the desk with everybody who can sign in, the bar with the clock, the outbox.

mod bar;
#[cfg(feature = "ssr")]
mod desk;
#[cfg(feature = "ssr")]
pub mod model;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod store;

#[cfg(feature = "ssr")]
use crate::{features::Feature, view::page::Route};

pub use bar::DemoBar;
#[cfg(feature = "ssr")]
pub use desk::desk;
#[cfg(feature = "ssr")]
pub use model::moments;

#[cfg(feature = "ssr")]
pub const FEATURE: Feature = Feature {
    pages: &[Route::public("/demo/outbox", |request| Box::pin(pages::outbox(request)))],
    public_functions: &[],
    ..Feature::EMPTY
};
