//! Modifier elements: what changes the meaning of a resource is never left out. FHIR R4, the elements whose definition says
//! `isModifier`, of the types that pages show.

use app::record::{
    item::{
        entity::health_item,
        model::{Fact, What},
    },
    result::entity::{measurement, test_result},
    visit::entity::visit,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    import::{clear, import},
    world::{on_every_database, wait},
};

/// Element definitions of R4 with `isModifier`, without `implicitRules` and `modifierExtension`, which every type has.
const DEFINITIONS: [(&str, &[&str]); 20] = [
    ("AllergyIntolerance", &["clinicalStatus", "verificationStatus"]),
    ("Appointment", &["status"]),
    ("CarePlan", &["activity.detail.doNotPerform", "activity.detail.status", "intent", "status"]),
    ("CareTeam", &["status"]),
    ("Condition", &["clinicalStatus", "verificationStatus"]),
    ("Device", &["status"]),
    ("DiagnosticReport", &["status"]),
    ("DocumentReference", &["status"]),
    ("Encounter", &["status"]),
    ("FamilyMemberHistory", &["status"]),
    ("Goal", &["lifecycleStatus"]),
    ("Immunization", &["isSubpotent", "status"]),
    ("ImmunizationRecommendation", &["recommendation.forecastStatus"]),
    ("Medication", &["status"]),
    ("MedicationRequest", &["doNotPerform", "intent", "status"]),
    ("MedicationStatement", &["status"]),
    ("Observation", &["status"]),
    ("Procedure", &["status"]),
    ("ServiceRequest", &["doNotPerform", "intent", "status"]),
    ("Quantity", &["comparator"]),
];

/// A type, the element, a resource in which it changes the meaning, and what becomes of it: for each item its kind, its state,
/// its remarks, and a mark when it is not confirmed; for results and visits that there is one; nothing of what is not told.
fn cases() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let coded = |code: &str| json!({"coding": [{"code": code}]});
    let order = |more: Value| with(json!({"status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Told"}}), more);
    let request = |more: Value| {
        with(json!({"status": "active", "intent": "order", "code": {"text": "Told"}, "occurrenceDateTime": "2026-05-06"}), more)
    };
    let plan = |more: Value| with(json!({"status": "active", "intent": "plan", "title": "Plan"}), more);
    let activity =
        |more: Value| plan(json!({"activity": [{"detail": with(json!({"status": "in-progress", "description": "Told"}), more)}]}));
    let value = |more: Value| {
        with(
            json!({"status": "final", "code": {"text": "Told"}, "effectiveDateTime": "2026-05-06", "category": [coded("laboratory")],
            "valueQuantity": {"value": 5}}),
            more,
        )
    };
    vec![
        ("AllergyIntolerance", "clinicalStatus", json!({"code": {"text": "Told"}, "clinicalStatus": coded("resolved")}), "allergy past"),
        (
            "AllergyIntolerance",
            "verificationStatus",
            json!({"code": {"text": "Told"}, "verificationStatus": coded("unconfirmed")}),
            "allergy unstated ?",
        ),
        (
            "AllergyIntolerance",
            "verificationStatus",
            json!({"code": {"text": "Told"}, "verificationStatus": coded("refuted")}),
            "other unstated without its name",
        ),
        (
            "Appointment",
            "status",
            json!({"status": "entered-in-error", "participant": [{"actor": {"reference": "Patient/p"}}], "start": "2026-05-06T10:00:00Z"}),
            "",
        ),
        ("CarePlan", "status", plan(json!({"status": "revoked"})), "care_plan not_done"),
        ("CarePlan", "intent", plan(json!({"intent": "proposal"})), "care_plan active ?"),
        ("CarePlan", "activity.detail.status", activity(json!({"status": "cancelled"})), "care_plan active"),
        ("CarePlan", "activity.detail.doNotPerform", activity(json!({"doNotPerform": true})), "care_plan active"),
        ("CareTeam", "status", json!({"status": "inactive", "name": "Told"}), "care_team past"),
        ("Condition", "clinicalStatus", json!({"code": {"text": "Told"}, "clinicalStatus": coded("remission")}), "condition past"),
        (
            "Condition",
            "verificationStatus",
            json!({"code": {"text": "Told"}, "verificationStatus": coded("differential")}),
            "condition unstated ?",
        ),
        ("Condition", "verificationStatus", json!({"code": {"text": "Told"}, "verificationStatus": coded("entered-in-error")}), ""),
        ("Device", "status", json!({"type": {"text": "Told"}, "status": "inactive"}), "device past"),
        ("Device", "status", json!({"type": {"text": "Told"}, "status": "unknown"}), "device unstated"),
        (
            "DiagnosticReport",
            "status",
            json!({"status": "preliminary", "code": {"text": "Told"}, "category": [coded("LAB")], "effectiveDateTime": "2026-05-06"}),
            "",
        ),
        (
            "DocumentReference",
            "status",
            json!({"status": "superseded", "type": {"text": "Told"}, "content": [{"attachment": {"contentType": "application/pdf", "data": "QQ=="}}]}),
            "",
        ),
        (
            "Encounter",
            "status",
            json!({"status": "entered-in-error", "class": {}, "type": [{"text": "Told"}], "period": {"start": "2026-05-06T10:00:00Z"}}),
            "",
        ),
        (
            "FamilyMemberHistory",
            "status",
            json!({"status": "health-unknown", "relationship": {"text": "Told"}}),
            "family_history unstated health_unknown",
        ),
        ("FamilyMemberHistory", "status", json!({"status": "partial", "relationship": {"text": "Told"}}), "family_history unstated ?"),
        ("Goal", "lifecycleStatus", json!({"lifecycleStatus": "rejected", "description": {"text": "Told"}}), "goal not_done"),
        (
            "Immunization",
            "status",
            json!({"status": "not-done", "vaccineCode": {"text": "Told"}, "occurrenceDateTime": "2026-05-06"}),
            "immunization not_done",
        ),
        (
            "Immunization",
            "isSubpotent",
            json!({"status": "completed", "isSubpotent": true, "vaccineCode": {"text": "Told"}, "occurrenceDateTime": "2026-05-06"}),
            "immunization done subpotent",
        ),
        (
            "ImmunizationRecommendation",
            "recommendation.forecastStatus",
            json!({"date": "2026-01-02", "recommendation": [{"vaccineCode": [{"text": "Told"}], "forecastStatus": coded("contraindicated")}]}),
            "preventive not_done",
        ),
        (
            "Medication",
            "status",
            json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationReference": {"reference": "#m"},
            "contained": [{"resourceType": "Medication", "id": "m", "status": "entered-in-error", "code": {"text": "Told"}}]}),
            "medication active without its name",
        ),
        ("MedicationRequest", "status", order(json!({"status": "stopped"})), "medication past"),
        ("MedicationRequest", "intent", order(json!({"intent": "proposal"})), "medication planned proposed"),
        ("MedicationRequest", "doNotPerform", order(json!({"doNotPerform": true})), "medication past do_not"),
        (
            "MedicationStatement",
            "status",
            json!({"status": "not-taken", "medicationCodeableConcept": {"text": "Told"}}),
            "medication not_done",
        ),
        ("MedicationRequest", "status", order(json!({"status": "on-hold"})), "medication past on_hold"),
        ("Observation", "status", value(json!({"status": "preliminary"})), ""),
        ("Observation", "status", value(json!({"status": "cancelled"})), "other unstated"),
        ("Procedure", "status", json!({"status": "not-done", "code": {"text": "Told"}}), "procedure not_done"),
        ("ServiceRequest", "status", request(json!({"status": "revoked"})), "preventive not_done"),
        ("ServiceRequest", "intent", request(json!({"intent": "proposal"})), "preventive planned ? proposed"),
        ("ServiceRequest", "doNotPerform", request(json!({"doNotPerform": true})), "preventive not_done do_not"),
        (
            "Quantity",
            "comparator",
            with(value(json!({})), json!({"resourceType": "Observation", "valueQuantity": {"value": 5, "comparator": "<"}})),
            "result <5",
        ),
    ]
}

