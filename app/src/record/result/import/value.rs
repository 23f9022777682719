//! The values of one observation.

use sea_orm::ActiveValue::Set;
use serde_json::Value;

use super::{
    class::Class,
    earlier::Earlier,
    group::Place,
    head::{Head, is_panel, title},
    range::{self, Person},
};
use crate::{
    base::ids::new_id,
    record::{
        fhir::{
            self, code, notes,
            value::{parts, shown},
        },
        result::{entity::measurement, model::Kind},
    },
};

/// The values of one observation, in the unit in which they were measured.
pub(super) fn values_of(
    head: &Head<'_>,
    place: Option<&Place>,
    earlier: &Earlier,
    person: Option<Person>,
) -> Vec<measurement::ActiveModel> {
    let (id, value) = (head.row.id, head.row.value);
    let Some(taken) = head.taken.or(place.and_then(|place| place.taken)) else { return Vec::new() };
    let is_result = matches!(head.class, Class::Result(_));
    let kind = match (head.class, place) {
        // Trends, cards and the choice when results are shown go by it.
        (Class::Result(Kind::Other), Some(place)) => place.kind,
        (Class::Result(kind), _) => kind,
        _ => Kind::Vital,
    };
    let since = earlier.values_since(id, head.status, fhir::instant(&value["issued"]).unwrap_or(taken.at));
    let mut comment = notes(value);
    let one = |position: i32, part: &Value, shown: Option<String>, absent: Option<String>, comment: Option<String>| {
        let quantity = &part["valueQuantity"];
        let range = range::of(part, person, taken.at.date_naive());
        measurement::ActiveModel {
            id: Set(new_id()),
            resource_id: Set(id),
            patient_id: Set(head.patient),
            result_id: Set(place.map(|place| place.result).or(is_result.then_some(id))),
            position: Set(position),
            kind: Set(kind),
            code: Set(code(&part["code"])),
            name: Set(title(&part["code"]).unwrap_or_else(|| head.title.clone())),
            value: Set(quantity["value"].as_f64().filter(|_| quantity["comparator"].is_null())),
            shown: Set(shown.unwrap_or_default()),
            absent: Set(absent),
            unit: Set(Some(fhir::unit(quantity)).filter(|unit| !unit.is_empty())),
            ucum: Set(quantity["code"].as_str().filter(|_| quantity["system"] == UCUM).map(str::to_owned)),
            low: Set(range.low),
            high: Set(range.high),
            range_text: Set(range.text),
            flag: Set(flag(part)),
            status: Set(head.status),
            taken_at: Set(taken.at),
            timed: Set(taken.timed),
            available_at: Set(since),
            comment: Set(comment),
            sensitive: Set(head.sensitive || place.is_some_and(|place| place.sensitive)),
        }
    };
    let mut values: Vec<measurement::ActiveModel> = Vec::new();
    for (position, part) in (0..).zip(parts(value)) {
        let shown = shown(part);
        let absent = if shown.is_none() && is_result { absent(part) } else { None };
        if shown.is_some() || absent.is_some() {
            values.push(one(position, part, shown, absent, comment.take()));
        }
    }
    // A clinician's word is not lost where there is no value.
    if is_result && comment.is_some() {
        values.push(one(0, value, None, None, comment));
    }
    values
}

/// The code system of units.
const UCUM: &str = "http://unitsofmeasure.org";

fn flag(part: &Value) -> Option<String> {
    fhir::items(&part["interpretation"]).flat_map(fhir::codings).find_map(|coding| coding["code"].as_str()).map(str::to_owned)
}

/// Why there is no value, in the words of the source. What consists of parts has its values there.
fn absent(part: &Value) -> Option<String> {
    let reason = &part["dataAbsentReason"];
    let consists_of_parts = fhir::items(&part["component"]).next().is_some() || is_panel(part);
    let code = || fhir::codings(reason).find_map(|coding| coding["code"].as_str()).map(|code| code.replace('-', " "));
    fhir::concept(reason).or_else(code).filter(|_| !consists_of_parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_value_says_why_and_what_has_parts_does_not() {
        let reason = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-performed"}]});
        assert_eq!(absent(&json!({"dataAbsentReason": reason})).as_deref(), Some("not performed"));
        assert_eq!(absent(&json!({"dataAbsentReason": {"text": "Clotted"}})).as_deref(), Some("Clotted"));
        assert_eq!(absent(&json!({"dataAbsentReason": reason, "component": [{"valueString": "x"}]})), None);
        assert_eq!(absent(&json!({})), None);
    }
}
