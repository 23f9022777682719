use crate::{
    access::Level,
    base::{end_reason::EndReason, i18n::Texts},
    features::family::words::{ended_in_words, level_in_words},
};

/// What access opens, or why it is over.
/// "May 3, 1988 (38 years)"; of a year or a month without the age.
pub(super) fn with_age(t: Texts, born: String, age: Option<i32>) -> String {
    age.map_or_else(|| born.clone(), |age| format!("{born} ({})", t.age(age)))
}

pub(super) fn access_in_words(t: Texts, level: Result<Level, EndReason>) -> String {
    match level {
        Ok(level) => level_in_words(t, level),
        Err(reason) => ended_in_words(t, reason).to_owned(),
    }
}
