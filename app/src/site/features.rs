//! The list of features, and what the site asks of all of them.

use super::{pages, people, sign_in, tours};
use crate::{
    desk::requests::{self, kind::RequestKinds},
    features::{Feature, access_log, account, corrections, family, personal, staff},
    site::routes::LIVE_PAGES,
    view::{page::Route, screens::SCREENS},
};

/// Every feature, one line each.
pub const FEATURES: &[Feature] =
    &[DESK, access_log::FEATURE, account::FEATURE, corrections::FEATURE, family::FEATURE, personal::FEATURE, staff::FEATURE, SITE];

/// Requests to staff. The desk is no feature: features bring what is asked.
const DESK: Feature =
    Feature { pages: requests::PAGES, public_functions: requests::PUBLIC_FUNCTIONS, request_kinds: requests::KINDS, ..Feature::EMPTY };

/// What belongs to no feature.
const SITE: Feature = Feature {
    pages: &[
        Route::signed_in("/people", |request| Box::pin(people::page(request))),
        Route::public("/sign-in", |request| Box::pin(sign_in::page(request))),
    ],
    public_functions: &[pages::PATH, tours::PATH],
    ..Feature::EMPTY
};

/// The pages that the server makes.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    FEATURES.iter().flat_map(|feature| feature.pages)
}

/// What can be asked of staff.
pub fn request_kinds() -> RequestKinds {
    RequestKinds(FEATURES.iter().flat_map(|feature| feature.request_kinds).copied().collect())
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

pub const PUBLIC_PAGES: &[&str] = &[
    "/demo/outbox",
    "/help",
    "/help/bill",
    "/help/family-records",
    "/help/getting-started",
    "/help/linking-accounts",
    "/help/new-experience",
    "/help/notes",
    "/help/phone",
    "/help/proxy-access",
    "/help/questions",
    "/help/sharing-your-record",
    "/help/virtual-visits",
    "/recover",
    "/recover/email",
    "/recover/email-proved",
    "/recover/link",
    "/recover/sent",
    "/shared",
    "/shared/record",
    "/sign-in/second-step",
    "/sign-up",
    "/sign-up/contact",
    "/sign-up/id",
    "/sign-up/request",
    "/sign-up/requested",
    "/verify",
];

pub const PUBLIC_SERVER_FUNCTIONS: &[&str] = &[
    "/api/account/choose-language",
    "/api/credentials/check",
    "/api/credentials/check-file",
    "/api/portable/enter",
    "/api/portable/finish",
    "/api/portable/leave-note",
    "/api/recovery/ask",
    "/api/recovery/choose-password",
    "/api/recovery/prove-email",
    "/api/pages/read",
    "/api/second-step/finish-passkey",
    "/api/second-step/mail-code",
    "/api/second-step/pass",
    "/api/second-step/start-passkey",
    "/api/sign-in/sign-in",
    "/api/sign-up/begin-as-invited",
    "/api/sign-up/choose-id",
    "/api/sign-up/enter-code",
    "/api/sign-up/finish",
    "/api/sign-up/request-code",
    "/api/tours/read",
];
