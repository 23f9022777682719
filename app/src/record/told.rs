//! Values that are no numbers, as [`super::fhir::value`] keeps them, in the reader's language.

use crate::{
    base::{i18n::Texts, when::When},
    record::fhir::value::SAMPLED,
};

/// A value within a sentence; words of the source as they are.
pub fn told(t: Texts, said: &str) -> String {
    let own = in_words(t, said);
    let own = if matches!(said, "yes" | "no") { own.map(|answer| answer.to_lowercase()) } else { own };
    own.unwrap_or_else(|| said.to_owned())
}

/// Yes, no, days, times, spans and curves in the reader's language; nothing of words of the source.
pub fn in_words(t: Texts, said: &str) -> Option<String> {
    match said {
        "yes" => Some(t.health_yes().to_owned()),
        "no" => Some(t.health_no().to_owned()),
        SAMPLED => Some(t.results_sampled().to_owned()),
        _ => When::parse(said).map(|when| t.when_as_said(&when)).or_else(|| t.clock_time(said)),
    }
}

/// A day as exact as its source; nothing of words.
pub fn day(t: Texts, said: &str) -> Option<String> {
    When::stored(said).filter(|when| *when != When::Unsaid).map(|when| t.when_as_said(&when))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Locale;

    #[test]
    fn values_that_are_no_numbers_are_told_in_words() {
        let (en, es) = (Texts(Locale::En), Texts(Locale::Es));
        assert_eq!((told(en, "2026-10"), told(es, "2026-10-01")), ("October 2026".into(), "1 de octubre de 2026".into()));
        assert_eq!(told(en, "2026-10-01/2026-10-03"), "October 1, 2026 to October 3, 2026");
        assert_eq!((told(en, "14:30:00"), told(es, "no"), told(es, "yes")), ("2:30\u{a0}pm".into(), "no".into(), "sí".into()));
        assert_eq!((told(en, "1:128"), told(en, "2019 strain"), told(en, "12")), ("1:128".into(), "2019 strain".into(), "12".into()));
    }
}
