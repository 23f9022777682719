//! The facts of the health summary in the reader's language.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

use crate::{
    base::i18n::Texts,
    record::item::model::{Fact, What, remark},
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
        What::RefillsLeft => t.health_refills(),
        What::Route => t.health_route(),
        What::SerialNumber => t.health_serial(),
        What::Severity => t.health_severity(),
        What::Since => t.health_since_when(),
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
        What::Day | What::Expires | What::Made | What::Since | What::TargetDay | What::Until => day(t, said),
        What::AsNeeded => yes_or_no(t, said).map(str::to_owned),
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
        remark::DO_NOT => t.health_remark_do_not(),
        remark::KEPT_ELSEWHERE => t.health_remark_kept_elsewhere(),
        remark::SUBPOTENT => t.health_remark_subpotent(),
        _ => return None,
    })
}

/// "March 4, 2020"; "March 2020" where no more is known. A year is a year in every language.
fn day(t: Texts, said: &str) -> Option<String> {
    if said.len() == 7 {
        let first: NaiveDate = format!("{said}-01").parse().ok()?;
        let month = t.dates_months().split('|').nth(first.month0() as usize)?;
        return Some(t.health_month_year(month, &first.year().to_string()));
    }
    said.parse().ok().map(|day| t.date(day))
}

/// Yes, no and instants, alone or behind what was asked: "Smokes: no".
fn answer(t: Texts, said: &str) -> Option<String> {
    let (asked, said) = said.rsplit_once(": ").unwrap_or(("", said));
    let told = yes_or_no(t, said).map(str::to_owned).or_else(|| instant(t, said))?;
    Some(if asked.is_empty() { told } else { format!("{asked}: {told}") })
}

fn yes_or_no(t: Texts, said: &str) -> Option<&'static str> {
    match said {
        "yes" => Some(t.health_yes()),
        "no" => Some(t.health_no()),
        _ => None,
    }
}

/// A day, or a moment in the time zone in which it was written.
fn instant(t: Texts, said: &str) -> Option<String> {
    match DateTime::parse_from_rfc3339(said) {
        Ok(at) => Some(t.date_and_time(at.with_timezone(&Utc), at.offset())),
        Err(_) => said.parse().ok().map(|day: NaiveDate| t.date(day)),
    }
}

/// "2 times every day" of `2/1/d`.
fn frequency(t: Texts, said: &str) -> Option<String> {
    let mut parts = said.split('/');
    let (times, period, unit) = (parts.next()?, parts.next()?, parts.next()?);
    let times = if times == "1" { t.health_once().to_owned() } else { t.health_times(times) };
    let every = match (unit, period) {
        ("min", "1") => t.health_every_minute().to_owned(),
        ("min", _) => t.health_every_minutes(period),
        ("h", "1") => t.health_every_hour().to_owned(),
        ("h", _) => t.health_every_hours(period),
        ("d", "1") => t.health_every_day().to_owned(),
        ("d", _) => t.health_every_days(period),
        ("wk", "1") => t.health_every_week().to_owned(),
        ("wk", _) => t.health_every_weeks(period),
        ("mo", "1") => t.health_every_month().to_owned(),
        ("mo", _) => t.health_every_months(period),
        ("a", "1") => t.health_every_year().to_owned(),
        ("a", _) => t.health_every_years(period),
        _ => return None,
    };
    Some(format!("{times} {every}"))
}

/// "10 days" of `10/d`, "5 times" of `5/times`; of two days from when to when.
fn how_long(t: Texts, said: &str) -> Option<String> {
    if let Some((from, until)) = said.split_once("..") {
        return Some(match (day_or_year(t, from), day_or_year(t, until)) {
            (Some(from), Some(until)) => t.health_from_to(&from, &until),
            (Some(from), None) => t.health_since(&from),
            (None, Some(until)) => t.health_until(&until),
            (None, None) => return None,
        });
    }
    let (count, unit) = said.split_once('/')?;
    span(t, count, unit)
}

fn day_or_year(t: Texts, said: &str) -> Option<String> {
    day(t, said).or_else(|| (said.len() == 4).then(|| said.to_owned()))
}

