//! Reasons why there is no value, in the reader's language.

use crate::{base::i18n::Texts, record::result::model::NONE_SENT};

/// Why there is no value, by FHIR's codes; nothing of words of the source.
pub(super) fn absence(t: Texts, reason: &str) -> Option<&'static str> {
    Some(match reason.replace(' ', "-").as_str() {
        NONE_SENT => t.results_absent_none_sent(),
        "unknown" | "temp-unknown" => t.results_absent_unknown(),
        "asked-unknown" => t.results_absent_asked_unknown(),
        "not-asked" => t.results_absent_not_asked(),
        "asked-declined" => t.results_absent_declined(),
        "masked" | "not-permitted" => t.results_absent_masked(),
        "not-applicable" => t.results_absent_not_applicable(),
        "unsupported" | "as-text" => t.results_absent_unsupported(),
        "error" | "not-a-number" | "negative-infinity" | "positive-infinity" => t.results_absent_error(),
        "not-performed" => t.results_absent_not_performed(),
        _ => return None,
    })
}
