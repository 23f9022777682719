//! The values of one observation.

use chrono::Utc;
use chrono_tz::Tz;
use sea_orm::ActiveValue::Set;
use serde_json::Value;

use super::{
    class::{Class, class, status},
    earlier::Earlier,
    group::Place,
    head::{Head, Taken, is_inside, is_panel, members, taken, title},
};
use crate::{
    base::ids::new_id,
    record::{
        fhir::{
            self, code, notes,
            value::{parts, shown, unit_of},
        },
        import::Incoming,
        result::{
            entity::measurement,
            model::{Kind, NONE_SENT},
            range::{self, Person},
        },
    },
};

/// The values of one observation, in the unit in which they were measured.
pub(super) fn values_of(
    head: &Head<'_>,
    place: Option<&Place>,
    earlier: &Earlier,
    person: Option<Person>,
    zone: Tz,
) -> Vec<measurement::ActiveModel> {
    let (id, value) = (head.row.id, head.row.value);
    let taken = head.taken.clone().or_else(|| place.and_then(|place| place.taken.clone())).unwrap_or_else(Taken::unsaid);
    let day = taken.when.day(zone);
    let is_result = matches!(head.class, Class::Result(_));
    let kind = match (head.class, place) {
        // Trends, cards and the choice when results are shown go by it.
        (Class::Result(Kind::Other), Some(place)) => place.kind,
        (Class::Result(kind), _) => kind,
        _ => Kind::Vital,
    };
    let since = earlier.values_since(id, head.status, fhir::instant(&value["issued"]).unwrap_or_else(|| taken.released(Utc::now())));
    let mut comment = notes(value);
    let one = |position: i32, part: &Value, shown: Option<String>, absent: Option<String>, comment: Option<String>| {
        let quantity = &part["valueQuantity"];
        let range = range::of(part, person, day);
        let [low_sent, high_sent] = range.sent;
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
            unit: Set(Some(unit_of(part)).filter(|unit| !unit.is_empty())),
            ucum: Set(quantity["code"].as_str().filter(|_| quantity["system"] == UCUM).map(str::to_owned)),
            low: Set(range.low),
            high: Set(range.high),
            low_sent: Set(low_sent),
            high_sent: Set(high_sent),
            range_text: Set(range.text),
            flag: Set(flag(part)),
            status: Set(head.status),
            taken_at: Set(taken.at),
            taken: Set(Some(taken.when.to_stored())),
            timed: Set(taken.timed()),
            available_at: Set(since),
            comment: Set(comment),
            sensitive: Set(head.sensitive || place.is_some_and(|place| place.sensitive)),
        }
    };
    let mut values: Vec<measurement::ActiveModel> = Vec::new();
    for (position, part) in (0..).zip(parts(value)) {
        let shown = shown(part);
        // What was said beside a value that is not there, stands alone.
        let is_said = position == 0 && comment.is_some();
        let absent = if shown.is_none() { absent(part).filter(|reason| !is_said || *reason != NONE_SENT) } else { None };
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

/// So many values of a resource that is contained come before those of the next one.
const INSIDE: i32 = 100;

/// The values of the observations that a report or a panel contains, under its own id: they have none.
pub(super) fn contained_values(
    head: &Head<'_>,
    place: Option<&Place>,
    earlier: &Earlier,
    person: Option<Person>,
    zone: Tz,
) -> Vec<measurement::ActiveModel> {
    let Class::Result(kind) = head.class else { return Vec::new() };
    let own = Place { result: head.row.id, kind, taken: head.taken.clone(), sensitive: head.sensitive };
    let place = place.unwrap_or(&own);
    let named = members(head.row.value).filter(|member| is_inside(member));
    let inside = named.filter_map(|member| {
        let id = member["reference"].as_str()?.strip_prefix('#')?;
        fhir::items(&head.row.value["contained"]).find(|found| found["id"] == id && found["resourceType"] == "Observation")
    });
    let mut values = Vec::new();
    for (number, value) in (1..).zip(inside) {
        let (Some(class), Some(status), Some(title)) = (class(value), status(value), title(&value["code"])) else { continue };
        let row = Incoming { value, ..head.row };
        let one = Head { row, class, status, title, taken: taken(value).or_else(|| head.taken.clone()), ..*head };
        for mut found in values_of(&one, Some(place), earlier, person, zone) {
            let position: i32 = *found.position.as_ref();
            found.position = Set(number * INSIDE + position);
            values.push(found);
        }
    }
    values
}

/// The code system of units.
const UCUM: &str = "http://unitsofmeasure.org";

fn flag(part: &Value) -> Option<String> {
    fhir::items(&part["interpretation"]).flat_map(fhir::codings).find_map(|coding| coding["code"].as_str()).map(str::to_owned)
}

/// Why there is no value: in the words of the source, else by its code (FHIR R4, data-absent-reason), else that none was sent.
/// What consists of parts has its values there.
fn absent(part: &Value) -> Option<String> {
    let reason = &part["dataAbsentReason"];
    let consists_of_parts = fhir::items(&part["component"]).next().is_some() || is_panel(part);
    let coded = || fhir::codings(reason).find_map(|coding| coding["code"].as_str());
    let in_words = reason["text"].as_str().map(str::trim).filter(|text| !text.is_empty());
    let said = in_words.or_else(coded).map(str::to_owned).or_else(|| fhir::concept(reason));
    match (said, consists_of_parts) {
        (Some(said), false) => Some(said),
        (None, false) => Some(NONE_SENT.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_value_says_why_and_what_has_parts_does_not() {
        let reason = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-performed"}]});
        assert_eq!(absent(&json!({"dataAbsentReason": reason})).as_deref(), Some("not-performed"));
        assert_eq!(absent(&json!({"dataAbsentReason": {"text": "Clotted"}})).as_deref(), Some("Clotted"));
        assert_eq!(absent(&json!({"dataAbsentReason": reason, "component": [{"valueString": "x"}]})), None);
        assert_eq!(absent(&json!({})).as_deref(), Some(NONE_SENT));
    }
}
