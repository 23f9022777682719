//! Records come in whole, once, or not at all.

use std::{collections::BTreeMap, fs, path::Path};

use app::{
    access::System,
    people::{patient, patient_record},
    record::{
        care_team::entity::clinician,
        item::entity::health_item,
        note::{entity::note, model::Disclosure},
        resource::entity::{fhir_alias, fhir_pending, fhir_resource, fhir_version},
        result::entity::{measurement, measurement_before, test_result},
        summary::{entity::summary_item, model::Section},
        visit::entity::{visit, visit_clinician},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::fhir::{ImportError, ImportOptions, Summary, export_patient, import_bundle, import_paths};

use crate::world::{on_every_database, wait};

fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

pub fn import(system: &System, resources: &[Value]) -> Summary {
    wait(import_bundle(system, "test", bundle(resources))).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// One person with one visit and what was said at it.
fn records() -> Vec<Value> {
    let text = |words: &str| BASE64_STANDARD.encode(words);
    let attachment = |words: &str| json!([{"attachment": {"contentType": "text/plain", "data": text(words)}}]);
    let medicine = |id: &str, extra: Value| {
        let mut resource = json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "subject": {"reference": "Patient/p"}, "encounter": {"reference": "Encounter/e"}, "medicationReference": {"reference": "Medication/m"}});
        resource.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        resource
    };
    vec![
        json!({"resourceType": "Patient", "id": "p", "name": [{"given": ["Ana"], "family": "Roe"}], "birthDate": "1980-02-29",
            "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "mrn", "value": "7"}]}),
        json!({"resourceType": "Practitioner", "id": "d", "identifier": [{"system": "npi", "value": "9"}], "name": [{"given": ["Susan"], "family": "Hale", "suffix": ["MD"]}]}),
        json!({"resourceType": "Medication", "id": "m", "code": {"text": "Amoxicillin"}}),
        json!({"resourceType": "Appointment", "id": "a", "status": "booked", "start": "2026-05-01T10:00:00Z", "patientInstruction": "Bring water.",
            "participant": [{"status": "accepted", "actor": {"reference": "Patient/p"}}]}),
        json!({"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
            "appointment": [{"reference": "Appointment/a"}], "period": {"start": "2026-05-01T10:05:00Z", "end": "2026-05-01T10:30:00Z"},
            "participant": [{"individual": {"reference": "Practitioner?identifier=npi|9"}}]}),
        medicine("m1", json!({})),
        medicine("m2", json!({"priorPrescription": {"reference": "MedicationRequest/m1"}})),
        medicine("m3", json!({"doNotPerform": true, "statusReason": {"text": "Rash"}})),
        json!({"resourceType": "DocumentReference", "id": "n", "status": "current", "subject": {"reference": "https://ehr.example/fhir/Patient/p"},
            "type": {"text": "Progress note"}, "context": {"encounter": [{"reference": "Encounter/e/_history/2"}]}, "content": attachment("Feels well.")}),
        json!({"resourceType": "DocumentReference", "id": "n2", "status": "current", "subject": {"reference": "urn:uuid:p"}, "type": {"text": "Progress note"},
            "context": {"encounter": [{"reference": "Encounter/e"}]}, "relatesTo": [{"code": "appends", "target": {"reference": "DocumentReference/n"}}],
            "content": attachment("One more thing.")}),
        json!({"resourceType": "DocumentReference", "id": "k", "status": "current", "subject": {"type": "Patient", "identifier": {"system": "mrn", "value": "7"}},
            "context": {"encounter": [{"reference": "Encounter/e"}]}, "content": attachment("Kept."),
            "securityLabel": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPAT"}]}]}),
        json!({"resourceType": "Basic", "id": "b", "subject": {"reference": "Patient/p"}, "amount": 1.10}),
    ]
}

/// What pages show, without the ids that are made at random.
fn shown(system: &System) -> BTreeMap<&'static str, Vec<String>> {
    wait(async {
        let db = system.db();
        let mut found = BTreeMap::new();
        let names = fhir_resource::Entity::find().all(db).await.expect("resources");
        let name = |id| names.iter().find(|row| row.id == id).map_or("?".to_owned(), |row| row.reference.clone());
        let visits = visit::Entity::find().all(db).await.expect("visits");
        let of_visit = |id| {
            visits.iter().find(|row| row.id == id).and_then(|row| row.encounter_id.or(row.appointment_id)).map_or("?".to_owned(), name)
        };
        let notes = note::Entity::find().all(db).await.expect("notes");
        let of_note = |id| notes.iter().find(|row| row.id == id).map_or("?".to_owned(), |row| name(row.resource_id));
        found.insert(
            "visits",
            visits
                .iter()
                .map(|row| {
                    format!(
                        "{:?} {:?} {:?} {:?}",
                        row.encounter_id.map(name),
                        row.appointment_id.map(name),
                        row.starts_at,
                        row.patient_instruction
                    )
                })
                .collect::<Vec<_>>(),
        );
        found.insert(
            "notes",
            notes
                .iter()
                .map(|row| {
                    format!(
                        "{} {:?} {:?} {:?} {}",
                        name(row.resource_id),
                        row.visit_id.map(of_visit),
                        row.disclosure,
                        row.addendum_to.map(of_note),
                        row.body
                    )
                })
                .collect(),
        );
        let items = summary_item::Entity::find().all(db).await.expect("items");
        found.insert(
            "items",
            items.iter().map(|row| format!("{} {:?} {} {:?}", name(row.resource_id), row.section, row.text, row.detail)).collect(),
        );
        let health = health_item::Entity::find().all(db).await.expect("health items");
        found.insert("health", health.iter().map(|row| format!("{} {:?} {:?} {}", name(row.id), row.kind, row.state, row.title)).collect());
        let seen = visit_clinician::Entity::find().all(db).await.expect("seen");
        found.insert("seen", seen.iter().map(|row| format!("{} {}", of_visit(row.visit_id), name(row.clinician_id))).collect());
        found.insert("charts", names.iter().map(|row| format!("{} {}", row.reference, row.patient_id.is_some())).collect());
        found.values_mut().for_each(|rows| rows.sort());
        found
    })
}

#[test]
fn everything_is_kept_and_what_pages_know_is_shown() {
    on_every_database(|system| {
        let summary = import(system, &records());
        assert_eq!((summary.total().new, summary.types["Basic"].not_shown), (12, 0));
        let shown = shown(system);
        assert_eq!(shown["visits"].len(), 1, "the Appointment and its Encounter are one visit: {shown:#?}");
        assert!(shown["visits"][0].contains("Bring water.") && shown["visits"][0].contains("10:05:00"));
        assert_eq!(shown["seen"], ["Encounter/e Practitioner/d"]);
        assert_eq!(
            shown["items"],
            [
                "MedicationRequest/m1 MedicineStart Amoxicillin None",
                "MedicationRequest/m2 MedicineChange Amoxicillin None",
                "MedicationRequest/m3 MedicineStop Amoxicillin Some(\"Rash\")",
            ]
        );
        assert_eq!(
            shown["health"],
            [
                "Basic/b Other Unstated ",
                "MedicationRequest/m1 Medication Active Amoxicillin",
                "MedicationRequest/m2 Medication Active Amoxicillin",
            ]
        );
        assert_eq!(
            shown["notes"],
            [
                "DocumentReference/k Some(\"Encounter/e\") KeptBack None ",
                "DocumentReference/n Some(\"Encounter/e\") Shown None Feels well.",
                "DocumentReference/n2 Some(\"Encounter/e\") Shown Some(\"DocumentReference/n\") One more thing.",
            ]
        );
        let waiting = wait(fhir_pending::Entity::find().all(system.db())).expect("rows");
        let names: Vec<&str> = waiting.iter().map(|row| row.alias.as_str()).collect();
        assert!(names.iter().all(|name| name.ends_with("Medication/m")), "everything was found, and a medicine is followed: {names:?}");
    });
}

#[test]
fn the_order_of_files_does_not_matter() {
    on_every_database(|system| {
        import(system, &records());
        let wanted = shown(system);
        for turn in [1, 5, 7, 11] {
            wait(clear(system));
            let mut records = records();
            records.rotate_left(turn);
            records.reverse();
            for record in records {
                import(system, &[record]);
            }
            assert_eq!(shown(system), wanted, "rotated by {turn}, one by one");
        }
    });
}

#[test]
fn importing_again_changes_nothing_and_a_newer_version_updates() {
    on_every_database(|system| {
        import(system, &records());
        let before = (
            shown(system),
            wait(note::Entity::find().all(system.db())).expect("notes"),
            wait(visit::Entity::find().all(system.db())).expect("visits"),
        );
        let again = import(system, &records());
        assert_eq!((again.total().new, again.total().updated, again.total().unchanged), (0, 0, 12));
        let after = (
            shown(system),
            wait(note::Entity::find().all(system.db())).expect("notes"),
            wait(visit::Entity::find().all(system.db())).expect("visits"),
        );
        assert_eq!(before, after);
        let version = |day: u8, given: &str| {
            json!({"resourceType": "Patient", "id": "p", "meta": {"lastUpdated": format!("2026-01-{day:02}T00:00:00Z")}, "birthDate": "1980-02-29", "name": [{"given": [given], "family": "Roe"}],
            "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "mrn", "value": "7"}]})
        };
        assert_eq!(import(system, &[version(5, "Anna")]).total().updated, 1);
        assert_eq!(import(system, &[version(4, "Older")]).total().unchanged, 1);
        let found = wait(patient::Entity::find().all(system.db())).expect("patients");
        assert_eq!((found.len(), found[0].given_name.as_str()), (1, "Anna"));
        assert_eq!(found[0].id, before.2[0].patient_id, "the chart keeps its address");
        let mut relabelled = records();
        relabelled[4]["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]});
        import(system, &relabelled);
        let notes = wait(note::Entity::find().all(system.db())).expect("notes");
        assert!(notes.iter().all(|note| note.sensitive), "what stands on a visit follows its label");
        let mut moved = records();
        moved[8]["status"] = json!("entered-in-error");
        import(system, &moved);
        let notes = wait(note::Entity::find().all(system.db())).expect("notes");
        assert_eq!(notes.iter().filter(|note| note.disclosure == Disclosure::Hidden && note.body.is_empty()).count(), 1);
    });
}

#[test]
fn a_bundle_with_one_fault_leaves_the_database_as_it_was() {
    on_every_database(|system| {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = bundle(&records()).to_string();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        let mut wrong = records();
        wrong[4]["period"] = json!({"start": "yesterday", "end": "2026-10-06T10:00:00"});
        let cut = file("cut.json", &whole[..whole.len() / 2]);
        let bad = file("bad.json", &bundle(&wrong).to_string());
        let good = file("good.json", &whole);
        let stop = ImportOptions::default();
        let all = "Encounter/e: Encounter.period.end: must be a date or a date with time and zone";
        for (path, place) in [(&cut, "column"), (&bad, "Encounter/e: Encounter.period.start"), (&bad, all)] {
            let Err(ImportError::Refused(refusal)) = wait(import_paths(system, &[path.clone(), good.clone()], &stop)) else {
                panic!("refused")
            };
            assert!(refusal.to_string().contains(place), "{refusal}");
            assert!(!refusal.to_string().contains("yesterday"), "no content of the record: {refusal}");
            assert_eq!(wait(fhir_resource::Entity::find().count(system.db())).expect("a number"), 0);
            assert_eq!(wait(fhir_alias::Entity::find().count(system.db())).expect("a number"), 0);
        }
        let summary =
            wait(import_paths(system, &[folder.path().to_owned()], &ImportOptions { keep_going: true, ..ImportOptions::default() }))
                .expect("a summary");
        assert!(!summary.is_clean());
        assert_eq!((summary.refused.len(), summary.total().new), (2, 12));
        assert!(summary.to_string().contains("kept but not shown") && summary.to_json()["refused"][0]["file"].is_string());
    });
}

#[test]
fn what_goes_in_comes_out() {
    on_every_database(|system| {
        let records = records();
        import(system, &records);
        for who in ["Patient/p", "7"] {
            let mut out = Vec::new();
            let count = wait(export_patient(system, None, who, &mut out)).expect("an export");
            let exported: Value = serde_json::from_slice(&out).expect("a bundle");
            let mut found: Vec<String> =
                exported["entry"].as_array().expect("entries").iter().map(|entry| entry["resource"].to_string()).collect();
            let mut wanted: Vec<String> = records.iter().map(Value::to_string).collect();
            found.sort();
            wanted.sort();
            assert_eq!((count, found), (12, wanted));
        }
        assert!(wait(export_patient(system, None, "Patient/nobody", &mut Vec::new())).is_err());
    });
}

#[test]
fn every_kind_of_file_goes_in() {
    on_every_database(|system| {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("a file");
        let records = records();
        write("1.ndjson", records[..4].iter().map(|record| record.to_string() + "\n").collect());
        write("2.json", records[4].to_string());
        for (index, kind) in ["batch", "collection", "document", "searchset"].iter().enumerate() {
            let mut bundle = bundle(&records[5 + index * 2..(7 + index * 2).min(12)]);
            bundle["type"] = json!(kind);
            write(&format!("3-{kind}.json"), bundle.to_string());
        }
        write("keys.json", json!({"keys": []}).to_string());
        write("readme.txt", "no FHIR".into());
        let summary = wait(import_paths(system, &[folder.path().to_owned()], &ImportOptions::default())).expect("a summary");
        assert_eq!(summary.skipped.len(), 2);
        let all = shown(system);
        wait(clear(system));
        import(system, &records);
        assert_eq!(shown(system)["visits"], all["visits"]);
    });
}

/// Exports of other hospitals' systems, where they are at hand: each goes in whole, twice, and the second time changes nothing.
#[test]
fn records_of_other_systems_go_in_twice() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/fhir");
    if !folder.is_dir() {
        eprintln!("not here: {}", folder.display());
        return;
    }
    on_every_database(|system| {
        let options = ImportOptions::default();
        for name in [
            "synthea-2019-family",
            "synthea-2020-covid-children",
            "synthea-2021-covid",
            "inferno",
            "us-core-6.1.0-examples",
            "hl7-r4-examples",
        ] {
            let paths = [folder.join(name)];
            let first = wait(import_paths(system, &paths, &options)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(first.is_clean() && first.total().new > 0, "{name}");
            let second = wait(import_paths(system, &paths, &options)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((second.total().new, second.total().updated), (0, 0), "{name}");
        }
        let counts = wait(async {
            let db = system.db();
            (
                note::Entity::find().count(db).await.expect("notes"),
                visit::Entity::find().count(db).await.expect("visits"),
                clinician::Entity::find().count(db).await.expect("clinicians"),
                summary_item::Entity::find().count(db).await.expect("items"),
            )
        });
        assert!(counts.0 > 150 && counts.1 > 300 && counts.2 > 20 && counts.3 > 300, "{counts:?}");
        let items = wait(summary_item::Entity::find().all(system.db())).expect("items");
        for section in [Section::Diagnosis, Section::Vital, Section::MedicineStart, Section::Test] {
            assert!(items.iter().any(|item| item.section == section), "{section:?}");
        }
    });
}

pub async fn clear(system: &System) {
    macro_rules! delete_all {
        ($($entity:ident),+) => { $($entity::Entity::delete_many().exec(system.db()).await.expect("cleared");)+ };
    }
    delete_all![
        health_item,
        measurement,
        measurement_before,
        test_result,
        summary_item,
        note,
        visit_clinician,
        visit,
        patient,
        patient_record,
        clinician,
        fhir_pending,
        fhir_alias,
        fhir_version,
        fhir_resource
    ];
}
