//! Why something that was typed is refused, as the key of a sentence.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::i18n::{REASONS, Texts};

/// Why something that was typed is refused: one sentence in every language.
///
/// The value is one of [`REASONS`], the keys of the locales named `why_…`. It travels as its key; a key that is in no locale is
/// refused when it is read, so that nothing a client sends becomes one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Why(usize);

impl Why {
    pub const MISSING: Why = Why::of("why_missing");
    pub const TOO_LONG: Why = Why::of("why_too_long");
    pub const NOT_A_DATE: Why = Why::of("why_not_a_date");
    pub const NOT_AN_EMAIL: Why = Why::of("why_not_an_email");
    pub const NOT_PAST: Why = Why::of("why_not_past");
    pub const OVER: Why = Why::of("why_over");
    pub const NOT_FUTURE: Why = Why::of("why_not_future");
    pub const NOT_CONFIRMED: Why = Why::of("why_not_confirmed");
    pub const ALREADY_DONE: Why = Why::of("why_already_done");
    pub const DETAILS_WRONG: Why = Why::of("why_details_wrong");
    pub const FILE_LARGE: Why = Why::of("why_file_large");
    pub const LINK_OVER: Why = Why::of("why_link_over");
    pub const PAYMENT_CARD: Why = Why::of("why_payment_card");
    pub const UNDER_AGE: Why = Why::of("why_under_age");
    pub const SESSION_ENDED: Why = Why::of("why_session_ended");

    /// The reason with this key: `why_missing`, or `family_why_has_access` for `"why_has_access"` in `family.json`.
    ///
    /// # Panics
    /// When no locale has such a key. A constant with it does not compile.
    pub const fn of(key: &str) -> Self {
        match position(key) {
            Some(found) => Why(found),
            None => panic!("no locale has this reason"),
        }
    }

    pub const fn key(self) -> &'static str {
        REASONS[self.0]
    }

    pub fn sentence(self, t: Texts) -> &'static str {
        t.reason(self.0)
    }
}

const fn position(key: &str) -> Option<usize> {
    let mut at = 0;
    while at < REASONS.len() {
        if same(REASONS[at].as_bytes(), key.as_bytes()) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl fmt::Debug for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for Why {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        position(&key).map(Why).ok_or_else(|| de::Error::custom("unknown reason"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Locale;

    #[test]
    fn every_reason_has_a_sentence_in_every_language_and_travels_as_its_key() {
        for (index, key) in REASONS.iter().enumerate() {
            let why = Why::of(key);
            assert_eq!(why, Why(index));
            let sentences = [Locale::En, Locale::Es].map(|locale| why.sentence(Texts(locale)));
            assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{key}: {sentences:?}");
            assert_ne!(sentences[0], sentences[1], "{key} is not translated");
            let json = serde_json::to_string(&why).expect("a string");
            assert_eq!(json, format!("\"{key}\""));
            assert_eq!(serde_json::from_str::<Why>(&json).expect("a reason"), why);
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{key}");
        }
    }

    #[test]
    fn nothing_else_becomes_a_reason() {
        for text in ["", "Missing", "why_", "missing", "error_offline_title", "WHY_MISSING", "why_missing ", "<b>why_missing</b>"] {
            assert!(serde_json::from_value::<Why>(text.into()).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Why>("3").is_err());
    }
}
