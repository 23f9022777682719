//! Codes and values as they stand on a card.

use serde_json::{Value, json};

/// Codes without their words, as the specification demands: verifiers have words of their own.
pub(super) fn coded(concept: &Value) -> Option<Value> {
    let codings: Vec<Value> = concept["coding"]
        .as_array()?
        .iter()
        .filter(|coding| coding["system"].is_string() && coding["code"].is_string())
        .map(|coding| json!({"system": coding["system"], "code": coding["code"]}))
        .collect();
    (!codings.is_empty()).then(|| json!({ "coding": codings }))
}

/// The elements of a list; none of what is no list.
pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn quantity(of: &Value) -> Value {
    let kept = ["value", "comparator", "unit", "system", "code"].into_iter().filter(|key| !of[*key].is_null());
    Value::Object(kept.map(|key| (key.to_owned(), of[key].clone())).collect())
}

/// The ends of a range, or the sides of a ratio, as far as they are numbers.
pub(super) fn quantities(of: &Value, names: [&str; 2]) -> Value {
    let known = names.into_iter().filter(|name| of[*name]["value"].is_number());
    Value::Object(known.map(|name| (name.to_owned(), quantity(&of[name]))).collect())
}

/// The value of an observation or of a part of one, under the name it has in FHIR.
pub(super) fn value(of: &Value) -> Option<(&'static str, Value)> {
    if of["valueQuantity"]["value"].is_number() {
        return Some(("valueQuantity", quantity(&of["valueQuantity"])));
    }
    if let Some(coded) = coded(&of["valueCodeableConcept"]) {
        return Some(("valueCodeableConcept", coded));
    }
    if let Some(key) = ["valueInteger", "valueBoolean", "valueDateTime"].into_iter().find(|key| !of[*key].is_null()) {
        return Some((key, of[key].clone()));
    }
    for (key, names) in [("valueRatio", ["numerator", "denominator"]), ("valueRange", ["low", "high"])] {
        if names.iter().all(|name| of[key][*name]["value"].is_number()) {
            return Some((key, quantities(&of[key], names)));
        }
    }
    let concept = &of["valueCodeableConcept"];
    let text = of["valueString"].as_str().or_else(|| concept["text"].as_str());
    let text = text.or_else(|| items(&concept["coding"]).find_map(|coding| coding["display"].as_str()))?;
    Some(("valueString", json!(text)))
}

/// A part of an observation that has a code and a value.
pub(super) fn part(of: &Value) -> Option<Value> {
    let (key, found) = value(of)?;
    let mut part = json!({"code": coded(&of["code"])?});
    part[key] = found;
    Some(part)
}
