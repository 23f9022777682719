//! Ages and percentiles in the reader's language.

use super::reference::AccessKind;
use crate::base::i18n::{Locale, Texts};

/// As short as it can be.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.trim_end_matches(".0").to_owned()
}

/// "9 years 3 months"; months alone below two years.
pub(super) fn age_in_words(t: Texts, months: u32) -> String {
    match (months / 12, months % 12) {
        (0 | 1, _) => t.growth_months(&months.to_string()),
        (years, 0) => t.growth_years(&years.to_string()),
        (years, rest) => format!("{} {}", t.growth_years(&years.to_string()), t.growth_months(&rest.to_string())),
    }
}

pub(super) fn percentile(t: Texts, standing: Option<AccessKind>) -> String {
    standing.map_or_else(String::new, |standing| numbered(t, standing))
}

pub(super) fn percentile_in_words(t: Texts, standing: AccessKind) -> String {
    t.growth_percentile(&numbered(t, standing))
}

/// "53rd", "below 1st", "above 99th": no child is more precise than that.
fn numbered(t: Texts, standing: AccessKind) -> String {
    let ordinal = |number: u32| match t.0 {
        Locale::En => format!("{number}{}", english_suffix(number)),
        Locale::Es => number.to_string(),
    };
    if standing.percentile < 1.0 {
        t.growth_below(&ordinal(1))
    } else if standing.percentile > 99.0 {
        t.growth_above(&ordinal(99))
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 99")]
        ordinal(standing.percentile.round() as u32)
    }
}

fn english_suffix(number: u32) -> &'static str {
    match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    }
}

pub(super) fn score(standing: Option<AccessKind>) -> String {
    standing.map_or_else(String::new, |standing| format!("{:+.2}", standing.z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_said_as_people_say_them() {
        let at = |percentile| numbered(Texts(Locale::En), AccessKind { z: 0.0, percentile });
        assert_eq!([at(0.2), at(1.4), at(52.6), at(11.0), at(22.4), at(99.6)].join(" "), "below 1st 1st 53rd 11th 22nd above 99th");
        assert_eq!(numbered(Texts(Locale::Es), AccessKind { z: 0.0, percentile: 53.0 }), "53");
    }
}