fn span(t: Texts, count: &str, unit: &str) -> Option<String> {
    Some(match (unit, count) {
        ("times", "1") => t.health_once().to_owned(),
        ("times", _) => t.health_times(count),
        ("min", "1") => t.health_one_minute().to_owned(),
        ("min", _) => t.health_minutes(count),
        ("h", "1") => t.health_one_hour().to_owned(),
        ("h", _) => t.health_hours(count),
        ("d", "1") => t.health_one_day().to_owned(),
        ("d", _) => t.health_days(count),
        ("wk", "1") => t.health_one_week().to_owned(),
        ("wk", _) => t.health_weeks(count),
        ("mo", "1") => t.health_one_month().to_owned(),
        ("mo", _) => t.health_months(count),
        ("a", "1") => t.health_one_year().to_owned(),
        ("a", _) => t.health_years(count),
        _ => return None,
    })
}

/// "4 tablet in 24 hours" of `4 tablet|24/h`.
fn most(t: Texts, said: &str) -> Option<String> {
    let (dose, time) = said.rsplit_once('|')?;
    Some(match time {
        "dose" => t.health_most_at_once(dose),
        "life" => t.health_most_in_life(dose),
        _ => {
            let (count, unit) = time.split_once('/')?;
            t.health_most_in(dose, &span(t, count, unit)?)
        }
    })
}

/// "Monday, 8:00 am, before meals (30 minutes)".
fn when(t: Texts, said: &str) -> String {
    let one = |code: &str| -> String {
        let (minutes, event) = code.split_once('/').map_or((None, code), |(minutes, event)| (Some(minutes), event));
        let told = event_in_words(t, event).map(str::to_owned).or_else(|| weekday(t, event)).or_else(|| time(t, event));
        let told = told.or_else(|| instant(t, event)).unwrap_or_else(|| event.to_owned());
        match minutes.and_then(|minutes| span(t, minutes, "min")) {
            Some(minutes) => format!("{told} ({minutes})"),
            None => told,
        }
    };
    said.split(',').map(one).collect::<Vec<_>>().join(", ")
}

/// FHIR's event-timing codes.
fn event_in_words(t: Texts, code: &str) -> Option<&'static str> {
    Some(match code.split('.').next().unwrap_or(code) {
        "MORN" => t.health_when_morning(),
        "NOON" => t.health_when_noon(),
        "AFT" => t.health_when_afternoon(),
        "EVE" => t.health_when_evening(),
        "NIGHT" => t.health_when_night(),
        "HS" => t.health_when_bedtime(),
        "PHS" => t.health_when_asleep(),
        "WAKE" => t.health_when_waking(),
        "C" => t.health_with_meals(),
        "CM" => t.health_with_breakfast(),
        "CD" => t.health_with_lunch(),
        "CV" => t.health_with_dinner(),
        "AC" => t.health_before_meals(),
        "ACM" => t.health_before_breakfast(),
        "ACD" => t.health_before_lunch(),
        "ACV" => t.health_before_dinner(),
        "PC" => t.health_after_meals(),
        "PCM" => t.health_after_breakfast(),
        "PCD" => t.health_after_lunch(),
        "PCV" => t.health_after_dinner(),
        _ => return None,
    })
}

fn weekday(t: Texts, code: &str) -> Option<String> {
    let place = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|day| *day == code)?;
    t.dates_weekdays().split('|').nth(place).map(str::to_owned)
}

fn time(t: Texts, said: &str) -> Option<String> {
    let time: NaiveTime = said.parse().ok()?;
    Some(t.time(NaiveDate::default().and_time(time).and_utc(), &Utc))
}

