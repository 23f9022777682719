//! The facts of the health summary in the reader's language.

mod timing;
mod types;

use self::timing::{frequency, how_long, most, when};
pub use self::types::type_in_words;

use crate::{
    base::i18n::Texts,
    record::{
        item::model::{Fact, What, remark},
        told::{day, in_words as value},
    },
};

pub fn label(t: Texts, what: What) -> &'static str {
    match what {
        What::Activity => t.health_activity(),
        What::AsNeeded => t.health_as_needed(),
        What::Author | What::Performer => t.health_by(),
        What::BodySite => t.health_body_site(),
        What::Category => t.health_category(),
        What::Condition => t.health_conditions(),
        What::Criticality => t.health_criticality(),
        What::Day => t.health_day(),
        What::Dose => t.health_dose(),
        What::DoseNumber => t.health_dose_number(),
        What::Expires => t.health_expires(),
        What::File => t.health_file(),
        What::Frequency => t.health_how_often(),
        What::HowLong => t.health_how_long(),
        What::Instruction => t.health_instruction(),
        What::LotNumber => t.health_lot(),
        What::Made => t.health_made(),
        What::Manufacturer => t.health_manufacturer(),
        What::Member => t.health_care_team(),
        What::Model => t.health_model(),
        What::Most => t.health_most(),
        What::Note | What::Remark => t.health_note(),
        What::Outcome => t.health_outcome(),
        What::Place => t.health_place(),
        What::Prescriber => t.health_prescriber(),
        What::Reaction => t.health_reaction(),
        What::Reason => t.health_reason(),
        What::StatusReason => t.health_status_reason(),
        What::RefillsLeft => t.health_refills(),
        What::Route => t.health_route(),
        What::SerialNumber => t.health_serial(),
        What::Severity => t.health_severity(),
        What::Since => t.health_since_when(),
        What::Stored => "",
        What::Target => t.health_target(),
        What::TargetDay => t.health_target_day(),
        What::Udi => t.health_udi(),
        What::Until => t.health_until_when(),
        What::Value => t.health_answer(),
        What::When => t.health_when(),
    }
}

/// Codes, days, frequencies and spans in the reader's language; everything else as the source says it.
pub fn in_words(t: Texts, fact: &Fact) -> String {
    let said = fact.said.as_str();
    let words = match fact.what {
        What::Severity | What::Criticality => degree(t, said).map(str::to_owned),
        What::Category => Some(type_in_words(t, said)),
        What::Day | What::Expires | What::Made | What::Since | What::TargetDay | What::Until => day(t, said).or_else(|| age(t, said)),
        What::AsNeeded => value(t, said),
        What::Frequency => frequency(t, said),
        What::HowLong => how_long(t, said),
        What::Most => most(t, said),
        What::Remark => sentence(t, said).map(str::to_owned),
        What::Value => answer(t, said),
        What::When => Some(when(t, said)),
        _ => None,
    };
    words.unwrap_or_else(|| said.to_owned())
}

/// "age 12" of `age 12/a`; of months and days with the unit.
fn age(t: Texts, said: &str) -> Option<String> {
    let (count, unit) = said.strip_prefix("age ")?.split_once('/')?;
    Some(match unit {
        "a" | "y" | "yr" | "year" | "years" => t.health_at_age(count),
        _ => t.health_at_age_of(&how_long(t, &format!("{count}/{unit}"))?),
    })
}

fn degree(t: Texts, said: &str) -> Option<&'static str> {
    Some(match said {
        "mild" => t.health_mild(),
        "moderate" => t.health_moderate(),
        "severe" => t.health_severe(),
        "low" => t.health_low(),
        "high" => t.health_high(),
        _ => return None,
    })
}

fn sentence(t: Texts, said: &str) -> Option<&'static str> {
    Some(match said {
        remark::CANNOT_BE_SHOWN => t.health_remark_cannot_be_shown(),
        remark::DO_NOT => t.health_remark_do_not(),
        remark::HEALTH_UNKNOWN => t.health_remark_health_unknown(),
        remark::KEPT_ELSEWHERE => t.health_remark_kept_elsewhere(),
        remark::PROPOSED => t.health_remark_proposed(),
        remark::HAS_DIED => t.health_remark_has_died(),
        remark::BROKEN_OFF => t.health_remark_broken_off(),
        remark::ON_HOLD => t.health_remark_on_hold(),
        remark::UNDER_WAY => t.health_remark_under_way(),
        remark::SUBPOTENT => t.health_remark_subpotent(),
        _ => return None,
    })
}

/// A value, alone or behind what was asked: "Smokes: No".
fn answer(t: Texts, said: &str) -> Option<String> {
    match said.rsplit_once(": ") {
        Some((asked, said)) => Some(format!("{asked}: {}", value(t, said)?)),
        None => value(t, said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Locale;

    const EN: Texts = Texts(Locale::En);
    const ES: Texts = Texts(Locale::Es);

    fn told(t: Texts, what: What, said: &str) -> String {
        in_words(t, &Fact::new(what, said))
    }

    #[test]
    fn days_are_as_exact_as_the_source() {
        for (said, english) in [("2019", "2019"), ("2019-03", "March 2019"), ("2019-03-04", "March 4, 2019"), ("as a child", "as a child")]
        {
            assert_eq!(told(EN, What::Since, said), english);
        }
        assert_eq!(told(ES, What::Until, "2019-03"), "marzo de 2019");
        assert_eq!((told(EN, What::Since, "age 12/a"), told(ES, What::Since, "age 3–5/a")), ("age 12".into(), "a los 3–5 años".into()));
    }

    #[test]
    fn answers_are_told_in_words() {
        assert_eq!(told(ES, What::Value, "yes"), "Sí");
        assert_eq!(told(EN, What::Value, "Smokes: no"), "Smokes: No");
        assert_eq!(told(EN, What::Value, "2020-03-04"), "March 4, 2020");
        assert_eq!(told(EN, What::Value, "2020-03-04T23:00:00-05:00"), "March 4, 2020, 11:00\u{a0}pm");
        assert_eq!(told(EN, What::Value, "Never smoked"), "Never smoked");
    }
}
