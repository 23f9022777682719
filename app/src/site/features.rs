//! The list of features, and what the site asks of all of them.

use super::{demo, help, live_pages::LIVE_PAGES, menu_page, pages, people, sign_in, tours};
use crate::{
    desk::requests::{self, kind::RequestKinds},
    features::{
        Feature, access_log, account, appointments, billing, calendar, check_in, consents, corrections, credentials, family, growth,
        health, ledgers, medications, messages, notes, offices, personal, phone, questionnaires, results, schedules, sharing, staff,
        summaries, video, visits,
    },
    record::{action::Actions, chapter::Chapters, quote::Quotes},
    view::page::Route,
};

/// Every feature, one line each.
pub const FEATURES: &[Feature] = &[
    DESK,
    access_log::FEATURE,
    account::FEATURE,
    appointments::FEATURE,
    billing::FEATURE,
    calendar::FEATURE,
    check_in::FEATURE,
    consents::FEATURE,
    corrections::FEATURE,
    credentials::FEATURE,
    family::FEATURE,
    growth::FEATURE,
    health::FEATURE,
    ledgers::FEATURE,
    medications::FEATURE,
    messages::FEATURE,
    notes::FEATURE,
    offices::FEATURE,
    personal::FEATURE,
    phone::FEATURE,
    questionnaires::FEATURE,
    results::FEATURE,
    schedules::FEATURE,
    sharing::FEATURE,
    staff::FEATURE,
    summaries::FEATURE,
    video::FEATURE,
    visits::FEATURE,
    demo::FEATURE,
    help::FEATURE,
    SITE,
];

/// Requests to staff. The desk is no feature: features bring what is asked.
const DESK: Feature =
    Feature { pages: requests::PAGES, public_functions: requests::PUBLIC_FUNCTIONS, request_kinds: requests::KINDS, ..Feature::EMPTY };

/// What belongs to no feature.
const SITE: Feature = Feature {
    pages: &[
        Route::signed_in("/menu", |request| Box::pin(menu_page::page(request))),
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

/// The sections of a record.
pub fn chapters() -> Chapters {
    Chapters(FEATURES.iter().flat_map(|feature| feature.chapters).copied().collect())
}

/// How places in the record are found.
pub fn quotes() -> Quotes {
    Quotes(FEATURES.iter().flat_map(|feature| feature.quotes).copied().collect())
}

/// What features offer on pages of others.
pub fn actions() -> Actions {
    Actions(FEATURES.iter().flat_map(|feature| feature.actions).copied().collect())
}

/// What can be asked of staff.
pub fn request_kinds() -> RequestKinds {
    RequestKinds(FEATURES.iter().flat_map(|feature| feature.request_kinds).copied().collect())
}

/// The addresses of all pages, as `/p/{patient}/visits`.
pub fn page_paths() -> Vec<&'static str> {
    routes().map(|route| route.path).chain(LIVE_PAGES.iter().copied()).collect()
}

/// Whether nobody needs to be signed in for the page at this address.
pub fn is_public_page(path: &str) -> bool {
    routes().any(|route| route.public && route.request(path, "").is_some())
}

/// Whether nobody needs to be signed in for this server function.
pub fn is_public_function(path: &str) -> bool {
    FEATURES.iter().any(|feature| feature.public_functions.contains(&path))
}

/// Whether the forms of this server function may have files.
pub fn takes_files(path: &str) -> bool {
    FEATURES.iter().any(|feature| feature.file_functions.contains(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::chapter::RecordSection;

    #[test]
    fn each_section_of_a_record_is_one_features() {
        let chapters = chapters().0;
        for section in RecordSection::ALL {
            assert_eq!(chapters.iter().filter(|source| source.section == *section).count(), 1, "{}", section.as_str());
        }
    }
}
