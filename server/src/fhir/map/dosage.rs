//! Dosage → facts: the words as they were written, and all that the structured parts say beside them.

use app::record::item::model::{Fact, What};
use serde_json::Value;

use super::words;

pub fn facts(dosage: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut say = |what: What, said: Option<String>| facts.extend(said.map(|said| Fact::new(what, said)));
    let text = |name: &str| dosage[name].as_str().map(|text| text.trim().to_owned());
    let written = text("text").or_else(|| text("patientInstruction"));
    say(What::Dose, written.clone());
    for rate in words::items(&dosage["doseAndRate"]) {
        say(What::Dose, words::quantity(&rate["doseQuantity"]).or_else(|| range(&rate["doseRange"])));
        say(What::Dose, words::quantity(&rate["rateQuantity"]).or_else(|| range(&rate["rateRange"])).or_else(|| ratio(&rate["rateRatio"])));
    }
    say(What::Frequency, frequency(&dosage["timing"]));
    say(What::When, when(&dosage["timing"]));
    for span in how_long(&dosage["timing"]["repeat"]) {
        say(What::HowLong, Some(span));
    }
    say(What::AsNeeded, as_needed(dosage));
    say(What::Most, most_in_a_time(&dosage["maxDosePerPeriod"]));
    say(What::Most, words::quantity(&dosage["maxDosePerAdministration"]).map(|dose| format!("{dose}|dose")));
    say(What::Most, words::quantity(&dosage["maxDosePerLifetime"]).map(|dose| format!("{dose}|life")));
    say(What::Route, words::concept(&dosage["route"]));
    say(What::BodySite, words::concept(&dosage["site"]));
    let repeated = |said: &String| written.as_ref().is_some_and(|written| holds(written, said));
    for instruction in words::items(&dosage["additionalInstruction"]).filter_map(words::concept).chain(text("patientInstruction")) {
        say(What::Instruction, Some(instruction).filter(|said| !repeated(said)));
    }
    facts.retain(|fact| !fact.said.is_empty());
    facts
}

/// Whether a text says the same, whatever its case and its last full stop.
fn holds(text: &str, said: &str) -> bool {
    text.to_lowercase().contains(said.trim().trim_end_matches('.').to_lowercase().as_str())
}

/// "1–2 tablet".
fn range(range: &Value) -> Option<String> {
    let (low, high) = (&range["low"], &range["high"]);
    let unit = words::unit(if high.is_object() { high } else { low });
    let number = match (words::number(&low["value"]), words::number(&high["value"])) {
        (Some(low), Some(high)) => format!("{low}–{high}"),
        (Some(low), None) => format!("≥{low}"),
        (None, Some(high)) => format!("≤{high}"),
        (None, None) => return None,
    };
    Some(format!("{number} {unit}").trim().to_owned())
}

/// "100 mL/1 h".
fn ratio(ratio: &Value) -> Option<String> {
    Some(format!("{}/{}", words::quantity(&ratio["numerator"])?, words::quantity(&ratio["denominator"])?))
}

/// `2/1/d`, `1/4–6/h`; the words of a timing that has no more.
fn frequency(timing: &Value) -> Option<String> {
    let repeat = &timing["repeat"];
    let unit = repeat["periodUnit"].as_str().filter(|unit| ["min", "h", "d", "wk", "mo", "a"].contains(unit));
    match (span(repeat, "period", "periodMax"), unit) {
        (Some(period), Some(unit)) => {
            let times = span(repeat, "frequency", "frequencyMax");
            let most = || words::number(&repeat["frequencyMax"]).map(|most| format!("1–{most}"));
            Some(format!("{}/{period}/{unit}", times.or_else(most).unwrap_or_else(|| "1".into())))
        }
        _ => words::codings(&timing["code"]).find_map(abbreviated).map(str::to_owned).or_else(|| words::concept(&timing["code"])),
    }
}

/// "4–6" where there is a most, "4" where there is none.
fn span(repeat: &Value, least: &str, most: &str) -> Option<String> {
    let least = words::number(&repeat[least])?;
    Some(match words::number(&repeat[most]) {
        Some(most) if most != least => format!("{least}–{most}"),
        _ => least,
    })
}

