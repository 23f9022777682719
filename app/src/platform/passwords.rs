//! What makes a password good enough.
//!
//! Source: NIST SP 800-63B (length before composition, common ones refused, paste allowed); the mix that the hospital asks for is
//! accepted from eight characters on.

#[cfg(feature = "ssr")]
use crate::base::why::Why;

#[cfg(feature = "ssr")]
pub const TOO_SHORT: Why = Why::of("password_why_password_short");
#[cfg(feature = "ssr")]
const MIX: Why = Why::of("password_why_password_mix");
#[cfg(feature = "ssr")]
const COMMON: Why = Why::of("password_why_password_common");
#[cfg(feature = "ssr")]
const IS_USERNAME: Why = Why::of("password_why_password_is_username");

/// Enough by itself.
const LONG: usize = 12;
/// Enough with digits, capitals and small letters.
const SHORT: usize = 8;
const STRONG: usize = 16;
#[cfg(feature = "ssr")]
const MOST: usize = 128;

/// How a password that is being typed looks so far. Whether it is a common one, the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    Empty,
    TooShort,
    /// Long enough only with digits, capitals and small letters.
    NeedsMore,
    Good,
    Strong,
}

/// Counted in characters, not bytes.
pub fn strength(password: &str) -> Strength {
    let length = password.chars().count();
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    let mixed = has(|c| c.is_ascii_digit()) && has(char::is_uppercase) && has(char::is_lowercase);
    if length == 0 {
        Strength::Empty
    } else if length < SHORT {
        Strength::TooShort
    } else if length < LONG && !mixed {
        Strength::NeedsMore
    } else if length < STRONG {
        Strength::Good
    } else {
        Strength::Strong
    }
}

/// Why a new password is refused.
#[cfg(feature = "ssr")]
pub fn problem(password: &str, username: &str) -> Option<Why> {
    let length = password.chars().count();
    if length > MOST {
        return Some(Why::TOO_LONG);
    }
    if password.to_lowercase() == username.trim().to_lowercase() {
        return Some(IS_USERNAME);
    }
    match strength(password) {
        Strength::Empty => return Some(Why::MISSING),
        Strength::TooShort => return Some(TOO_SHORT),
        Strength::NeedsMore => return Some(MIX),
        Strength::Good | Strength::Strong => {}
    }
    // The library's lists of common passwords, words, names and keyboard runs; its guesses are a lower bound of an attacker's.
    // The check is quadratic in the length, and nobody's list has longer ones.
    let start: String = password.chars().take(64).collect();
    let guessed = u8::from(zxcvbn::zxcvbn(&start, &[username]).score());
    (guessed < 2).then_some(COMMON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_characters_or_eight_mixed() {
        assert_eq!(strength(""), Strength::Empty);
        assert_eq!(strength("Abc123x"), Strength::TooShort);
        assert_eq!(strength("abcdefgh"), Strength::NeedsMore);
        assert_eq!(strength("Abcdefg1"), Strength::Good);
        assert_eq!(strength("plum river t"), Strength::Good);
        assert_eq!(strength("plum river toast"), Strength::Strong);
        assert_eq!(strength("ñandú ñandú"), Strength::NeedsMore, "eleven characters, whatever their bytes");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn common_ones_and_the_user_name_are_refused() {
        assert_eq!(problem("Password1", "maria"), Some(COMMON));
        assert_eq!(problem("123456789012", "maria"), Some(COMMON));
        assert_eq!(problem("Maria.Rivera1985", "maria.rivera1985"), Some(IS_USERNAME));
        assert_eq!(problem(&"x7 Q".repeat(40), "maria"), Some(Why::TOO_LONG));
        assert_eq!(problem("plum river toast", "maria"), None);
    }
}