/// FHIR's categories and resource types as people call them.
pub fn type_in_words(t: Texts, said: &str) -> String {
    let words = match said {
        "food" => t.health_type_food(),
        "medication" | "MedicationRequest" | "MedicationStatement" => t.health_type_medication(),
        "environment" => t.health_type_environment(),
        "biologic" => t.health_type_biologic(),
        "AllergyIntolerance" => t.health_type_allergy(),
        "Appointment" => t.health_type_appointment(),
        "CarePlan" => t.health_plan(),
        "CareTeam" => t.health_care_team(),
        "Claim" => t.health_type_claim(),
        "Condition" => t.health_type_condition(),
        "Consent" => t.health_type_consent(),
        "Coverage" => t.health_type_coverage(),
        "Device" => t.health_type_device(),
        "DiagnosticReport" => t.health_type_report(),
        "DocumentReference" => t.health_type_document(),
        "Encounter" => t.health_type_visit(),
        "ExplanationOfBenefit" => t.health_type_benefit(),
        "FamilyMemberHistory" => t.health_family(),
        "Goal" => t.health_type_goal(),
        "ImagingStudy" => t.health_type_imaging(),
        "Immunization" | "ImmunizationRecommendation" => t.health_type_vaccine(),
        "MedicationDispense" | "MedicationAdministration" => t.health_type_dispense(),
        "Observation" => t.health_type_observation(),
        "Procedure" => t.health_type_procedure(),
        "QuestionnaireResponse" | "Questionnaire" => t.health_type_questionnaire(),
        "ServiceRequest" => t.health_type_order(),
        "Specimen" => t.health_type_specimen(),
        _ => return spaced(said),
    };
    words.to_owned()
}

/// "Risk assessment" of "RiskAssessment"; words stay as they are.
fn spaced(name: &str) -> String {
    if name.contains(' ') {
        return name.to_owned();
    }
    let mut text = String::new();
    for (index, letter) in name.chars().enumerate() {
        if index > 0 && letter.is_uppercase() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
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
    fn frequencies_are_told_in_words() {
        for (said, english) in [
            ("1/1/d", "once every day"),
            ("2/8/h", "2 times every 8 hours"),
            ("1/4–6/h", "once every 4–6 hours"),
            ("1–2/1/d", "1–2 times every day"),
            ("1/1/a", "once every year"),
            ("at will", "at will"),
        ] {
            assert_eq!(told(EN, What::Frequency, said), english);
        }
        assert_eq!(told(ES, What::Frequency, "4/1/d"), "4 veces al día");
    }

    #[test]
    fn spans_and_limits_are_told_in_words() {
        assert_eq!(told(EN, What::HowLong, "10/d"), "10 days");
        assert_eq!(told(ES, What::HowLong, "1/wk"), "1 semana");
        assert_eq!(told(EN, What::HowLong, "2008-04-05.."), "Since April 5, 2008");
        assert_eq!(told(EN, What::HowLong, "2026-03..2027"), "March 2026 to 2027");
        assert_eq!(told(EN, What::Most, "4 tablet|24/h"), "4 tablet in 24 hours");
        assert_eq!(told(ES, What::Most, "2 mg/kg|dose"), "2 mg/kg por toma");
        assert_eq!(told(EN, What::AsNeeded, "Pain"), "Pain");
        assert_eq!(told(ES, What::AsNeeded, "yes"), "Sí");
    }

    #[test]
    fn times_of_day_are_told_in_words() {
        assert_eq!(told(EN, What::When, "mon,08:00:00,30/AC"), "Monday, 8:00\u{a0}am, before meals (30 minutes)");
        assert_eq!(told(ES, What::When, "HS"), "al acostarse");
        assert_eq!(told(EN, What::When, "MORN.early"), "in the morning");
        assert_eq!(told(EN, What::When, "2026-03-04,XYZ"), "March 4, 2026, XYZ");
    }

    #[test]
    fn days_are_as_exact_as_the_source() {
        for (said, english) in [("2019", "2019"), ("2019-03", "March 2019"), ("2019-03-04", "March 4, 2019"), ("as a child", "as a child")]
        {
            assert_eq!(told(EN, What::Since, said), english);
        }
        assert_eq!(told(ES, What::Until, "2019-03"), "marzo de 2019");
    }

    #[test]
    fn answers_are_told_in_words() {
        assert_eq!(told(ES, What::Value, "yes"), "Sí");
        assert_eq!(told(EN, What::Value, "Smokes: no"), "Smokes: No");
        assert_eq!(told(EN, What::Value, "2020-03-04"), "March 4, 2020");
        assert_eq!(told(EN, What::Value, "2020-03-04T23:00:00-05:00"), "March 4, 2020, 11:00\u{a0}pm");
        assert_eq!(told(EN, What::Value, "Never smoked"), "Never smoked");
    }

    #[test]
    fn types_without_a_word_are_spaced() {
        assert_eq!(spaced("RiskAssessment"), "Risk assessment");
        assert_eq!(spaced("Progress note"), "Progress note");
        assert_eq!(type_in_words(ES, "DiagnosticReport"), "Informe");
    }
}