fn with(mut resource: Value, more: Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    resource.as_object_mut().expect("an object").extend(more);
    resource
}

#[test]
fn no_element_that_changes_a_meaning_is_left_out() {
    let cases = cases();
    for (resource_type, elements) in DEFINITIONS {
        for element in elements {
            assert!(cases.iter().any(|(of, name, ..)| of == &resource_type && name == element), "{resource_type}.{element} has a case");
        }
    }
    on_every_database(|system| {
        let person =
            json!({"resourceType": "Patient", "id": "p", "name": [{"given": ["Ana"], "family": "Roe"}], "birthDate": "1980-02-29"});
        for (resource_type, element, resource, wanted) in &cases {
            wait(clear(system));
            let base = json!({"resourceType": resource_type, "id": "r", "subject": {"reference": "Patient/p"}, "patient": {"reference": "Patient/p"}});
            import(system, &[person.clone(), with(base, resource.clone())]);
            let items = wait(health_item::Entity::find().all(system.db())).expect("items");
            let mut told: Vec<String> = items
                .iter()
                .map(|item| {
                    let facts: Vec<Fact> = serde_json::from_str(&item.facts).expect("facts");
                    assert!(!facts.iter().any(|fact| fact.what == What::Activity), "{resource_type}.{element}: {facts:?}");
                    let sure = item.tentative.then(|| "?".to_owned());
                    let remarks = facts.iter().filter(|fact| fact.what == What::Remark).map(|fact| fact.said.clone());
                    let nameless = item.title.is_empty().then(|| "without its name".to_owned());
                    let words = [item.kind.as_str().to_owned(), item.state.as_str().to_owned()];
                    words.into_iter().chain(sure).chain(remarks).chain(nameless).collect::<Vec<_>>().join(" ")
                })
                .collect();
            let values = wait(measurement::Entity::find().all(system.db())).expect("values");
            told.extend(values.iter().map(|value| format!("result {}", value.shown)));
            let results = wait(test_result::Entity::find().all(system.db())).expect("results").len();
            assert_eq!(results, values.len(), "{resource_type}.{element}");
            told.extend(wait(visit::Entity::find().all(system.db())).expect("visits").iter().map(|row| format!("visit {}", row.title)));
            assert_eq!(told.join("; "), *wanted, "{resource_type}.{element} {resource}");
        }
    });
}