/// HL7 v3 GTSAbbreviation.
fn abbreviated(coding: &Value) -> Option<&'static str> {
    Some(match coding["code"].as_str()? {
        "QD" | "AM" | "PM" | "BED" => "1/1/d",
        "BID" => "2/1/d",
        "TID" => "3/1/d",
        "QID" => "4/1/d",
        "QOD" => "1/2/d",
        "Q1H" => "1/1/h",
        "Q2H" => "1/2/h",
        "Q3H" => "1/3/h",
        "Q4H" => "1/4/h",
        "Q6H" => "1/6/h",
        "Q8H" => "1/8/h",
        "WK" => "1/1/wk",
        "MO" => "1/1/mo",
        _ => return None,
    })
}

/// Days of the week, times of day and events, and the moments that were named one by one.
fn when(timing: &Value) -> Option<String> {
    let repeat = &timing["repeat"];
    let list = |name: &str| words::items(&repeat[name]).filter_map(Value::as_str).map(str::to_owned).collect::<Vec<String>>();
    let minutes = words::number(&repeat["offset"]);
    let event = |code: String| match &minutes {
        Some(minutes) => format!("{minutes}/{code}"),
        None => code,
    };
    let mut events: Vec<String> = list("when").into_iter().map(event).collect();
    if events.is_empty() {
        let of_code = words::codings(&timing["code"]).find_map(|coding| match coding["code"].as_str()? {
            "AM" => Some("MORN"),
            "PM" => Some("AFT"),
            "BED" => Some("HS"),
            _ => None,
        });
        events.extend(of_code.map(str::to_owned));
    }
    let moments = words::items(&timing["event"]).filter_map(Value::as_str).map(str::to_owned);
    let all: Vec<String> = list("dayOfWeek").into_iter().chain(list("timeOfDay")).chain(events).chain(moments).collect();
    (!all.is_empty()).then(|| all.join(","))
}

fn how_long(repeat: &Value) -> Vec<String> {
    let duration = &repeat["boundsDuration"];
    let lasts = words::number(&duration["value"]).map(|count| match unit_of_time(duration) {
        Some(unit) => format!("{count}/{unit}"),
        None => format!("{count} {}", words::unit(duration)),
    });
    let bounds = &repeat["boundsRange"];
    let between = unit_of_time(&bounds["high"]).and_then(|unit| {
        let (low, high) = (words::number(&bounds["low"]["value"]), words::number(&bounds["high"]["value"])?);
        Some(low.map_or_else(|| format!("{high}/{unit}"), |low| format!("{low}–{high}/{unit}")))
    });
    let (from, until) = (words::day(&repeat["boundsPeriod"]["start"]), words::day(&repeat["boundsPeriod"]["end"]));
    let period = (from.is_some() || until.is_some()).then(|| format!("{}..{}", from.unwrap_or_default(), until.unwrap_or_default()));
    let times = span(repeat, "count", "countMax").map(|count| format!("{count}/times"));
    [lasts, between.or_else(|| range(bounds)), period, times].into_iter().flatten().collect()
}

/// UCUM's code of a unit of time, whether it was sent as the code or in words.
fn unit_of_time(quantity: &Value) -> Option<&'static str> {
    let unit = quantity["code"].as_str().or_else(|| quantity["unit"].as_str())?;
    Some(match unit {
        "min" | "minute" | "minutes" => "min",
        "h" | "hr" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "wk" | "week" | "weeks" => "wk",
        "mo" | "month" | "months" => "mo",
        "a" | "yr" | "year" | "years" => "a",
        _ => return None,
    })
}

fn as_needed(dosage: &Value) -> Option<String> {
    let reason = words::named(&dosage["asNeededCodeableConcept"]);
    reason.or_else(|| (dosage["asNeededBoolean"] == true).then(|| "yes".to_owned()))
}

/// `4 tablet|24/h`.
fn most_in_a_time(most: &Value) -> Option<String> {
    let (dose, time) = (&most["numerator"], &most["denominator"]);
    match (words::number(&time["value"]), unit_of_time(time)) {
        (Some(count), Some(unit)) => Some(format!("{}|{count}/{unit}", words::quantity(dose)?)),
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
