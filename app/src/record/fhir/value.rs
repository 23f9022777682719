//! value[x] of an Observation and of its components.

use serde_json::Value;

use super::{
    codeable_concept::named,
    list::items,
    quantity::{compared, digits, unit},
};

/// What [`value_in_words`] says of a recorded curve.
pub const SAMPLED: &str = "sampled-data";

/// Every other form of a FHIR value. Days and moments are as they were sent, spans `from/until`; pages tell them in words.
fn other_value(part: &Value) -> Option<String> {
    let ratio = || {
        let side = |name: &str| {
            let side = &part["valueRatio"][name];
            Some(format!("{} {}", compared(side)?, unit(side)).trim().to_owned())
        };
        Some(format!("{}:{}", side("numerator")?, side("denominator")?))
    };
    let between = || {
        let end = |name: &str| digits(&part["valueRange"][name]["value"]);
        Some(match (end("low"), end("high")) {
            (Some(low), Some(high)) => format!("{low}–{high}"),
            (Some(low), None) => format!("≥{low}"),
            (None, Some(high)) => format!("≤{high}"),
            (None, None) => return None,
        })
    };
    let period = || {
        let end = |name: &str| part["valuePeriod"][name].as_str().unwrap_or_default();
        let span = format!("{}/{}", end("start"), end("end"));
        (span.len() > 1).then_some(span)
    };
    let text = |name: &str| part[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let flag = || part["valueBoolean"].as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned());
    text("valueString")
        .or_else(|| named(&part["valueCodeableConcept"]))
        .or_else(|| digits(&part["valueInteger"]))
        .or_else(ratio)
        .or_else(between)
        .or_else(|| text("valueDateTime"))
        .or_else(|| text("valueTime"))
        .or_else(period)
        .or_else(|| part["valueSampledData"].is_object().then(|| SAMPLED.to_owned()))
        .or_else(flag)
}

/// The value as people read it, without its unit.
pub fn shown(part: &Value) -> Option<String> {
    compared(&part["valueQuantity"]).or_else(|| other_value(part))
}

/// The unit of what [`shown`] tells, of a quantity or of a range; empty where there is none.
pub fn unit_of(part: &Value) -> String {
    let range = &part["valueRange"];
    [&part["valueQuantity"], &range["high"], &range["low"]].into_iter().map(unit).find(|unit| !unit.is_empty()).unwrap_or_default()
}

/// The value with its unit.
pub fn value_in_words(part: &Value) -> Option<String> {
    Some(format!("{} {}", shown(part)?, unit_of(part)).trim().to_owned())
}

/// The observation's own value, if any, then its components.
pub fn parts(value: &Value) -> impl Iterator<Item = &Value> {
    std::iter::once(value).chain(items(&value["component"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_form_are_shown_as_given() {
        for (sent, told) in [
            (r#"{"valueQuantity": {"value": 6.30, "comparator": "<", "unit": "%"}}"#, "<6.30 %"),
            (r#"{"valueQuantity": {"value": 0, "unit": "kg"}}"#, "0 kg"),
            (r#"{"valueQuantity": {"value": 9.2, "code": "g/dL"}}"#, "9.2 g/dL"),
            (r#"{"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 640, "comparator": ">="}}}"#, "1:>=640"),
            (r#"{"valueRatio": {"numerator": {"value": 1, "unit": "g"}, "denominator": {"value": 10, "unit": "mL"}}}"#, "1 g:10 mL"),
            (r#"{"valueRange": {"low": {"value": 2, "unit": "cm"}, "high": {"value": 3.0, "unit": "cm"}}}"#, "2–3.0 cm"),
            (r#"{"valueRange": {"low": {"value": 5, "unit": "mm"}}}"#, "≥5 mm"),
            (r#"{"valueRange": {"high": {"value": 5, "unit": "mm"}}}"#, "≤5 mm"),
            (r#"{"valueBoolean": false}"#, "no"),
            (r#"{"valueInteger": 0}"#, "0"),
            (r#"{"valueString": "Clear"}"#, "Clear"),
            (r#"{"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "112283007"}]}}"#, "SNOMED CT 112283007"),
            (r#"{"valueTime": "14:30:00"}"#, "14:30:00"),
            (r#"{"valueDateTime": "2026-10"}"#, "2026-10"),
            (r#"{"valuePeriod": {"start": "2026-10-01", "end": "2026-10-03"}}"#, "2026-10-01/2026-10-03"),
            (r#"{"valuePeriod": {"end": "2026-10-03"}}"#, "/2026-10-03"),
            (r#"{"valueSampledData": {"period": 10, "data": "1 2"}}"#, SAMPLED),
        ] {
            let value: Value = serde_json::from_str(sent).expect("JSON");
            assert_eq!(value_in_words(&value).as_deref(), Some(told), "{sent}");
        }
        for nothing in [r#"{"dataAbsentReason": {"text": "unsatisfactory"}}"#, r#"{"valueString": " "}"#, r#"{"valuePeriod": {}}"#] {
            let value: Value = serde_json::from_str(nothing).expect("JSON");
            assert_eq!(value_in_words(&value), None, "{nothing}");
        }
    }
}
