//! Activation codes and user names.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::stored::stored_as_text;

/// How a code reached the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handed {
    /// On paper or on the screen, at the office.
    Office,
    /// To the e-mail address on file.
    Mailed,
}

stored_as_text!(Handed { Office = "office", Mailed = "mailed" });

/// A code is good for so long.
pub const LIFE: TimeDelta = TimeDelta::days(45);
/// After so many wrong tries a code is void.
pub const WRONG_TRIES: i32 = 5;
/// Letters and digits that nobody mistakes for each other, on paper or on the phone.
pub const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
pub const LENGTH: usize = 10;

/// A code as it is compared: without case, spaces and dashes. `None` when it cannot be one.
pub fn normalised(code: &str) -> Option<String> {
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
    (known && code.len() == LENGTH).then_some(code)
}

/// "ABCDE-FGHJK".
pub fn displayed(code: &str) -> String {
    let (first, second) = code.split_at(code.len() / 2);
    format!("{first}-{second}")
}

/// What may be a user name: 4 to 40 letters, digits, dots, dashes, underscores and at signs.
pub fn is_username(username: &str) -> bool {
    let username = username.trim();
    (4..=40).contains(&username.chars().count()) && username.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'))
}

/// How an answer to a security question is compared: people forget case, accents of spacing and full stops.
pub fn answer_key(answer: &str) -> String {
    answer.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The security questions, by the key under which they are stored.
pub const QUESTIONS: [&str; 5] = ["teacher", "street", "pet", "meal", "friend"];

/// Whether it looks like an e-mail address; whether it is one, only a letter can tell.
pub fn is_email(email: &str) -> bool {
    let Some((name, host)) = email.trim().rsplit_once('@') else { return false };
    !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && email.len() <= 200
        && !email.trim().contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(normalised(" abcde-fghjk "), Some("ABCDEFGHJK".into()));
        assert_eq!(displayed("ABCDEFGHJK"), "ABCDE-FGHJK");
        assert_eq!(normalised("ABCDE-FGHJ"), None, "too short");
        assert_eq!(normalised("ABCDE-FGHI0"), None, "a letter that no code has");
    }

    #[test]
    fn user_names_and_addresses() {
        assert!(is_username("maria.rivera") && is_username("josé@home"));
        assert!(!is_username("abc") && !is_username("two words"));
        assert!(is_email("maria@example.org") && !is_email("maria@example") && !is_email("a b@example.org") && !is_email("@example.org"));
    }

    #[test]
    fn answers_are_compared_without_case_and_punctuation() {
        assert_eq!(answer_key(" Mrs. O'Neill "), answer_key("mrs oneill"));
    }
}
