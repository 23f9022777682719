//! Numbers of payment cards where none belongs: nothing that somebody types may be kept with one in it (PCI DSS 4.0.1, requirement 3).

use std::borrow::Cow;

/// Lengths of a number by how it begins: the first and the last beginning, and the lengths. Source: ISO/IEC 7812 and the networks' ranges.
const NETWORKS: [(u32, u32, &[usize]); 9] = [
    (4, 4, &[13, 16, 19]),
    (51, 55, &[16]),
    (2221, 2720, &[16]),
    (34, 34, &[15]),
    (37, 37, &[15]),
    (300, 305, &[14]),
    (36, 36, &[14]),
    (3528, 3589, &[16, 17, 18, 19]),
    (60, 65, &[16, 17, 18, 19]),
];

/// Whether something in it is the number of a payment card, in one piece or in groups.
pub fn has_number(text: &str) -> bool {
    find(text, 0).is_some()
}

/// The text with the last four digits of each card's number alone.
pub fn without_numbers(text: &str) -> Cow<'_, str> {
    let mut rest = Cow::Borrowed(text);
    let mut from = 0;
    while let Some((start, end, last)) = find(&rest, from) {
        let shown = format!("•••• {last}");
        from = start + shown.len();
        rest = Cow::Owned(format!("{}{shown}{}", &rest[..start], &rest[end..]));
    }
    rest
}

/// Where the first number stands from a byte on, and its last four digits.
fn find(text: &str, from: usize) -> Option<(usize, usize, String)> {
    let bytes = text.as_bytes();
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut at = from;
    while at <= bytes.len() {
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            let end = (at..bytes.len()).find(|index| !bytes[*index].is_ascii_digit()).unwrap_or(bytes.len());
            groups.push((at, end));
            at = end;
            continue;
        }
        let between = matches!(bytes.get(at), Some(b' ' | b'-' | b'.')) && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !between {
            if let Some(found) = among(text, &groups) {
                return Some(found);
            }
            groups.clear();
        }
        at += 1;
    }
    None
}

/// A number made of whole groups that stand side by side. Digits that hang together with letters are something else.
fn among(text: &str, groups: &[(usize, usize)]) -> Option<(usize, usize, String)> {
    let is_word = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    for (first, (start, _)) in groups.iter().enumerate() {
        let mut digits = String::new();
        for (from, end) in &groups[first..] {
            digits.push_str(&text[*from..*end]);
            let before = start.checked_sub(1).and_then(|index| text.as_bytes().get(index).copied());
            if is_card(&digits) && !is_word(before) && !is_word(text.as_bytes().get(*end).copied()) {
                return Some((*start, *end, digits[digits.len() - 4..].to_owned()));
            }
        }
    }
    None
}

fn is_card(digits: &str) -> bool {
    let begins = |most: u32| {
        let length = most.to_string().len();
        digits.get(..length).and_then(|head| head.parse::<u32>().ok())
    };
    let known = |(first, last, lengths): &(u32, u32, &[usize])| {
        lengths.contains(&digits.len()) && begins(*last).is_some_and(|head| (*first..=*last).contains(&head))
    };
    NETWORKS.iter().any(known) && checks(digits)
}

/// The check digit is right. Source: ISO/IEC 7812-1, annex B.
fn checks(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            let twice = digit * 2;
            if index % 2 == 0 { digit } else { twice / 10 + twice % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_cards_are_found_however_they_are_written() {
        for text in [
            "4242424242424242",
            "My card is 4242 4242 4242 4242, until 4/30.",
            "4242-4242-4242-4242 04/30 123",
            "card:378282246310005",
            "3782 822463 10005",
            "5555.5555.5555.4444",
            "2223003122003222",
            "6011 1111 1111 1117",
            "call 860-358-4111 with 4000 0000 0000 0341",
        ] {
            assert!(has_number(text), "{text}");
            assert!(!has_number(&without_numbers(text)), "{text}");
        }
        assert_eq!(without_numbers("pay 4242 4242 4242 4242 now, or 5555555555554444."), "pay •••• 4242 now, or •••• 4444.");
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "860-358-4111",
            "4242424242424243",
            "0123456789012345",
            "XYZ4242424242424242",
            "seti_4242424242424242",
            "42424242424242424242424242",
            "332faa14-3277-5935-bfde-ae0f1dd552ad",
            "2026-11-27 14:30, 98.6 F, 120/80, 72",
            "10 20 30 40 50 60 70 80",
            "",
            "•••• 4242",
        ] {
            assert!(!has_number(text), "{text}");
            assert_eq!(without_numbers(text), text);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_comes_out_without_a_number(text in "[0-9 .ñ-]{0,60}") {
            prop_assert!(!has_number(&without_numbers(&text)));
        }
    }
}
