//! Elements that change what a resource says, so that it must not be told without them. FHIR R4, Extensibility, 2.4.0.1:
//! whoever does not know a modifier extension may not process the element that holds it.

use serde_json::{Map, Value};

use super::list::items;

/// Whether an observation is about somebody or something else than its subject, such as an unborn child. FHIR R4, Observation.focus.
fn is_about_another(resource: &Value) -> bool {
    resource["resourceType"] == "Observation"
        && items(&resource["focus"]).any(|focus| focus["reference"].is_null() || focus["reference"] != resource["subject"]["reference"])
}

/// Whether a resource says something that only its source understands. The portal knows no modifier extension and no implicit
/// rules.
pub fn is_changed(resource: &Value) -> bool {
    match resource {
        Value::Object(_) if is_about_another(resource) => true,
        Value::Object(members) => members.iter().any(|(name, member)| match name.as_str() {
            "modifierExtension" => items(member).next().is_some(),
            "implicitRules" => member.is_string(),
            _ => is_changed(member),
        }),
        Value::Array(list) => list.iter().any(is_changed),
        _ => false,
    }
}

/// Words of a status by which a resource is kept and not listed.
const KEPT: [&str; 5] = ["entered-in-error", "superseded", "registered", "partial", "preliminary"];

/// What is left of such a resource: what it is, at which visit it came to be, who may know of it, and whether anybody may.
pub fn without_content(resource: &Value) -> Value {
    let mut left = Map::new();
    for name in ["resourceType", "id", "meta", "securityLabel", "encounter"] {
        left.extend(resource.get(name).map(|member| (name.to_owned(), member.clone())));
    }
    for name in ["status", "lifecycleStatus", "docStatus"] {
        let status = resource.get(name).filter(|status| status.as_str().is_some_and(|word| KEPT.contains(&word)));
        left.extend(status.map(|status| (name.to_owned(), status.clone())));
    }
    if let Some(encounter) = resource["context"].get("encounter") {
        left.insert("context".into(), Value::Object(Map::from_iter([("encounter".to_owned(), encounter.clone())])));
    }
    Value::Object(left)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn modifiers_are_found_wherever_they_stand() {
        let modifier = json!([{"url": "urn:x", "valueBoolean": true}]);
        for changed in [
            json!({"resourceType": "Condition", "modifierExtension": modifier}),
            json!({"resourceType": "Observation", "component": [{"modifierExtension": modifier}]}),
            json!({"resourceType": "MedicationRequest", "contained": [{"resourceType": "Medication", "modifierExtension": modifier}]}),
            json!({"resourceType": "Condition", "implicitRules": "urn:rules"}),
        ] {
            assert!(is_changed(&changed), "{changed}");
        }
        assert!(is_changed(
            &json!({"resourceType": "Observation", "subject": {"reference": "Patient/1"}, "focus": [{"display": "Fetus"}]})
        ));
        let inside = json!({"resourceType": "Observation", "focus": [{"display": "Fetus"}]});
        assert!(is_changed(&json!({"resourceType": "DiagnosticReport", "contained": [inside]})));
        assert!(!is_changed(
            &json!({"resourceType": "Observation", "subject": {"reference": "Patient/1"}, "focus": [{"reference": "Patient/1"}]})
        ));
        for plain in [
            json!({"resourceType": "Condition", "extension": [{"url": "urn:x", "valueBoolean": true}]}),
            json!({"resourceType": "Condition", "modifierExtension": []}),
            json!({"resourceType": "Condition", "code": {"text": "modifierExtension"}}),
        ] {
            assert!(!is_changed(&plain), "{plain}");
        }
    }

    #[test]
    fn nothing_is_left_but_its_kind_its_visit_and_who_may_know() {
        let order = json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "subject": {"reference": "Patient/p"},
            "meta": {"security": [{"code": "PSY"}]}, "encounter": {"reference": "Encounter/e"}, "medicationCodeableConcept": {"text": "Warfarin"}});
        let left = json!({"resourceType": "MedicationRequest", "id": "m", "meta": {"security": [{"code": "PSY"}]},
            "encounter": {"reference": "Encounter/e"}});
        assert_eq!(without_content(&order), left);
        let letter = json!({"resourceType": "DocumentReference", "status": "superseded", "docStatus": "final",
            "context": {"encounter": [{"reference": "Encounter/e"}], "period": {"start": "2026"}}});
        let left =
            json!({"resourceType": "DocumentReference", "status": "superseded", "context": {"encounter": [{"reference": "Encounter/e"}]}});
        assert_eq!(without_content(&letter), left);
    }
}
