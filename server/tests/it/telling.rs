//! What the record says: nothing without what changes its meaning, nothing beside what contradicts it, in every value and at
//! every precision, on pages, in summaries, files and documents.

use app::{
    access::as_system,
    record::item::{entity::health_item, model::Kind},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::world::{Somebody, World, on_every_engine};

/// Brings resources into the chart of somebody of the household.
pub fn arrive(world: &World, given_name: &str, mut resources: Vec<Value>) {
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

fn value(id: &str, name: &str, more: Value) -> Value {
    with(
        json!({"resourceType": "Observation", "id": id, "status": "final", "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"text": name, "coding": [{"system": "urn:test", "code": name}]}, "effectiveDateTime": "2026-10-05T09:15:00-04:00"}),
        more,
    )
}

/// As a hospital's system writes it: with its own digits.
fn sent(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn visit(id: &str) -> Value {
    json!({"resourceType": "Encounter", "id": id, "status": "finished", "class": {"code": "AMB"}, "type": [{"text": "Told visit"}],
        "period": {"start": "2026-10-03T07:30:00-04:00", "end": "2026-10-03T09:30:00-04:00"}})
}

fn vital(id: &str, name: &str, encounter: &str, more: Value) -> Value {
    with(
        value(
            id,
            name,
            json!({"category": [{"coding": [{"code": "vital-signs"}]}], "encounter": {"reference": format!("Encounter/{encounter}")}}),
        ),
        more,
    )
}

/// The address of the summary of the visit with this title.
fn summary_of(world: &World, me: &Somebody<'_>, patient: Uuid) -> String {
    use app::record::visit::entity::visit;
    let all = world.wait(visit::Entity::find().filter(visit::Column::PatientId.eq(patient)).all(&world.state.connection)).expect("visits");
    let id = all.into_iter().find(|row| row.title == "Told visit").expect("a visit").id;
    let answer = me.get(&format!("/p/{patient}/visits/{id}/summary"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn comparators_and_digits_stand_at_the_value_everywhere() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let troponin = |id: &str, day: &str, quantity: &str| {
            value(
                id,
                "Troponin",
                json!({"effectiveDateTime": format!("2026-10-{day}T08:00:00-04:00"), "valueQuantity": sent(quantity),
                "referenceRange": [{"high": sent(r#"{"value": 14.0, "unit": "ng/L"}"#)}]}),
            )
        };
        arrive(
            world,
            "Maria",
            vec![
                visit("told"),
                troponin("t1", "01", r#"{"value": 3, "comparator": "<", "unit": "ng/L"}"#),
                troponin("t2", "02", r#"{"value": 9.00, "unit": "ng/L"}"#),
                troponin("t3", "03", r#"{"value": 25000, "comparator": ">", "unit": "ng/L"}"#),
                value(
                    "titer",
                    "Titer",
                    json!({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 640, "comparator": ">="}}}),
                ),
                value("exp", "Exponent", json!({"valueQuantity": sent(r#"{"value": 1.2E+2, "unit": "mg/L"}"#)})),
                vital("spo2", "Oxygen saturation", "told", json!({"valueQuantity": {"value": 70, "comparator": "<", "unit": "%"}})),
            ],
        );
        let trend = read(&me, maria, "results/trend?code=urn%3Atest%7CTroponin");
        for told in ["&lt;3 ng/L", ">9.00 ng/L", "&gt;25000 ng/L", "above the usual range", "14.0 ng/L or less"] {
            assert!(trend.contains(told), "{told}: {trend}");
        }
        assert_eq!(trend.matches("chart__open").count(), 2, "{trend}");
        let csv = me.get(&format!("/files/trend/{maria}?code=urn%3Atest%7CTroponin")).body;
        assert!(csv.contains("<3") && csv.contains(">25000") && csv.contains("9.00") && csv.contains("ng/L"), "{csv}");
        assert!(read(&me, maria, "results?words=titer").contains("1:&gt;=640"));
        assert!(read(&me, maria, "results?words=exponent").contains("120 mg/L"));
        let summary = summary_of(world, &me, maria);
        assert!(summary.contains("&lt;70 %"), "{summary}");
        assert!(read(&me, maria, "health/vitals").contains("&lt;70 %"));
    });
}

#[test]
fn what_has_no_value_says_why_and_half_a_blood_pressure_is_half() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let coded = |code: &str| json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": code}]});
        let half = |code: &str, name: &str, more: Value| {
            with(json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": name}}), more)
        };
        arrive(
            world,
            "Maria",
            vec![
                visit("told"),
                value("k", "Potassium", json!({"dataAbsentReason": {"coding": coded("error")["coding"], "text": "Specimen hemolyzed"}})),
                value("ca", "Calcium", json!({"dataAbsentReason": coded("not-performed")})),
                value("mg", "Magnesium", json!({})),
                value("polyps", "Polyps", json!({"valueInteger": 0})),
                value(
                    "bare",
                    "x",
                    json!({"code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
                "valueQuantity": {"value": 9.2, "system": "http://unitsofmeasure.org", "code": "g/dL"},
                "interpretation": [{"coding": [{"code": "L"}]}]}),
                ),
                vital(
                    "bp",
                    "Blood pressure",
                    "told",
                    json!({"effectiveDateTime": "2026-11-20T09:15:00-05:00", "component": [
                half("8480-6", "Systolic", json!({"valueQuantity": {"value": 142, "unit": "mmHg"}})),
                half("8462-4", "Diastolic", json!({"dataAbsentReason": coded("unknown")}))]}),
                ),
            ],
        );
        for (name, told) in [
            ("potassium", "No value: Specimen hemolyzed"),
            ("calcium", "No value: the test was not done"),
            ("magnesium", "No value was sent"),
            ("polyps", "0"),
            ("718-7", "9.2 g/dL, marked low by the laboratory"),
        ] {
            let list = read(&me, maria, &format!("results?words={name}"));
            assert!(list.contains(told), "{name}: {list}");
        }
        assert_eq!(me.get(&format!("/p/{maria}/results/trend?code=http%3A%2F%2Floinc.org%7C718-7")).status, 200);
        let summary = summary_of(world, &me, maria);
        assert!(summary.contains("142/– mmHg"), "{summary}");
        let vitals = read(&me, maria, "health/vitals");
        assert!(vitals.contains("142/– mmHg"), "{vitals}");
    });
}

#[test]
fn what_a_resource_contains_is_told_like_what_it_names() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let sodium = json!({"resourceType": "Observation", "id": "na", "status": "final", "code": {"text": "Inner sodium"},
            "valueQuantity": {"value": 128, "unit": "mmol/L"}, "referenceRange": [{"low": {"value": 135, "unit": "mmol/L"}, "high": {"value": 145, "unit": "mmol/L"}}]});
        let potassium = json!({"resourceType": "Observation", "id": "k", "status": "final", "code": {"text": "Inner potassium"}, "valueQuantity": sent(r#"{"value": 4.0, "unit": "mmol/L"}"#)});
        let report = json!({"resourceType": "DiagnosticReport", "id": "inner", "status": "final", "category": [{"coding": [{"code": "LAB"}]}],
            "code": {"text": "Inner electrolytes"}, "effectiveDateTime": "2026-10-05T09:15:00-04:00", "contained": [sodium, potassium],
            "result": [{"reference": "#na"}, {"reference": "#k"}]});
        let syrup = json!({"resourceType": "MedicationRequest", "id": "syrup", "status": "active", "intent": "order", "authoredOn": "2026-09-02",
            "contained": [{"resourceType": "Medication", "id": "m", "ingredient": [{"itemCodeableConcept": {"text": "Amoxicillin"},
                "strength": {"numerator": {"value": 250, "unit": "mg"}, "denominator": {"value": 5, "unit": "mL"}}}]},
                {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Abara", "given": ["Chidi"], "suffix": ["MD"]}]}],
            "medicationReference": {"reference": "#m"}, "requester": {"reference": "#d"}});
        arrive(world, "Maria", vec![report.clone(), syrup]);
        let list = read(&me, maria, "results?words=sodium");
        assert!(list.contains("Inner electrolytes") && list.contains("2 values, 1 outside its usual range"), "{list}");
        let id = list.split("/results/").find_map(|part| part.get(..36)?.parse::<Uuid>().ok()).expect("a link");
        let page = read(&me, maria, &format!("results/{id}"));
        assert!(page.contains("128 mmol/L") && page.contains("4.0 mmol/L") && page.contains("below the usual range"), "{page}");
        let medicines = read(&me, maria, "health/medications");
        assert!(medicines.contains("Amoxicillin 250 mg/5 mL") && medicines.contains("Chidi Abara, MD"), "{medicines}");
        // A newer version leaves nothing of the one before.
        let mut newer = report;
        newer["result"] = json!([{"reference": "#k"}]);
        arrive(world, "Maria", vec![newer]);
        let page = read(&me, maria, &format!("results/{id}"));
        assert!(page.contains("4.0 mmol/L") && !page.contains("128 mmol/L"), "{page}");
    });
}

#[test]
fn a_moment_is_told_as_exactly_as_it_was_sent_and_everything_is_found() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let enzyme = |id: &str, when: Value| {
            let mut resource = value(id, &format!("Enzyme {id}"), json!({"valueQuantity": {"value": 10, "unit": "U/L"}}));
            resource.as_object_mut().expect("an object").remove("effectiveDateTime");
            with(resource, when)
        };
        let cases = [
            (
                "period",
                json!({"effectivePeriod": {"start": "2026-10-04T07:00:00-04:00", "end": "2026-10-05T07:00:00-04:00"}}),
                "October 4, 2026 to October 5, 2026",
            ),
            ("end", json!({"effectivePeriod": {"end": "2026-10-05T07:00:00-04:00"}}), "until October 5, 2026"),
            ("timing", json!({"effectiveTiming": {"event": ["2026-10-05T07:00:00-04:00"]}}), "October 5, 2026"),
            ("instant", json!({"effectiveInstant": "2026-10-05T07:00:00.123-04:00"}), "October 5, 2026"),
            ("issue", json!({"issued": "2026-10-07T16:00:00-04:00"}), "reported October 7, 2026"),
            ("month", json!({"effectiveDateTime": "2026-10"}), "October 2026"),
            ("year", json!({"effectiveDateTime": "2025"}), "2025"),
            ("none", json!({}), "No date"),
            ("hawaii", json!({"effectiveDateTime": "2026-10-05T21:00:00-10:00"}), "October 5, 2026"),
        ];
        arrive(world, "Maria", cases.iter().map(|(id, when, _)| enzyme(id, when.clone())).collect());
        for (id, _, told) in &cases {
            let list = read(&me, maria, &format!("results?words=enzyme+{id}"));
            assert!(list.contains(&format!("{told} · 10 U/L")), "{id}: {list}");
            let trend = read(&me, maria, &format!("results/trend?code=urn%3Atest%7CEnzyme+{id}"));
            assert!(trend.contains(&format!(">{told}<")), "{id}: {trend}");
            assert_eq!(trend.contains("chart__point"), *id != "none", "{id}: what has no date stands on no chart");
        }
        let hawaii = read(&me, maria, "results?words=enzyme+hawaii");
        let id = hawaii.split("/results/").find_map(|part| part.get(..36)?.parse::<Uuid>().ok()).expect("a link");
        let page = read(&me, maria, &format!("results/{id}"));
        assert!(page.contains("Taken October 5, 2026, 9:00\u{a0}pm Hawaii time"), "{page}");
        let report = json!({"resourceType": "DiagnosticReport", "id": "undated", "status": "final", "category": [{"coding": [{"code": "LAB"}]}],
            "code": {"text": "Undated report"}, "conclusion": "All unremarkable."});
        arrive(world, "Maria", vec![report]);
        assert!(read(&me, maria, "results?words=undated").contains("No date · All unremarkable."));
        let all = read(&me, maria, "results");
        // Ids have digits too.
        let has_word = |word: &str| all.split(|letter: char| !letter.is_alphanumeric() && letter != '-').any(|found| found == word);
        assert!(!has_word("1970") && !has_word("1969"), "{all}");
        assert!(all.contains(">2025</h2>") && all.contains(">No date</h2>"), "{all}");
    });
}

#[test]
fn ages_for_ranges_are_those_of_the_day_on_which_it_was_taken() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Emma"));
        let born = world.birth_date("Emma");
        let birthday = app::access::proxy::birthday(born, 5);
        let eve = birthday.pred_opt().expect("a day");
        let age = |low: u32, high: u32| json!({"low": {"value": low, "code": "a"}, "high": {"value": high, "code": "a"}});
        let ranges = json!([{"age": age(0, 4), "low": {"value": 140, "unit": "U/L"}, "high": {"value": 420, "unit": "U/L"}},
            {"age": age(5, 17), "low": {"value": 60, "unit": "U/L"}, "high": {"value": 300, "unit": "U/L"}}]);
        let taken = |id: &str, at: String| {
            value(id, id, json!({"effectiveDateTime": at, "valueQuantity": {"value": 330, "unit": "U/L"}, "referenceRange": ranges}))
        };
        // The same evening, as a source writes it that counts in UTC.
        arrive(world, "Emma", vec![taken("Utc", format!("{birthday}T03:00:00Z"))]);
        assert!(read(&me, maria, "results?words=utc").contains("330 U/L, within the usual range"));
        arrive(world, "Emma", vec![taken("Eve", format!("{eve}T22:00:00-05:00")), taken("Birthday", format!("{birthday}T01:00:00-05:00"))]);
        assert!(read(&me, maria, "results?words=eve").contains("330 U/L, within the usual range"));
        assert!(read(&me, maria, "results?words=birthday").contains("330 U/L, slightly above the usual range"));
    });
}

#[test]
fn a_corrected_medicine_or_file_is_corrected_wherever_it_is_named() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let bring = |resource: Value| {
            let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]});
            world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
        };
        let medicine = |name: &str| json!({"resourceType": "Medication", "id": "m", "code": {"text": name}});
        let letter =
            |words: &str| json!({"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": BASE64_STANDARD.encode(words)});
        bring(medicine("Hydroxyzine 25 mg"));
        bring(letter("Take one at night."));
        let taken = json!({"resourceType": "MedicationStatement", "id": "s", "status": "active", "medicationReference": {"reference": "Medication/m"}});
        let document = json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "type": {"text": "Told letter"},
            "date": "2026-10-06T11:00:00-04:00", "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/b"}}]});
        arrive(world, "Maria", vec![taken, document]);
        let documents = || {
            let list = read(&me, maria, "health/documents");
            let id = list.split("/health/documents/").filter_map(|part| part.get(..36)?.parse::<Uuid>().ok()).next();
            id.map(|id| read(&me, maria, &format!("health/documents/{id}"))).unwrap_or(list)
        };
        assert!(read(&me, maria, "health/medications").contains("Hydroxyzine 25 mg"));
        bring(medicine("Hydralazine 25 mg"));
        let now = read(&me, maria, "health/medications");
        assert!(now.contains("Hydralazine 25 mg") && !now.contains("Hydroxyzine"), "{now}");
        bring(letter("Take one in the morning."));
        assert!(documents().contains("Take one in the morning."), "{}", documents());
    });
}

