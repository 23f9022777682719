//! Values that are no numbers, and reasons why there is none, in the reader's language.

use crate::{
    base::{i18n::Texts, when::When},
    record::{fhir::value::SAMPLED, result::model::NONE_SENT},
};

/// Why there is no value, by FHIR's codes; nothing of words of the source.
pub(super) fn absence(t: Texts, reason: &str) -> Option<&'static str> {
    Some(match reason.replace(' ', "-").as_str() {
        NONE_SENT => t.results_absent_none_sent(),
        "unknown" | "temp-unknown" => t.results_absent_unknown(),
        "asked-unknown" => t.results_absent_asked_unknown(),
        "not-asked" => t.results_absent_not_asked(),
        "asked-declined" => t.results_absent_declined(),
        "masked" | "not-permitted" => t.results_absent_masked(),
        "not-applicable" => t.results_absent_not_applicable(),
        "unsupported" | "as-text" => t.results_absent_unsupported(),
        "error" | "not-a-number" | "negative-infinity" | "positive-infinity" => t.results_absent_error(),
        "not-performed" => t.results_absent_not_performed(),
        _ => return None,
    })
}

/// Yes, no, days, times, spans and curves in the reader's language; everything else as the source says it.
pub fn told(t: Texts, shown: &str) -> String {
    let moment = |said: &str| When::parse(said).map(|when| t.when_as_said(&when));
    match shown {
        "yes" => t.health_yes().to_lowercase(),
        "no" => t.health_no().to_lowercase(),
        SAMPLED => t.results_sampled().to_owned(),
        _ => moment(shown).or_else(|| t.clock_time(shown)).unwrap_or_else(|| shown.to_owned()),
    }
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
