//! Numbers of payment cards where none belongs: nothing that somebody types may be kept with one in it (PCI DSS 4.0.1, requirement 3).

use std::borrow::Cow;

/// Lengths of a number by how it begins: the first and the last beginning, and the lengths. Source: ISO/IEC 7812 and the networks' ranges.
const NETWORKS: [(u32, u32, &[usize]); 11] = [
    (4, 4, &[13, 16, 19]),
    (51, 55, &[16]),
    (2221, 2720, &[16]),
    (34, 34, &[15]),
    (37, 37, &[15]),
    (300, 305, &[14]),
    (36, 36, &[14]),
    (3528, 3589, &[16]),
    (6011, 6011, &[16]),
    (644, 649, &[16]),
    (65, 65, &[16]),
];
/// How people part a number into groups, as it stands on the card.
const GROUPS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];
/// So many signs may stand between two groups.
const BETWEEN: usize = 3;

/// Whether something in it is the number of a payment card, in one piece or in its groups, whatever stands between them.
pub fn has_number(text: &str) -> bool {
    find(text).is_some()
}

/// The text with the last four digits of each card's number alone.
pub fn without_numbers(text: &str) -> Cow<'_, str> {
    let mut rest = Cow::Borrowed(text);
    while let Some((start, end, last)) = find(&rest) {
        rest = Cow::Owned(format!("{}•••• {last}{}", &rest[..start], &rest[end..]));
    }
    rest
}

/// Digits side by side, with the bytes where they begin and end.
struct Run {
    start: usize,
    end: usize,
    digits: String,
}

/// Where the first number stands, and its last four digits.
fn find(text: &str) -> Option<(usize, usize, String)> {
    let runs = runs(text);
    for (first, run) in runs.iter().enumerate() {
        if let Some(number) = in_one(&run.digits).filter(|_| stands_alone(text, run.start, run.end)) {
            return Some((run.start, run.end, last_four(number)));
        }
        for groups in GROUPS {
            let Some(taken) = runs.get(first..first + groups.len()) else { continue };
            let fits = taken.iter().zip(groups).all(|(run, length)| run.digits.len() == *length);
            let close = taken.windows(2).all(|pair| is_between(&text[pair[0].end..pair[1].start]));
            let number: String = taken.iter().map(|run| run.digits.as_str()).collect();
            if fits && close && is_card(&number) {
                return Some((run.start, taken.last()?.end, last_four(&number)));
            }
        }
    }
    None
}

/// Where the ids of things stand, which may have the digits of a number by chance.
fn ids(text: &str) -> Vec<(usize, usize)> {
    const LENGTH: usize = 36;
    let is_id = |at: usize| text.get(at..at + LENGTH).is_some_and(|part| uuid::Uuid::try_parse(part).is_ok());
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.char_indices() {
        if found.last().is_none_or(|(_, end)| at >= *end) && is_id(at) {
            found.push((at, at + LENGTH));
        }
    }
    found
}

/// The digits of all scripts, as ASCII; what cannot be seen parts nothing.
fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let ids = ids(text);
    for (at, letter) in text.char_indices() {
        if ids.iter().any(|(start, end)| (*start..*end).contains(&at)) {
            continue;
        }
        let Some(digit) = digit(letter) else { continue };
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => {
                run.digits.push(digit);
                run.end = at + letter.len_utf8();
            }
            None => runs.push(Run { start: at, end: at + letter.len_utf8(), digits: digit.to_string() }),
        }
    }
    runs
}

fn digit(letter: char) -> Option<char> {
    let value = match letter {
        '0'..='9' => return Some(letter),
        '\u{ff10}'..='\u{ff19}' => u32::from(letter) - 0xff10,
        '\u{0660}'..='\u{0669}' => u32::from(letter) - 0x0660,
        '\u{06f0}'..='\u{06f9}' => u32::from(letter) - 0x06f0,
        '\u{0966}'..='\u{096f}' => u32::from(letter) - 0x0966,
        _ => return None,
    };
    char::from_digit(value, 10)
}

fn is_between(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= BETWEEN && text.chars().all(|letter| !letter.is_alphanumeric())
}

/// A number in one piece, alone or with the month and year of its end, and its code, behind it.
fn in_one(digits: &str) -> Option<&str> {
    if is_card(digits) {
        return Some(digits);
    }
    let (number, rest) = digits.split_at_checked(16)?;
    let month: u32 = rest.get(..2)?.parse().ok()?;
    (matches!(rest.len(), 4 | 7) && (1..=12).contains(&month) && is_card(number)).then_some(number)
}

/// Digits in one piece that hang together with letters may be part of some other name, such as `seti_4242424242424242`, or of an id in
/// hexadecimal digits; words of a language are none.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let is_part = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
    let is_name = |beside: String| !beside.is_empty() && (beside.contains('_') || beside.chars().all(|letter| letter.is_ascii_hexdigit()));
    let before: String = text[..start].chars().rev().take_while(is_part).collect();
    let after: String = text[end..].chars().take_while(is_part).collect();
    !is_name(before) && !is_name(after)
}

fn last_four(number: &str) -> String {
    number[number.len() - 4..].to_owned()
}

fn is_card(digits: &str) -> bool {
    let begins = |most: u32| digits.get(..most.to_string().len()).and_then(|head| head.parse::<u32>().ok());
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
            "4242\u{a0}4242\t4242\n4242",
            "4242 - 4242 / 4242–4242",
            "4242\r\n4242\u{ad}4242\u{2009}4242",
            "Visa4242 4242 4242 4242",
            "Visa4242424242424242",
            "4242424242424242exp04/30",
            "42424242424242420430",
            "42424242424242420430123",
            "４２４２ ４２４２ ４２４２ ４２４２",
            "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
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
            "seti_4242424242424242",
            "42424242424242424242424242",
            "332faa14-3277-5935-bfde-ae0f1dd552ad",
            "2026-11-27 14:30, 98.6 F, 120/80, 72",
            "10 20 30 40 50 60 70 80",
            "+49 151 23456704",
            "401-555-0107 401-555-0189",
            "401-555-0101 2026-11-27",
            "860-602-0231 860-422-5885 860-451-1389",
            "62 71 68 70 66 64 70 71 69 68 72 70 66 61",
            "6201234500000004",
            "",
            "•••• 4242",
        ] {
            assert!(!has_number(text), "{text}");
            assert_eq!(without_numbers(text), text);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_comes_out_without_a_number(text in "[0-9 .ñ/-]{0,60}") {
            prop_assert!(!has_number(&without_numbers(&text)));
        }
    }

    #[test]
    fn the_id_of_a_thing_is_no_number_whatever_its_digits() {
        let id = "0a1b2c3d-4111-1111-1111-1111ab000000";
        assert!(!has_number(id) && !has_number(&format!("{id}~{id}~2026-12-01T09:00:00Z")));
        assert!(has_number(&format!("{id} 4111-1111-1111-1111")), "beside it, one is");
    }
}
