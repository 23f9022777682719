//! What people type, and how it is compared, checked and written.

#[cfg(any(feature = "ssr", test))]
use std::borrow::Cow;

#[cfg(feature = "ssr")]
use chrono::NaiveDate;

#[cfg(feature = "ssr")]
use super::{error::Error, why::Why};

/// How a user name is compared: people forget what they capitalised.
#[cfg(any(feature = "ssr", test))]
pub fn username_key(username: &str) -> String {
    username.trim().to_lowercase()
}

/// What somebody typed or pasted, without what cannot be seen: control characters, which databases refuse and which mean something
/// to terminals and printers, those that turn the direction of text around, and fillers of Hangul. Tabs stay, and line breaks, which
/// forms write with a carriage return, as a line feed alone.
#[cfg(any(feature = "ssr", test))]
pub fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if text.contains(hidden) { Cow::Owned(text.replace(hidden, "")) } else { Cow::Borrowed(text) }
}

/// How somebody is greeted. A title alone is no name: "Dr. Susan Hale".
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().filter(|name| !name.ends_with('.')).unwrap_or(name.trim())
}

/// Whether a path leads to this site, and can stand in a header as it is.
pub fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains(|letter: char| letter.is_control() || letter == '\\')
}

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

/// Whether it can be a ZIP code, of five digits or nine, or the postal code of another country, which has letters.
#[cfg(any(feature = "ssr", test))]
pub fn is_postal_code(text: &str) -> bool {
    let count = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().any(char::is_alphabetic);
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
        && if letters { (4..=12).contains(&text.chars().count()) && count > 0 } else { matches!(count, 5 | 9) }
}

/// Whether it can be a telephone number with its area code: ten to fifteen digits (ITU-T E.164), perhaps with an extension.
#[cfg(any(feature = "ssr", test))]
pub fn is_phone(text: &str) -> bool {
    let lower = text.to_lowercase();
    let (number, extension) = lower.split_once("ext").or_else(|| lower.split_once('x')).unwrap_or((&lower, "0"));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let marks = |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '-' | '.' | '(' | ')' | '/');
    number.chars().all(marks)
        && (10..=15).contains(&digits(number))
        && extension.chars().all(|c| marks(c) || c == ':')
        && (1..=6).contains(&digits(extension))
}

/// Letters and digits that nobody mistakes for each other, on paper or on the phone.
pub const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
pub const LENGTH: usize = 10;

#[cfg(feature = "ssr")]
/// A birth date as browsers send it, or as people write it here: "2013-05-03" or "5/3/2013".
pub(crate) fn date(field: &str, text: &str) -> Result<NaiveDate, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::field(field, Why::MISSING));
    }
    let parsed = text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%m/%d/%Y").ok());
    parsed.filter(|day: &NaiveDate| (1880..2200).contains(&chrono::Datelike::year(day))).ok_or_else(|| Error::field(field, Why::NOT_A_DATE))
}

/// For XML; control characters, which it cannot hold, fall away.
pub fn escaped(text: &str) -> String {
    let allowed = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    allowed.fold(String::with_capacity(text.len()), |mut all, letter| {
        match letter {
            '&' => all.push_str("&amp;"),
            '<' => all.push_str("&lt;"),
            '>' => all.push_str("&gt;"),
            '"' => all.push_str("&quot;"),
            letter => all.push(letter),
        }
        all
    })
}

/// ... and is uploaded as no more than so many bytes; papers too.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones_and_postal_codes() {
        for phone in ["860-555-0100", "+1 (860) 555.0100", "860 555 0100 ext. 12", "8605550100x3", "+49 30 1234 56789"] {
            assert!(is_phone(phone), "{phone}");
        }
        for phone in ["abc", "555-0100", "860-555-01OO", "12345678901234567890", "860-555-0100 ext", "-", ""] {
            assert!(!is_phone(phone), "{phone}");
        }
        for code in ["06457", "06457-1234", "064571234", "K1A 0B1", "SW1A 1AA"] {
            assert!(is_postal_code(code), "{code}");
        }
        for code in ["1234567", "6457", "ABCDE", "06457;", "", "-----"] {
            assert!(!is_postal_code(code), "{code}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(visible("1 Main\0 St\u{1b}\u{202e}.\r\n\tApt 3 ñ 👩\u{200d}🔬"), "1 Main St.\n\tApt 3 ñ 👩\u{200d}🔬");
    }

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

    #[test]
    fn user_names_are_compared_without_case_and_space() {
        assert_eq!(username_key(" Maria "), "maria");
    }
}
