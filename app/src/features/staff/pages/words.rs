use crate::{
    access::Level,
    base::{end_reason::EndReason, i18n::Texts},
    features::family::words::{ended_in_words, level_in_words},
};

/// What access opens, or why it is over.
pub(super) fn access_in_words(t: Texts, level: Result<Level, EndReason>) -> String {
    match level {
        Ok(level) => level_in_words(t, level),
        Err(reason) => ended_in_words(t, reason).to_owned(),
    }
}
