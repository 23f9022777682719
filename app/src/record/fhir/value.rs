//! value[x] of an Observation and of its components.

use serde_json::Value;

use super::{codeable_concept::concept, list::items, quantity::number};

/// Every other form of a FHIR value.
pub fn value_in_words(part: &Value) -> Option<String> {
    let ratio = || {
        let side = |name: &str| number(&part["valueRatio"][name]["value"]);
        Some(format!("{}:{}", side("numerator")?, side("denominator")?))
    };
    let between = || {
        let end = |name: &str| number(&part["valueRange"][name]["value"]);
        Some(format!("{}–{}", end("low")?, end("high")?))
    };
    let flag = || part["valueBoolean"].as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned());
    part["valueString"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| concept(&part["valueCodeableConcept"]))
        .or_else(|| part["valueInteger"].as_i64().map(|number| number.to_string()))
        .or_else(ratio)
        .or_else(between)
        .or_else(|| part["valueDateTime"].as_str().map(str::to_owned))
        .or_else(flag)
}

/// The value as people read it, without its unit.
pub fn shown(part: &Value) -> Option<String> {
    let quantity = &part["valueQuantity"];
    if let Some(number) = number(&quantity["value"]) {
        return Some(format!("{}{number}", quantity["comparator"].as_str().unwrap_or_default()));
    }
    value_in_words(part)
}

/// The observation's own value, if any, then its components.
pub fn parts(value: &Value) -> impl Iterator<Item = &Value> {
    std::iter::once(value).chain(items(&value["component"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_every_form_are_shown_as_given() {
        assert_eq!(shown(&json!({"valueQuantity": {"value": 6.30, "comparator": "<"}})).as_deref(), Some("<6.3"));
        assert_eq!(shown(&json!({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}})).as_deref(), Some("1:128"));
        assert_eq!(shown(&json!({"valueBoolean": false})).as_deref(), Some("no"));
        assert_eq!(shown(&json!({"dataAbsentReason": {"text": "unsatisfactory"}})), None);
    }
}
