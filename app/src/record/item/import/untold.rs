//! What is no entry: resources that only their source understands, and those that say that there is nothing.

use serde_json::Value;

use super::item::{Item, base};
use crate::record::{
    fhir::{self, has_code, none_known::none_known},
    item::model::{Kind, State, What, remark},
};

/// A resource that only its source understands, in the list in which people look for its kind: of it nothing is told, and the
/// list does not look as if it were empty.
pub(super) fn untold(resource_type: &str) -> Item {
    let kind = match resource_type {
        "AllergyIntolerance" => Kind::Allergy,
        "CarePlan" => Kind::CarePlan,
        "CareTeam" => Kind::CareTeam,
        "Condition" => Kind::Condition,
        "Device" => Kind::Device,
        "DocumentReference" => Kind::Document,
        "FamilyMemberHistory" => Kind::FamilyHistory,
        "Goal" => Kind::Goal,
        "Immunization" => Kind::Immunization,
        "MedicationRequest" | "MedicationStatement" => Kind::Medication,
        "Procedure" => Kind::Procedure,
        _ => Kind::Other,
    };
    let mut item = base(kind, State::Unstated, None, &[]);
    item.say(What::Category, Some(resource_type));
    item.say(What::Remark, Some(remark::CANNOT_BE_SHOWN));
    item
}

/// The types of which people keep lists, so that a code may say that a list is empty. Of others it is what was asked or found.
const LISTED: [&str; 7] =
    ["AllergyIntolerance", "Condition", "Device", "Immunization", "MedicationRequest", "MedicationStatement", "Procedure"];

/// That there is nothing of a kind, where a source says so of somebody today.
pub(super) fn absence(resource_type: &str, value: &Value) -> Option<Item> {
    if !LISTED.contains(&resource_type) {
        return None;
    }
    let code = ["code", "vaccineCode", "medicationCodeableConcept", "type"].into_iter().map(|name| &value[name]);
    let nothing = code.filter(|code| code.is_object()).find_map(none_known)?;
    let mut item = base(Kind::NoneKnown, State::Unstated, Some(nothing.as_str().to_owned()), &[]);
    item.code = Some(nothing.as_str().to_owned());
    let ended = has_code(&value["clinicalStatus"], &["inactive", "remission", "resolved"]);
    let is_doubtful = has_code(&value["verificationStatus"], &["refuted", "unconfirmed", "provisional", "differential"]);
    let is_over = matches!(value["status"].as_str(), Some("stopped" | "completed" | "not-taken" | "cancelled" | "ended" | "inactive"))
        && matches!(resource_type, "Device" | "MedicationRequest" | "MedicationStatement");
    let abated = value.as_object().is_some_and(|members| members.keys().any(|name| name.starts_with("abatement")));
    let lapsed = !value["effectivePeriod"].is_null() && !fhir::covers(&value["effectivePeriod"], fhir::today());
    if ended || is_doubtful || is_over || abated || lapsed {
        item.state = State::Past;
    }
    Some(item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::item::model::Fact;

    fn coded(code: &str) -> Value {
        json!({"coding": [{"code": code}]})
    }

    #[test]
    fn what_only_its_source_understands_stands_in_its_list_without_content() {
        let told = untold("AllergyIntolerance");
        let facts = [Fact::new(What::Category, "AllergyIntolerance"), Fact::new(What::Remark, remark::CANNOT_BE_SHOWN)];
        assert_eq!((told.kind, told.title.as_str(), told.facts), (Kind::Allergy, "", facts.to_vec()));
        assert_eq!(untold("RiskAssessment").kind, Kind::Other);
    }

    #[test]
    fn that_there_is_nothing_is_no_entry_and_holds_as_long_as_it_is_said() {
        let of = |kind: &str, more: Value| {
            let mut value = json!({"code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}, "criticality": "low"});
            value.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            absence(kind, &value).map(|item| (item.kind, item.title, item.state, item.facts.len()))
        };
        let said = |more: Value| of("AllergyIntolerance", more);
        assert_eq!(said(json!({})), Some((Kind::NoneKnown, "allergies".into(), State::Unstated, 0)));
        for gone in [
            json!({"clinicalStatus": coded("resolved")}),
            json!({"verificationStatus": coded("refuted")}),
            json!({"abatementDateTime": "2020"}),
            json!({"effectivePeriod": {"end": "2020-01-01"}}),
        ] {
            assert_eq!(said(gone).map(|(_, _, state, _)| state), Some(State::Past));
        }
        assert_eq!(of("MedicationStatement", json!({"status": "stopped"})).map(|(_, _, state, _)| state), Some(State::Past));
        assert!(absence("AllergyIntolerance", &json!({"code": {"text": "Peanut"}})).is_none());
        let asked = json!({"code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}, "valueBoolean": false});
        assert!(absence("Observation", &asked).is_none(), "the answer to a question");
    }
}
