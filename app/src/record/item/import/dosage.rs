//! Dosage → facts: the words as they were written, and all that the structured parts say beside them.

use serde_json::Value;

use crate::record::{
    fhir::{
        self, range, ratio,
        timing::{frequency, how_long, unit_of_time, when},
    },
    item::model::{Fact, What},
};

pub fn facts(dosage: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut say = |what: What, said: Option<String>| facts.extend(said.map(|said| Fact::new(what, said)));
    let text = |name: &str| dosage[name].as_str().map(|text| text.trim().to_owned());
    let written = text("text").or_else(|| text("patientInstruction"));
    say(What::Dose, written.clone());
    for rate in fhir::items(&dosage["doseAndRate"]) {
        say(What::Dose, fhir::dose(&rate["doseQuantity"]).or_else(|| range(&rate["doseRange"])));
        say(What::Dose, fhir::dose(&rate["rateQuantity"]).or_else(|| range(&rate["rateRange"])).or_else(|| ratio(&rate["rateRatio"])));
    }
    say(What::Frequency, frequency(&dosage["timing"]));
    say(What::When, when(&dosage["timing"]));
    for span in how_long(&dosage["timing"]["repeat"]) {
        say(What::HowLong, Some(span));
    }
    say(What::AsNeeded, as_needed(dosage));
    say(What::Most, most_in_a_time(&dosage["maxDosePerPeriod"]));
    say(What::Most, fhir::dose(&dosage["maxDosePerAdministration"]).map(|dose| format!("{dose}|dose")));
    say(What::Most, fhir::dose(&dosage["maxDosePerLifetime"]).map(|dose| format!("{dose}|life")));
    say(What::Route, fhir::concept(&dosage["route"]));
    say(What::BodySite, fhir::concept(&dosage["site"]));
    let repeated = |said: &String| written.as_ref().is_some_and(|written| holds(written, said));
    for instruction in fhir::items(&dosage["additionalInstruction"]).filter_map(fhir::concept).chain(text("patientInstruction")) {
        say(What::Instruction, Some(instruction).filter(|said| !repeated(said)));
    }
    facts.retain(|fact| !fact.said.is_empty());
    facts
}

/// Whether a text says the same, whatever its case and its last full stop.
fn holds(text: &str, said: &str) -> bool {
    text.to_lowercase().contains(said.trim().trim_end_matches('.').to_lowercase().as_str())
}

fn as_needed(dosage: &Value) -> Option<String> {
    let reason = fhir::named(&dosage["asNeededCodeableConcept"]);
    reason.or_else(|| (dosage["asNeededBoolean"] == true).then(|| "yes".to_owned()))
}

/// `4 tablet|24/h`.
fn most_in_a_time(most: &Value) -> Option<String> {
    let (dose, time) = (&most["numerator"], &most["denominator"]);
    match (fhir::number(&time["value"]), unit_of_time(time)) {
        (Some(count), Some(unit)) => Some(format!("{}|{count}/{unit}", fhir::dose(dose)?)),
        _ => ratio(most),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(dosage: Value) -> Vec<(What, String)> {
        facts(&dosage).into_iter().map(|fact| (fact.what, fact.said)).collect()
    }

    fn said(facts: &[(What, &str)]) -> Vec<(What, String)> {
        facts.iter().map(|(what, said)| (*what, (*said).to_owned())).collect()
    }

    #[test]
    fn a_text_does_not_hide_what_the_parts_say() {
        let dosage = json!({"text": "Take at regular intervals. Complete the course.\n",
            "additionalInstruction": [{"text": "take at regular intervals"}, {"text": "With water"}],
            "timing": {"repeat": {"frequency": 4, "period": 1.0, "periodUnit": "d"}}, "asNeededBoolean": false,
            "doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "tablet"}}]});
        let wanted = [
            (What::Dose, "Take at regular intervals. Complete the course."),
            (What::Dose, "1 tablet"),
            (What::Frequency, "4/1/d"),
            (What::Instruction, "With water"),
        ];
        assert_eq!(told(dosage), said(&wanted));
    }

    #[test]
    fn spans_and_limits_stay_what_they_are() {
        let dosage = json!({"asNeededCodeableConcept": {"text": "Pain"},
            "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "tablet"}}}],
            "timing": {"repeat": {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h", "boundsDuration": {"value": 10, "unit": "days", "code": "d"}}},
            "maxDosePerPeriod": {"numerator": {"value": 8, "unit": "tablet"}, "denominator": {"value": 24, "unit": "h"}}});
        let wanted = [
            (What::Dose, "1–2 tablet"),
            (What::Frequency, "1/4–6/h"),
            (What::HowLong, "10/d"),
            (What::AsNeeded, "Pain"),
            (What::Most, "8 tablet|24/h"),
        ];
        assert_eq!(told(dosage), said(&wanted));
    }

    #[test]
    fn times_of_day_and_codes_are_kept() {
        let dosage = json!({"asNeededBoolean": true, "timing": {"repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d",
            "dayOfWeek": ["mon"], "timeOfDay": ["08:00:00"], "when": ["AC"], "offset": 30, "boundsPeriod": {"start": "2008-04-05"}}}});
        let wanted =
            [(What::Frequency, "1–2/1/d"), (What::When, "mon,08:00:00,30/AC"), (What::HowLong, "2008-04-05.."), (What::AsNeeded, "yes")];
        assert_eq!(told(dosage), said(&wanted));
        let coded = |code: &str| told(json!({"timing": {"code": {"coding": [{"code": code}], "text": "as told"}}}));
        assert_eq!(coded("BID"), said(&[(What::Frequency, "2/1/d")]));
        assert_eq!(coded("BED"), said(&[(What::Frequency, "1/1/d"), (What::When, "HS")]));
        assert_eq!(coded("X"), said(&[(What::Frequency, "as told")]));
    }
}
