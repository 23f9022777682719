//! One folding of names and record numbers: for what is stored, for what is looked for, and for what a person types to be found.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a text as they are compared, with one space between them: in small letters, without accents however they were
/// composed, without apostrophes of any kind; hyphens, commas and full stops part words. Letters that Unicode does not decompose
/// are written as their neighbours do without them: ß as ss, ł as l, ø as o, the Turkish ı as i.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_accent(*letter) && !is_apostrophe(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ŧ' => out.push('t'),
            'ŋ' => out.push('n'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            letter if letter.is_alphanumeric() || is_combining_mark(letter) => out.push(letter),
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.nfc().collect()
}

/// A record number as it is compared: its letters and digits.
pub fn number_key(number: &str) -> String {
    folded(number).replace(' ', "")
}

/// The accents of European scripts, and the points of Hebrew and Arabic. Marks of other scripts are letters of their own.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | 'ʻ' | 'ʼ' | 'ʹ' | 'ˊ' | 'ˋ' | '＇')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for (spellings, key) in [
            (&["José Núñez", "Jose\u{301} Nun\u{303}ez", "JOSE NUNEZ", " jose  nunez "][..], "jose nunez"),
            (&["O'Brien", "O’Brien", "OʼBrien", "O`Brien", "obrien"], "obrien"),
            (&["García-López", "Garcia Lopez", "García‐López", "García – López"], "garcia lopez"),
            (&["Smith, John", "SMITH John", "Smith,John"], "smith john"),
            (&["Weiß", "WEISS", "WEIẞ"], "weiss"),
            (&["İpek Işık", "ipek ışık", "IPEK ISIK"], "ipek isik"),
            (&["Łukasz Bułka", "Lukasz Bulka"], "lukasz bulka"),
            (&["Søren Ægir Þór", "Soren Aegir Thor"], "soren aegir thor"),
            (&["Nguyễn Đỗ", "Nguyen Do"], "nguyen do"),
            (&["ΑΛΈΞΑΝΔΡΟΣ", "Αλέξανδρος"], "αλεξανδροσ"),
            (&["김민지", "\u{1100}\u{1175}\u{11b7}민지"], "김민지"),
            (&["مُحَمَّد", "محمد"], "محمد"),
            (&["शर्मा"], "शर्मा"),
            (&["がく", "か\u{3099}く"], "がく"),
            (&["", " ", "'", "-,.", "%_"], ""),
        ] {
            for spelling in spellings {
                assert_eq!(folded(spelling), key, "{spelling}");
                assert_eq!(folded(&folded(spelling)), key, "folding is done once: {spelling}");
            }
        }
        assert_ne!(folded("शर्मा"), folded("शरम"), "vowels are letters");
    }

    #[test]
    fn record_numbers_are_their_letters_and_digits() {
        for typed in ["MRN-100201", "mrn 100201", "Mrn100201"] {
            assert_eq!(number_key(typed), "mrn100201");
        }
    }
}
