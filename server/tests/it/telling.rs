//! What the record says: nothing without what changes its meaning, nothing beside what contradicts it, in every value and at
//! every precision, on pages, in summaries, files and documents.

use app::{
    access::as_system,
    record::item::{entity::health_item, model::Kind},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::world::{Somebody, World, on_every_engine};

/// Brings resources into the chart of somebody of the household.
fn arrive(world: &World, given_name: &str, mut resources: Vec<Value>) {
    let subject = json!({"reference": format!("Patient/{}", world.reference(given_name))});
    for resource in &mut resources {
        let name =
            if ["AllergyIntolerance", "Immunization"].iter().any(|name| resource["resourceType"] == *name) { "patient" } else { "subject" };
        resource[name] = subject.clone();
    }
    let entries: Vec<Value> = resources.into_iter().map(|resource| json!({"resource": resource})).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
}

fn read(me: &Somebody<'_>, patient: Uuid, page: &str) -> String {
    let answer = me.get(&format!("/p/{patient}/{page}"));
    assert_eq!(answer.status, 200, "{page}: {}", answer.body);
    answer.body
}

fn allergy(id: &str, code: Value, more: Value) -> Value {
    with(
        json!({"resourceType": "AllergyIntolerance", "id": id, "code": code,
        "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]}}),
        more,
    )
}

fn with(mut resource: Value, more: Value) -> Value {
    let more = more.as_object().expect("an object").clone();
    resource.as_object_mut().expect("an object").extend(more);
    resource
}

/// Takes everything out of a chart that stands on the pages of the health summary.
fn empty(world: &World, given_name: &str, kinds: &[Kind]) {
    let patient = world.patient(given_name);
    let found = health_item::Column::PatientId.eq(patient);
    let of_kinds = health_item::Column::Kind.is_in(kinds.iter().copied());
    world.wait(health_item::Entity::delete_many().filter(found).filter(of_kinds).exec(&world.state.connection)).expect("deleted");
}

const CANNOT: &str = "This entry cannot be shown here";

#[test]
fn what_its_source_changes_in_its_own_way_is_listed_and_told_nowhere() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let modifier = json!([{"url": "https://ehr.example/must-not", "valueBoolean": true}]);
        let plain = |more: Value| with(json!({"id": "changed"}), more);
        let order = |modifier: Value| {
            plain(json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "authoredOn": "2026-09-02",
                "medicationCodeableConcept": {"text": "Warfarin 5 mg"}, "modifierExtension": modifier}))
        };
        arrive(world, "Maria", vec![order(json!([]))]);
        assert!(read(&me, maria, "health/medications").contains("Warfarin"));
        let visit = json!({"resourceType": "Encounter", "id": "told", "status": "finished", "class": {"code": "AMB"}, "type": [{"text": "Odd visit"}],
            "period": {"start": "2026-10-03T07:30:00-04:00"}, "diagnosis": [{"condition": {"reference": "Condition/changed"}}]});
        let value = |id: &str| {
            json!({"resourceType": "Observation", "id": id, "status": "final", "category": [{"coding": [{"code": "laboratory"}]}],
                "code": {"text": "Donor antibody", "coding": [{"system": "urn:test", "code": "donor"}]}, "effectiveDateTime": "2026-10-05T09:15:00-04:00",
                "valueCodeableConcept": {"text": "Positive"}})
        };
        arrive(
            world,
            "Maria",
            vec![
                order(modifier.clone()),
                plain(json!({"resourceType": "Condition", "code": {"text": "Pancreatic cancer"}, "modifierExtension": modifier,
                "encounter": {"reference": "Encounter/told"}})),
                visit,
                with(value("v"), json!({"modifierExtension": modifier})),
                with(
                    value("w"),
                    json!({"component": [{"code": {"text": "Part"}, "valueString": "Positive", "modifierExtension": modifier}]}),
                ),
                json!({"resourceType": "DiagnosticReport", "id": "rep", "status": "final", "category": [{"coding": [{"code": "LAB"}]}],
                "code": {"text": "Donor panel"}, "effectiveDateTime": "2026-10-05T09:15:00-04:00", "conclusion": "See parts.",
                "result": [{"reference": "Observation/v"}]}),
                allergy("changed-a", json!({"text": "Strawberry"}), json!({"modifierExtension": modifier})),
            ],
        );
        for page in [
            "health",
            "health/medications",
            "health/conditions",
            "health/allergies",
            "health/emergency",
            "health/print",
            "results",
            "results?words=donor",
            "health/other",
            "visits",
        ] {
            let body = read(&me, maria, page);
            for content in ["Warfarin", "Pancreatic", "Donor antibody", "Strawberry"] {
                assert!(!body.contains(content), "{page}: {content}");
            }
        }
        for page in ["health/medications", "health/conditions", "health/allergies", "health/emergency", "health/print", "health/other"] {
            assert!(read(&me, maria, page).contains(CANNOT), "{page}");
        }
        assert_eq!(me.get(&format!("/p/{maria}/results/trend?code=urn%3Atest%7Cdonor")).status, 404);
    });
}

#[test]
fn that_nothing_is_known_is_a_sentence_and_stands_beside_nothing_that_contradicts_it() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        empty(world, "Maria", &[Kind::Allergy, Kind::Condition]);
        let snomed = |code: &str, words: &str| json!({"text": words, "coding": [{"system": "http://snomed.info/sct", "code": code}]});
        arrive(
            world,
            "Maria",
            vec![
                allergy("none", snomed("716186003", "No known allergy"), json!({"criticality": "low"})),
                allergy("no-drug", snomed("409137002", "No known drug allergy"), json!({"criticality": "low"})),
                json!({"resourceType": "Condition", "id": "none", "code": snomed("160245001", "No current problems"), "onsetDateTime": "2024-02-11"}),
            ],
        );
        let (all, drugs) = ("No known allergies, says the record.", "No known allergies to medicines, says the record.");
        let pages = ["health", "health/allergies", "health/emergency", "health/print"];
        for page in pages {
            let body = read(&me, maria, page);
            assert!(body.contains(all) && body.contains(drugs), "{page}: {body}");
            assert!(!body.contains("No known allergy<") && !body.contains("Risk") && !body.contains("No allergies are recorded"), "{page}");
        }
        let conditions = read(&me, maria, "health/conditions");
        assert!(conditions.contains("No known health problems, says the record.") && !conditions.contains("No current problems<"));
        arrive(world, "Maria", vec![allergy("peanut", json!({"text": "Peanut"}), json!({"criticality": "high", "category": ["food"]}))]);
        for page in pages {
            let body = read(&me, maria, page);
            assert!(body.contains("Peanut") && !body.contains(all) && body.contains(drugs), "{page}: {body}");
        }
        arrive(
            world,
            "Maria",
            vec![allergy(
                "odd",
                json!({"text": "Odd"}),
                json!({"category": ["food"], "modifierExtension": [{"url": "urn:x", "valueBoolean": true}]}),
            )],
        );
        for page in pages {
            assert!(!read(&me, maria, page).contains(drugs), "{page}: of what cannot be told nobody knows what it contradicts");
        }
    });
}
