//! The list of features, and what the site asks of all of them.

use super::{demo, help, pages, people, sign_in, tours};
use crate::{
    features::{Feature, account, personal},
    site::routes::LIVE_PAGES,
    view::{page::Route, screens::SCREENS},
};

/// Every feature, one line each.
pub const FEATURES: &[Feature] = &[account::FEATURE, personal::FEATURE, demo::FEATURE, help::FEATURE, SITE];

/// What belongs to no feature.
const SITE: Feature = Feature {
    pages: &[
        Route::signed_in("/people", |request| Box::pin(people::page(request))),
        Route::public("/sign-in", |request| Box::pin(sign_in::page(request))),
    ],
    public_functions: &[pages::PATH, tours::PATH],
};

/// The pages that the server makes.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    FEATURES.iter().flat_map(|feature| feature.pages)
}

/// The addresses of all pages, as `/p/{patient}/visits`.
pub fn page_paths() -> Vec<&'static str> {
    routes().map(|route| route.path).chain(LIVE_PAGES.iter().copied()).chain(SCREENS.iter().copied()).collect()
}

/// Whether nobody needs to be signed in for the page at this address.
pub fn is_public_page(path: &str) -> bool {
    PUBLIC_PAGES.contains(&path) || routes().any(|route| route.public && route.request(path, "").is_some())
}

/// Whether nobody needs to be signed in for this server function.
pub fn is_public_function(path: &str) -> bool {
    PUBLIC_SERVER_FUNCTIONS.contains(&path) || FEATURES.iter().any(|feature| feature.public_functions.contains(&path))
}

pub const PUBLIC_PAGES: &[&str] =
    &["/help/ask", "/help/asked", "/invitation", "/invitation/declined", "/shared", "/shared/record", "/verify"];

pub const PUBLIC_SERVER_FUNCTIONS: &[&str] = &[
    "/api/credentials/check",
    "/api/credentials/check-file",
    "/api/family/decline-invitation",
    "/api/portable/enter",
    "/api/portable/finish",
    "/api/portable/leave-note",
    "/api/requests/ask-help",
    "/api/sign-up/begin-as-invited",
];
