//! Timing: how often, when, and for how long.

use serde_json::Value;

use super::{
    codeable_concept::{codings, concept},
    date::day,
    list::items,
    quantity::{number, unit},
    range::range,
};

/// `2/1/d`, `1/4–6/h`; the words of a timing that has no more.
pub fn frequency(timing: &Value) -> Option<String> {
    let repeat = &timing["repeat"];
    let unit = repeat["periodUnit"].as_str().filter(|unit| ["min", "h", "d", "wk", "mo", "a"].contains(unit));
    match (span(repeat, "period", "periodMax"), unit) {
        (Some(period), Some(unit)) => {
            let times = span(repeat, "frequency", "frequencyMax");
            let most = || number(&repeat["frequencyMax"]).map(|most| format!("1–{most}"));
            Some(format!("{}/{period}/{unit}", times.or_else(most).unwrap_or_else(|| "1".into())))
        }
        _ => codings(&timing["code"]).find_map(abbreviated).map(str::to_owned).or_else(|| concept(&timing["code"])),
    }
}

/// "4–6" where there is a most, "4" where there is none.
fn span(repeat: &Value, least: &str, most: &str) -> Option<String> {
    let least = number(&repeat[least])?;
    Some(match number(&repeat[most]) {
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
pub fn when(timing: &Value) -> Option<String> {
    let repeat = &timing["repeat"];
    let list = |name: &str| items(&repeat[name]).filter_map(Value::as_str).map(str::to_owned).collect::<Vec<String>>();
    let minutes = number(&repeat["offset"]);
    let event = |code: String| match &minutes {
        Some(minutes) => format!("{minutes}/{code}"),
        None => code,
    };
    let mut events: Vec<String> = list("when").into_iter().map(event).collect();
    if events.is_empty() {
        let of_code = codings(&timing["code"]).find_map(|coding| match coding["code"].as_str()? {
            "AM" => Some("MORN"),
            "PM" => Some("AFT"),
            "BED" => Some("HS"),
            _ => None,
        });
        events.extend(of_code.map(str::to_owned));
    }
    let moments = items(&timing["event"]).filter_map(Value::as_str).map(str::to_owned);
    let all: Vec<String> = list("dayOfWeek").into_iter().chain(list("timeOfDay")).chain(events).chain(moments).collect();
    (!all.is_empty()).then(|| all.join(","))
}

pub fn how_long(repeat: &Value) -> Vec<String> {
    let duration = &repeat["boundsDuration"];
    let lasts = number(&duration["value"]).map(|count| match unit_of_time(duration) {
        Some(unit) => format!("{count}/{unit}"),
        None => format!("{count} {}", unit(duration)),
    });
    let bounds = &repeat["boundsRange"];
    let between = unit_of_time(&bounds["high"]).and_then(|unit| {
        let (low, high) = (number(&bounds["low"]["value"]), number(&bounds["high"]["value"])?);
        Some(low.map_or_else(|| format!("{high}/{unit}"), |low| format!("{low}–{high}/{unit}")))
    });
    let (from, until) = (day(&repeat["boundsPeriod"]["start"]), day(&repeat["boundsPeriod"]["end"]));
    let period = (from.is_some() || until.is_some()).then(|| format!("{}..{}", from.unwrap_or_default(), until.unwrap_or_default()));
    let times = span(repeat, "count", "countMax").map(|count| format!("{count}/times"));
    [lasts, between.or_else(|| range(bounds)), period, times].into_iter().flatten().collect()
}

/// UCUM's code of a unit of time, whether it was sent as the code or in words.
pub fn unit_of_time(quantity: &Value) -> Option<&'static str> {
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
