//! Why a decision about a document is refused.

use crate::base::why::Why;

/// The name that was typed is not that of whoever is signed in.
pub const OTHER_NAME: Why = Why::of("consents_why_other_name");
/// The department has a newer version since the page was opened.
pub const NEW_VERSION: Why = Why::of("consents_why_new_version");
/// The other language still says what it said before.
pub const ONE_LANGUAGE: Why = Why::of("consents_why_one_language");
/// Neither agreed nor refused.
pub const DECIDE: Why = Why::of("consents_why_decide");