#[test]
fn what_a_reader_may_not_see_is_not_given_away_by_what_stands_around_it() {
    on_every_engine(|world| {
        let (patient, limited) = (world.patient("Ernesto"), world.sign_in("maria"));
        let ernesto = world.sign_in("ernesto");
        empty(world, "Ernesto", &[Kind::Allergy]);
        let private = json!({"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]}});
        let none = json!({"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]});
        arrive(world, "Ernesto", vec![allergy("none", none, json!({})), allergy("hidden", json!({"text": "Quetiapine"}), private.clone())]);
        let told = read(&limited, patient, "health/allergies");
        assert!(!told.contains("Quetiapine") && !told.contains("No known allergies"), "{told}");
        assert!(read(&ernesto, patient, "health/allergies").contains("Quetiapine"));
        // A visit of which no page tells anything makes what came to be at it no less private.
        let mut encounter = with(visit("private"), private);
        encounter["modifierExtension"] = json!([{"url": "urn:test:changed", "valueBoolean": true}]);
        let ferritin = with(
            value("ferritin", "Ferritin", json!({"valueQuantity": {"value": 40, "unit": "ng/mL"}})),
            json!({"encounter": {"reference": "Encounter/private"}}),
        );
        arrive(world, "Ernesto", vec![encounter, ferritin]);
        assert!(read(&ernesto, patient, "results?words=ferritin").contains("40 ng/mL"));
        assert!(!limited.get(&format!("/p/{patient}/results?words=ferritin")).body.contains("40 ng/mL"));
    });
}

#[test]
fn a_binary_is_read_with_what_names_it_whichever_came_first() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let document = |id: &str, kind: &str, attachment: Value| {
            json!({"resourceType": "DocumentReference", "id": id, "status": "current", "type": {"text": kind}, "date": "2026-10-06T11:00:00-04:00",
                "content": [{"attachment": attachment}]})
        };
        let binary = |id: &str, kind: &str, data: &str| json!({"resourceType": "Binary", "id": id, "contentType": kind, "data": data});
        // "Walks without pain.", "%PDF-1.4 letter", "<div><p>Contained words</p></div>"
        let (words, letter, inner) =
            ("V2Fsa3Mgd2l0aG91dCBwYWluLg==", "JVBERi0xLjQgbGV0dGVy", "PGRpdj48cD5Db250YWluZWQgd29yZHM8L3A+PC9kaXY+");
        let mut contained = document("inside", "Contained note", json!({"contentType": "text/html", "url": "#b"}));
        contained["contained"] = json!([{"resourceType": "Binary", "id": "b", "contentType": "text/html", "data": inner}]);
        let bring = |resources: Vec<Value>| {
            let subject = json!({"reference": format!("Patient/{}", world.reference("Maria"))});
            let entries: Vec<Value> = resources
                .into_iter()
                .map(|mut resource| {
                    if resource["resourceType"] != "Binary" {
                        resource["subject"] = subject.clone();
                    }
                    json!({"resource": resource})
                })
                .collect();
            let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
            world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
        };
        bring(vec![
            binary("early", "text/plain", words),
            document("note", "Told progress note", json!({"contentType": "text/plain", "url": "Binary/early"})),
            document("letter", "Told letter", json!({"url": "Binary/late", "title": "Letter of October 6"})),
            document("gone", "Told operative note", json!({"contentType": "text/plain", "url": "Binary/never-sent"})),
            contained,
        ]);
        let page = read(&me, maria, "health/documents");
        assert!(page.contains("Told progress note") && page.contains("Contained note") && page.contains("Told operative note"), "{page}");
        assert_eq!(
            page.matches("The hospital’s system keeps this file").count(),
            2,
            "the letter waits, the operative note never came: {page}"
        );
        bring(vec![binary("late", "application/pdf", letter)]);
        let page = read(&me, maria, "health/documents");
        assert_eq!(page.matches("The hospital’s system keeps this file").count(), 1, "{page}");
        assert!(page.contains("Letter of October 6"), "{page}");
        let items = world
            .wait(health_item::Entity::find().filter(health_item::Column::PatientId.eq(maria)).all(&world.state.connection))
            .expect("items");
        let id = items.iter().find(|item| item.title == "Letter of October 6").expect("an item").id;
        assert_eq!(me.get_bytes(&format!("/files/record/{maria}/{id}")), (200, b"%PDF-1.4 letter".to_vec()));
        let note = page
            .split("/health/documents/")
            .filter_map(|part| part.get(..36)?.parse::<Uuid>().ok())
            .map(|id| read(&me, maria, &format!("health/documents/{id}")));
        let notes: Vec<String> = note.collect();
        assert!(notes.iter().any(|note| note.contains("Walks without pain.")) && notes.iter().any(|note| note.contains("Contained words")));
    });
}
