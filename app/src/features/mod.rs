//! One folder a feature. Which may see which is declared in `layers.toml`; what each hands to the site, in its [`Feature`].

#[cfg(feature = "ssr")]
use crate::{
    desk::requests::kind::RequestKind,
    record::{action::ActionSource, chapter::ChapterSource, quote::QuoteSource},
    view::page::Route,
};

#[cfg(feature = "ssr")]
pub mod access_log;
pub mod account;
#[cfg(feature = "ssr")]
pub mod appointments;
#[cfg(feature = "ssr")]
pub mod billing;
#[cfg(feature = "ssr")]
pub mod calendar;
#[cfg(feature = "ssr")]
pub mod check_in;
#[cfg(feature = "ssr")]
pub mod consents;
#[cfg(feature = "ssr")]
pub mod corrections;
#[cfg(feature = "ssr")]
pub mod credentials;
#[cfg(feature = "ssr")]
pub mod family;
#[cfg(feature = "ssr")]
pub mod growth;
#[cfg(feature = "ssr")]
pub mod health;
#[cfg(feature = "ssr")]
pub mod ledgers;
#[cfg(feature = "ssr")]
pub mod medications;
#[cfg(feature = "ssr")]
pub mod messages;
pub mod notes;
#[cfg(feature = "ssr")]
pub mod offices;
#[cfg(feature = "ssr")]
pub mod personal;
#[cfg(feature = "ssr")]
pub mod phone;
#[cfg(feature = "ssr")]
pub mod questionnaires;
#[cfg(feature = "ssr")]
pub mod results;
#[cfg(feature = "ssr")]
pub mod schedules;
#[cfg(feature = "ssr")]
pub mod sharing;
#[cfg(feature = "ssr")]
pub mod staff;
pub mod summaries;
#[cfg(feature = "ssr")]
pub mod video;
pub mod visits;

/// What a feature says of itself; `site::features` lists them all.
#[cfg(feature = "ssr")]
pub struct Feature {
    /// The pages that the server makes.
    pub pages: &'static [Route],
    /// Server functions for which nobody needs to be signed in (`ServerFn::PATH`): they ask for a permission of their own.
    pub public_functions: &'static [&'static str],
    /// Server functions whose forms may have files (`ServerFn::PATH`).
    pub file_functions: &'static [&'static str],
    /// Sections of the record, for export and sharing.
    pub chapters: &'static [ChapterSource],
    /// How its places in the record are found, for corrections.
    pub quotes: &'static [QuoteSource],
    /// What it offers on pages of other features.
    pub actions: &'static [ActionSource],
    /// What it asks of staff.
    pub request_kinds: &'static [&'static RequestKind],
}

#[cfg(feature = "ssr")]
impl Feature {
    /// A feature that hands in nothing, for `..Feature::EMPTY`.
    pub const EMPTY: Feature =
        Feature { pages: &[], public_functions: &[], file_functions: &[], chapters: &[], quotes: &[], actions: &[], request_kinds: &[] };
}
