//! The health summary and the results: what is a fact and what is not, who reads it, and that nothing of a chart is lost.

use std::{collections::HashSet, path::Path};

use app::{
    access::as_system,
    desk::{
        billing::entity::{benefit, bill, claim_sent, coverage},
        questionnaires::entity::questionnaire_response,
    },
    people::{patient, related_person},
    record::{
        item::{
            entity::health_item,
            model::{Fact, Kind, State, What},
        },
        note::{entity::note, model::Disclosure},
        prescription::entity::dispense,
        resource::{
            entity::{fhir_alias, fhir_resource},
            reference,
        },
        result::entity::{measurement, measurement_before, test_result},
        summary::entity::summary_item,
        visit::entity::visit,
    },
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::{ImportOptions, import_paths};
use uuid::Uuid;

use crate::{
    import::import,
    world::{World, on_every_database, on_every_engine, wait},
};

fn person() -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"given": ["Ana"], "family": "Roe"}], "birthDate": "1980-02-29"})
}

fn sodium(id: &str, status: &str, value: f64) -> Value {
    json!({"resourceType": "Observation", "id": id, "status": status, "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": "laboratory"}]}], "code": {"text": "Sodium", "coding": [{"system": "http://loinc.org", "code": "2951-2"}]},
        "effectiveDateTime": "2026-03-01T10:00:00Z", "valueQuantity": {"value": value, "unit": "mmol/L"},
        "referenceRange": [{"low": {"value": 135}, "high": {"value": 145}}]})
}

fn panel(status: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"reference": format!("Observation/{id}")})).collect();
    json!({"resourceType": "DiagnosticReport", "id": "r", "status": status, "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": "LAB"}]}], "code": {"text": "Basic panel"}, "effectiveDateTime": "2026-03-01T10:00:00Z", "result": members})
}

#[test]
fn a_panel_holds_its_values_whichever_came_first() {
    on_every_database(|system| {
        let db = system.db();
        let check = |order: &str| {
            let results = wait(test_result::Entity::find().all(db)).expect("results");
            assert_eq!(results.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["Basic panel"], "{order}");
            let values = wait(measurement::Entity::find().all(db)).expect("values");
            assert_eq!(values.len(), 2, "{order}");
            assert!(values.iter().all(|value| value.result_id == Some(results[0].id)), "{order}");
        };
        import(system, &[person(), panel("final", &["a", "b"]), sodium("a", "final", 140.0), sodium("b", "final", 141.0)]);
        check("together");
        wait(crate::import::clear(system));
        import(system, &[person(), sodium("a", "final", 140.0), sodium("b", "final", 141.0)]);
        assert_eq!(wait(test_result::Entity::find().all(db)).expect("results").len(), 2, "without a report each stands alone");
        import(system, &[panel("final", &["a", "b"])]);
        check("values first");
        wait(crate::import::clear(system));
        import(system, &[person(), panel("final", &["a", "b"])]);
        import(system, &[sodium("a", "final", 140.0)]);
        import(system, &[sodium("b", "final", 141.0)]);
        check("report first");
        import(system, &[sodium("b", "final", 142.0)]);
        check("a value came again");
        import(system, &[panel("entered-in-error", &["a", "b"])]);
        let results = wait(test_result::Entity::find().all(db)).expect("results");
        assert_eq!(
            results.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(),
            ["Sodium"; 2],
            "final values outlive a report in error"
        );
        let values = wait(measurement::Entity::find().all(db)).expect("values");
        assert!(values.iter().all(|value| value.result_id == Some(value.resource_id)), "each stands alone");
    });
}

#[test]
fn an_amended_value_is_shown_with_what_it_said_before_and_a_withdrawn_one_is_not_shown() {
    on_every_database(|system| {
        let db = system.db();
        import(system, &[person(), sodium("a", "preliminary", 130.0)]);
        assert_eq!(wait(measurement::Entity::find().all(db)).expect("values").len(), 0, "preliminary values are nobody's");
        import(system, &[sodium("a", "final", 132.0)]);
        assert_eq!(wait(measurement_before::Entity::find().all(db)).expect("earlier values").len(), 0, "preliminary is no earlier value");
        import(system, &[sodium("a", "corrected", 141.0)]);
        let shown = wait(measurement::Entity::find().all(db)).expect("values");
        assert_eq!(shown.iter().map(|value| value.shown.as_str()).collect::<Vec<_>>(), ["141.0"], "with the digits as they were sent");
        let before = |note: &str| {
            let rows = wait(measurement_before::Entity::find().all(db)).expect("earlier values");
            assert_eq!(rows.iter().map(|row| row.shown.as_str()).collect::<Vec<_>>(), ["132.0 mmol/L"], "{note}");
        };
        before("the final value");
        // Mapped again, because its report came.
        import(system, &[panel("amended", &["a"])]);
        before("still the final value");
        import(system, &[sodium("a", "entered-in-error", 141.0)]);
        assert_eq!(wait(measurement::Entity::find().all(db)).expect("values").len(), 0);
    });
}

#[test]
fn a_visit_that_turns_sensitive_takes_what_stands_on_it_along() {
    on_every_database(|system| {
        let visit = |labels: Value| {
            json!({"resourceType": "Encounter", "id": "e", "meta": {"security": labels}, "status": "finished", "class": {"code": "AMB"},
                "subject": {"reference": "Patient/p"}, "period": {"start": "2026-03-01T09:00:00Z"}})
        };
        let on_visit = |mut resource: Value| {
            resource["encounter"] = json!({"reference": "Encounter/e"});
            resource
        };
        let procedure = json!({"resourceType": "Procedure", "id": "x", "status": "completed", "code": {"text": "Talk"}, "subject": {"reference": "Patient/p"}});
        import(system, &[person(), visit(json!([])), on_visit(procedure), on_visit(sodium("a", "final", 140.0))]);
        let sensitive = || {
            let items = wait(health_item::Entity::find().all(system.db())).expect("items").into_iter().map(|row| row.sensitive);
            let values = wait(measurement::Entity::find().all(system.db())).expect("values").into_iter().map(|row| row.sensitive);
            let results = wait(test_result::Entity::find().all(system.db())).expect("results").into_iter().map(|row| row.sensitive);
            items.chain(values).chain(results).collect::<Vec<bool>>()
        };
        assert_eq!(sensitive(), [false; 3]);
        import(system, &[visit(json!([{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]))]);
        assert_eq!(sensitive(), [true; 3]);
    });
}

#[test]
fn every_resource_of_a_chart_has_a_place() {
    on_every_engine(|world| {
        let charts = everything_has_a_place(&world.state.connection, "the household");
        assert!(charts > 400, "the household is there");
    });
}

/// Exports of other hospitals' systems, where they are at hand.
#[test]
fn every_resource_of_other_systems_has_a_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/fhir");
    if !folder.is_dir() {
        eprintln!("not here: {}", folder.display());
        return;
    }
    on_every_database(|system| {
        for name in [
            "synthea-2019-family",
            "synthea-2020-covid-children",
            "synthea-2021-covid",
            "inferno",
            "us-core-6.1.0-examples",
            "hl7-r4-examples",
        ] {
            // Examples of one server, in files of which only some say so.
            let source = name.contains("examples").then(|| name.to_owned());
            let options = ImportOptions { source, ..ImportOptions::default() };
            let summary = wait(import_paths(system, &[folder.join(name)], &options)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let charts = everything_has_a_place(system.db(), name);
            assert!(charts > 0, "{name}");
            // What is superseded is not counted as shown.
            let documents = summary.types.get("DocumentReference").map_or(0, |counts| counts.not_shown);
            match name {
                "synthea-2021-covid" => assert_eq!(documents, 147),
                "inferno" => assert_eq!(documents, 20),
                _ => {}
            }
        }
    });
}

/// Imported is shown, or listed with the other records, or kept for a reason that the resource itself gives. Returns how many
/// are shown or listed.
fn everything_has_a_place(db: &impl ConnectionTrait, name: &str) -> usize {
    let all = wait(fhir_resource::Entity::find().all(db)).expect("resources");
    let (placed, people) = (placed(db), people(db));
    let (mut lost, mut told, mut kept) = (Vec::new(), Vec::new(), 0);
    for row in &all {
        let value: Value = serde_json::from_str(&row.body).expect("JSON");
        match (placed.contains(&row.id), reason_to_keep(&value, &people)) {
            (true, None | Some("not final yet" | "withheld")) => {}
            (true, Some(reason)) => told.push(format!("{} is {reason}", row.reference)),
            (false, None) => lost.push(row.reference.as_str()),
            (false, Some(_)) => kept += 1,
        }
    }
    assert_eq!((lost, told), (Vec::new(), Vec::new()), "{name}");
    let shown = all.iter().filter(|row| placed.contains(&row.id)).count();
    assert_eq!(all.len(), shown + kept, "{name}");
    shown
}

/// The resources of which a page of a chart shows or lists something.
fn placed(db: &impl ConnectionTrait) -> HashSet<Uuid> {
    let mut placed: HashSet<Uuid> = HashSet::new();
    macro_rules! add {
        ($entity:ident, $row:ident => $ids:expr) => {
            placed.extend(wait($entity::Entity::find().all(db)).expect("rows").into_iter().flat_map(|$row| $ids));
        };
    }
    add!(health_item, row => [row.id]);
    add!(test_result, row => [row.id]);
    add!(measurement, row => [row.resource_id]);
    add!(summary_item, row => [row.resource_id]);
    // On the page of the medicine.
    add!(dispense, row => [row.id]);
    add!(patient, row => [row.resource_id]);
    add!(related_person, row => [row.id]);
    add!(visit, row => [row.encounter_id, row.appointment_id].into_iter().flatten());
    // Of a note that is not shown the reader is told on the page of its visit.
    add!(note, row => {
        let is_told = row.disclosure == Disclosure::Shown || row.visit_id.is_some() && row.disclosure != Disclosure::Hidden;
        is_told.then_some(row.resource_id)
    });
    // The bills of a chart, their lines, and what was sent to the insurer for them; what a plan says, with a bill or without one.
    let bills = wait(bill::Entity::find().all(db)).expect("bills");
    let claims = wait(claim_sent::Entity::find().all(db)).expect("claims").into_iter();
    placed.extend(
        claims
            .filter(|claim| {
                let mut theirs = bills.iter().filter(|bill| bill.patient_id == claim.patient_id);
                theirs
                    .any(|bill| claim.visit_id.is_some() && bill.visit_id == claim.visit_id || claim.number.as_ref() == Some(&bill.number))
            })
            .map(|claim| claim.id),
    );
    placed.extend(bills.iter().map(|bill| bill.id));
    placed.extend(lines_of_bills(db, &bills));
    add!(benefit, row => [row.id]);
    add!(coverage, row => [row.id]);
    add!(questionnaire_response, row => row.resource_id);
    placed
}

/// The ChargeItems that bills list.
fn lines_of_bills(db: &impl ConnectionTrait, bills: &[bill::Model]) -> Vec<Uuid> {
    let names = wait(fhir_alias::Entity::find().all(db)).expect("names");
    let bodies = wait(fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(bills.iter().map(|bill| bill.id))).all(db));
    let mut found = Vec::new();
    for row in bodies.expect("bills") {
        let value: Value = serde_json::from_str(&row.body).expect("JSON");
        for item in value["lineItem"].as_array().into_iter().flatten() {
            let Some(reference) = item["chargeItemReference"]["reference"].as_str() else { continue };
            found.extend(names.iter().filter(|name| name.alias.ends_with(reference)).map(|name| name.resource_id));
        }
    }
    found
}

/// Every name of somebody who has a chart.
fn people(db: &impl ConnectionTrait) -> HashSet<String> {
    let charts: HashSet<Uuid> = wait(patient::Entity::find().all(db)).expect("patients").into_iter().map(|row| row.resource_id).collect();
    let names = wait(fhir_alias::Entity::find().all(db)).expect("names").into_iter();
    names.filter(|row| charts.contains(&row.resource_id)).map(|row| reference::without_source(&row.alias).into_owned()).collect()
}

/// Why nobody needs to be told of a resource, by what it says itself.
fn reason_to_keep(value: &Value, people: &HashSet<String>) -> Option<&'static str> {
    let says = |member: &str, word: &str| value[member] == word;
    let listed = |list: &Value, code: &str| list.as_array().is_some_and(|list| list.iter().any(|coding| coding["code"] == code));
    let labels = |code: &str| {
        let mut concepts = value["securityLabel"].as_array().into_iter().flatten();
        listed(&value["meta"]["security"], code) || concepts.any(|concept| listed(&concept["coding"], code))
    };
    let error = "entered-in-error";
    let is_error = ["status", "lifecycleStatus", "docStatus"].iter().any(|member| says(member, error));
    if is_error || listed(&value["verificationStatus"]["coding"], error) {
        return Some("an error");
    }
    let is_chart = value["resourceType"] == "Patient" && value["name"].is_array() && value["birthDate"].is_string();
    if !is_chart && !is_about_somebody(value, people) {
        return Some("of nobody in particular");
    }
    let not_final = match value["resourceType"].as_str() {
        Some("Observation" | "DiagnosticReport") => ["registered", "partial", "preliminary"].iter().any(|word| says("status", word)),
        Some("DocumentReference") => says("docStatus", "preliminary"),
        _ => false,
    };
    match (says("status", "superseded"), not_final, labels("NOPAT") || labels("V")) {
        (true, _, _) => Some("superseded"),
        (_, true, _) => Some("not final yet"),
        (_, _, true) => Some("withheld"),
        _ => None,
    }
}

fn is_about_somebody(value: &Value, people: &HashSet<String>) -> bool {
    let members = ["patient", "subject", "beneficiary", "individual", "for", "recipient"].into_iter().map(|name| &value[name]);
    let actors = value["participant"].as_array().into_iter().flatten().map(|participant| &participant["actor"]);
    members.chain(actors).any(|reference| {
        let Some(text) = reference["reference"].as_str() else {
            let (system, number) = (&reference["identifier"]["system"], &reference["identifier"]["value"]);
            let name = format!("Patient?identifier={}|{}", system.as_str().unwrap_or_default(), number.as_str().unwrap_or_default());
            return people.contains(&name);
        };
        let text = text.split("/_history/").next().unwrap_or(text);
        let relative: Vec<&str> = text.rsplitn(3, '/').take(2).collect();
        people.contains(text) || people.contains(&relative.into_iter().rev().collect::<Vec<_>>().join("/"))
    })
}

#[test]
fn what_no_other_page_shows_is_listed_and_what_is_superseded_is_kept() {
    on_every_database(|system| {
        let about = |mut resource: Value| {
            let members = resource.as_object_mut().expect("an object");
            members.insert("subject".into(), json!({"reference": "Patient/p"}));
            members.insert("patient".into(), json!({"reference": "Patient/p"}));
            resource
        };
        let text = |id: &str, status: &str| {
            about(json!({"resourceType": "DocumentReference", "id": id, "status": status, "type": {"text": "Letter"},
                "content": [{"attachment": {"contentType": "text/plain", "data": "QQ=="}}]}))
        };
        let vaccines = |names: &[&str]| {
            let list: Vec<Value> = names.iter().map(|name| json!({"vaccineCode": [{"text": name}]})).collect();
            about(json!({"resourceType": "ImmunizationRecommendation", "id": "v", "date": "2026-01-02", "recommendation": list}))
        };
        let summary = import(
            system,
            &[
                person(),
                about(json!({"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "PHQ-9"},
                    "category": [{"coding": [{"code": "survey"}]}], "hasMember": [{"reference": "Observation/x"}]})),
                about(json!({"resourceType": "Observation", "id": "o2", "status": "cancelled", "code": {"text": "Sodium"}})),
                about(
                    json!({"resourceType": "Observation", "id": "o3", "status": "final", "code": {"text": "Iron"}, "valueString": "low"}),
                ),
                about(
                    json!({"resourceType": "Observation", "id": "o4", "status": "preliminary", "code": {"text": "Zinc"}, "valueString": "low"}),
                ),
                about(
                    json!({"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}, "type": [{"text": "Check-up"}]}),
                ),
                about(json!({"resourceType": "MedicationRequest", "id": "m", "status": "draft", "intent": "order",
                    "medicationCodeableConcept": {"text": "Aspirin"}})),
                about(json!({"resourceType": "AllergyIntolerance", "id": "a", "code": {"coding": [{"code": "91936005"}]}})),
                text("d1", "current"),
                text("d2", "superseded"),
                vaccines(&["Influenza", "MMR"]),
            ],
        );
        let listed = || {
            let items = wait(health_item::Entity::find().all(system.db())).expect("items");
            let mut found: Vec<(Kind, String)> = items.into_iter().map(|item| (item.kind, item.title)).collect();
            found.sort_by_key(|(kind, title)| (kind.as_str(), title.clone()));
            found
        };
        let of = |kind: Kind, title: &str| (kind, title.to_owned());
        let wanted = [
            of(Kind::Allergy, "91936005"),
            of(Kind::Other, "Aspirin"),
            of(Kind::Other, "Check-up"),
            of(Kind::Other, "PHQ-9"),
            of(Kind::Other, "Sodium"),
            of(Kind::Preventive, "Influenza"),
            of(Kind::Preventive, "MMR"),
        ];
        assert_eq!(listed(), wanted);
        let undated = wait(test_result::Entity::find().all(system.db())).expect("results");
        assert_eq!(undated.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["Iron"], "a value without a date is a result");
        assert_eq!((summary.types["DocumentReference"].new, summary.types["DocumentReference"].not_shown), (2, 1));
        assert_eq!((summary.types["Observation"].new, summary.types["Observation"].not_shown), (4, 1));
        import(system, &[vaccines(&["Influenza"])]);
        assert_eq!(listed().iter().filter(|(kind, _)| *kind == Kind::Preventive).count(), 1, "nothing of the earlier version stays");
    });
}

#[test]
fn a_replaced_document_is_no_longer_listed_whichever_came_first() {
    on_every_database(|system| {
        let letter = |id: &str, replaces: Value| {
            json!({"resourceType": "DocumentReference", "id": id, "status": "current", "subject": {"reference": "Patient/p"}, "type": {"text": id},
                "relatesTo": replaces, "content": [{"attachment": {"contentType": "application/pdf", "data": "QQ=="}}]})
        };
        let old = letter("old", json!([]));
        let new = letter("new", json!([{"code": "replaces", "target": {"reference": "DocumentReference/old"}}]));
        for order in [[&old, &new], [&new, &old]] {
            wait(crate::import::clear(system));
            import(system, &[person()]);
            for document in order {
                import(system, std::slice::from_ref(document));
            }
            let items = wait(health_item::Entity::find().all(system.db())).expect("items");
            assert_eq!(items.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["new"]);
        }
    });
}

#[test]
fn a_reference_without_a_name_is_named_by_what_it_means() {
    on_every_database(|system| {
        let order = json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": {"reference": "Patient/p"},
            "medicationCodeableConcept": {"text": "Aspirin"}, "requester": {"reference": "Practitioner/d"}, "reasonReference": [{"reference": "Condition/c"}]});
        let doctor = json!({"resourceType": "Practitioner", "id": "d", "name": [{"given": ["Willena258"], "family": "Oberbrunner298", "prefix": ["Dr."]}]});
        let reason = |labels: Value| json!({"resourceType": "Condition", "id": "c", "meta": {"security": labels}, "subject": {"reference": "Patient/p"}, "code": {"text": "Pain"}});
        let facts = || {
            let items =
                wait(health_item::Entity::find().filter(health_item::Column::Kind.eq(Kind::Medication)).all(system.db())).expect("items");
            serde_json::from_str::<Vec<Fact>>(&items[0].facts).expect("facts")
        };
        let (prescriber, pain) = (Fact::new(What::Prescriber, "Dr. Willena Oberbrunner"), Fact::new(What::Reason, "Pain"));
        import(system, &[person(), order.clone(), doctor.clone(), reason(json!([]))]);
        assert_eq!(facts(), [pain.clone(), prescriber.clone()]);
        wait(crate::import::clear(system));
        for resource in [order, reason(json!([])), person(), doctor] {
            import(system, &[resource]);
        }
        assert_eq!(facts(), [pain, prescriber.clone()], "one by one");
        import(system, &[reason(json!([{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]))]);
        assert_eq!(facts(), [prescriber], "what is sensitive is not named elsewhere");
    });
}

#[test]
fn a_condition_carries_its_label_into_the_summary_of_an_ordinary_visit() {
    on_every_database(|system| {
        let condition = |id: &str, system: &str, code: &str| {
            let labels = json!([{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]);
            json!({"resourceType": "Condition", "id": id, "meta": {"security": labels}, "subject": {"reference": "Patient/p"}, "code": {"text": id}})
        };
        let conditions = [
            condition("asthma", "v3-Confidentiality", "N"),
            condition("anxiety", "v3-ActCode", "PSY"),
            condition("secret", "v3-Confidentiality", "V"),
        ];
        let diagnoses: Vec<Value> =
            ["asthma", "anxiety", "secret"].iter().map(|id| json!({"condition": {"reference": format!("Condition/{id}")}})).collect();
        let visit = json!({"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
            "period": {"start": "2026-03-01T09:00:00Z"}, "diagnosis": diagnoses});
        let check = |order: &str| {
            let mut lines: Vec<(String, bool)> = wait(summary_item::Entity::find().all(system.db()))
                .expect("lines")
                .into_iter()
                .map(|line| (line.text, line.sensitive))
                .collect();
            lines.sort();
            assert_eq!(lines, [("anxiety".to_owned(), true), ("asthma".to_owned(), false)], "{order}");
        };
        import(system, &[&[person(), visit.clone()][..], &conditions[..]].concat());
        check("together");
        wait(crate::import::clear(system));
        import(system, &[person()]);
        import(system, &conditions);
        import(system, &[visit]);
        check("conditions first");
    });
}

#[test]
fn the_files_of_a_report_are_opened() {
    on_every_engine(|world| {
        let report = json!({"resourceType": "DiagnosticReport", "id": "scan", "status": "final", "code": {"text": "Bone density"},
            "subject": {"reference": format!("Patient/{}", world.reference("Maria"))}, "effectiveDateTime": "2026-03-01T10:00:00Z",
            "presentedForm": [{"contentType": "application/pdf", "data": "QQ=="}, {"contentType": "image/png", "data": "Qg=="}]});
        import(&as_system(&world.state.db, "test"), &[report]);
        let find = fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq("DiagnosticReport/scan"));
        let id = world.wait(find.one(&world.state.connection)).expect("a query").expect("a report").id;
        let file = format!("/files/record/{}/{id}", world.patient("Maria"));
        let maria = world.sign_in("maria");
        assert_eq!(maria.get_bytes(&file), (200, b"A".to_vec()));
        assert_eq!(maria.get_bytes(&format!("{file}?file=1")), (200, b"B".to_vec()));
        assert_eq!(maria.get(&file).header("content-type"), "application/pdf");
        assert_eq!(world.nobody().get_bytes(&file).0, 303, "sign in first");
        assert!(maria.get(&format!("/p/{}/health/documents", world.patient("Maria"))).body.contains("Bone density"));
    });
}

#[test]
fn a_patient_reads_the_whole_summary() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let health = |page: &str| {
            let answer = maria.get(&format!("/p/{}/health{page}", world.patient("Maria")));
            assert_eq!(answer.status, 200, "{page}");
            answer.body
        };
        assert!(health("").contains("Essential hypertension") && health("").contains("Penicillin"));
        let conditions = health("/conditions");
        let place = |words: &str| conditions.find(words).unwrap_or_else(|| panic!("{words} is there"));
        assert!(place("Essential hypertension") < place("Iron deficiency anemia"), "what holds today comes first");
        assert!(place("Iron deficiency anemia") < place("Check-ups and screenings"), "a check-up is no condition");
        let vaccines = health("/immunizations");
        assert!(vaccines.find("COVID-19, mRNA") < vaccines.find("Influenza"), "COVID-19 stands first");
        assert!(health("/emergency").contains("David Rivera") && health("/emergency").contains("Latex"));
        assert!(health("/print").contains("Atrial fibrillation") && health("/history").contains("Atrial fibrillation"));
        assert_eq!(maria.get(&format!("/p/{}/health/unknown", world.patient("Maria"))).status, 404);
    });
}

#[test]
fn results_are_searched_opened_and_followed_over_the_years() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let base = format!("/p/{}/results", world.patient("Maria"));
        let list = maria.get(&base).body;
        assert!(list.contains("Lipid panel") && list.contains("slightly above the usual range"));
        let found = maria.get(&format!("{base}?words=LIPID&kind=laboratory")).body;
        assert!(found.contains("Lipid panel") && !found.contains("Complete blood count"));
        for nothing in ["?words=100%25", "?words=_", "?kind=pathology", "?page=99"] {
            assert!(maria.get(&format!("{base}{nothing}")).body.contains("No results match your search"), "{nothing}");
        }
        let id = result_of(world, "Lipid panel");
        let one = maria.get(&format!("{base}/{id}")).body;
        assert!(one.contains("LDL cholesterol") && one.contains("130 mg/dL or less") && one.contains("the usual range"));
        let arguments = [("path", format!("{base}/trend")), ("query", "?code=http%3A%2F%2Floinc.org%7C4548-4".to_owned())];
        let trend = maria.call("pages/read", &arguments.each_ref().map(|(name, value)| (*name, value.as_str()))).body;
        assert!(
            trend.contains("chart__band") && trend.matches("chart__point--0").count() == 4 && trend.contains("Your own 3 earlier values")
        );
        let pressure = maria.get(&format!("{base}/trend?code=http%3A%2F%2Floinc.org%7C8480-6&with=http%3A%2F%2Floinc.org%7C8462-4")).body;
        assert!(pressure.contains("chart__point--1"), "two lines of one unit in one chart");
        let (status, csv) = maria.get_bytes(&format!("/files/trend/{}?code=http%3A%2F%2Floinc.org%7C4548-4", world.patient("Maria")));
        assert_eq!((status, String::from_utf8_lossy(&csv).lines().count()), (200, 5));
        assert_eq!(maria.get(&format!("{base}/trend?code=x")).status, 404);
        // Somebody else's result under one's own chart.
        let ernesto = format!("/p/{}/results/{id}", world.patient("Ernesto"));
        assert_eq!(maria.get(&ernesto).status, 404);
    });
}

#[test]
fn a_proxy_reads_what_the_level_opens() {
    on_every_engine(|world| {
        let ernesto = world.patient("Ernesto");
        let sensitive = world
            .wait(
                health_item::Entity::find()
                    .filter(health_item::Column::PatientId.eq(ernesto))
                    .filter(health_item::Column::Sensitive.eq(true))
                    .all(&world.state.connection),
            )
            .expect("items");
        assert!(!sensitive.is_empty(), "there is something to leave out");
        let pages = |who: &str| -> String {
            let somebody = world.sign_in(who);
            ["", "/conditions", "/medications", "/other", "/preventive-care", "/print", "/emergency?sensitive=shown"]
                .iter()
                .map(|page| {
                    let answer = somebody.get(&format!("/p/{ernesto}/health{page}"));
                    assert_eq!(answer.status, 200);
                    answer.body
                })
                .collect()
        };
        let (own, daughter) = (pages("ernesto"), pages("maria"));
        // A card that others may find has what is sensitive when its owner wants that, and says what it leaves out.
        let card = |who: &str, query: &str| world.sign_in(who).get(&format!("/p/{ernesto}/health/emergency{query}")).body;
        let on_card = sensitive.iter().filter(|item| matches!(item.kind, Kind::Allergy | Kind::Condition | Kind::Medication));
        let on_card: Vec<&str> = on_card.map(|item| item.title.as_str()).collect();
        assert!(!on_card.is_empty());
        for title in on_card {
            assert!(!card("ernesto", "").contains(title) && card("ernesto", "?sensitive=shown").contains(title), "{title}");
        }
        assert!(card("ernesto", "").contains("Esta tarjeta no está completa") && card("ernesto", "").contains("Mostrarlas en la tarjeta"));
        assert!(!card("ernesto", "?sensitive=shown").contains("Esta tarjeta no está completa"));
        assert!(!card("maria", "").contains("sensitive=shown"), "nobody else is told that there is something");
        for item in sensitive {
            assert!(own.contains(&item.title) && !daughter.contains(&item.title), "{:?}", item.kind);
            let file = format!("/files/record/{ernesto}/{}", item.id);
            assert_eq!((world.sign_in("ernesto").get(&file).status, world.sign_in("maria").get(&file).status), (200, 404));
        }
        // Who sees the schedule sees nothing of this.
        let carlos = world.sign_in("carlos");
        let sofia = world.patient("Sofia");
        for page in ["health", "health/medications", "results", "results/trend?code=x"] {
            assert_eq!(carlos.get(&format!("/p/{sofia}/{page}")).status, 404, "{page}");
        }
        assert!(!carlos.get(&format!("/p/{sofia}/visits")).body.contains("Health summary"), "no tab leads there");
        assert_eq!(carlos.get_bytes(&format!("/files/trend/{sofia}?code=http%3A%2F%2Floinc.org%7C4548-4")).0, 404);
        assert_eq!(world.nobody().get_bytes(&format!("/files/trend/{sofia}?code=x")).0, 303, "sign in first");
    });
}

#[test]
fn what_was_not_done_and_what_is_not_sure_says_so() {
    on_every_database(|system| {
        let about = |extra: Value| {
            let mut resource = json!({"subject": {"reference": "Patient/p"}, "patient": {"reference": "Patient/p"}});
            resource.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            resource
        };
        import(
            system,
            &[
                person(),
                about(
                    json!({"resourceType": "Immunization", "id": "i", "status": "not-done", "vaccineCode": {"text": "MMR"}, "occurrenceDateTime": "2020"}),
                ),
                about(
                    json!({"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}, "verificationStatus": {"coding": [{"code": "provisional"}]}}),
                ),
                about(
                    json!({"resourceType": "Condition", "id": "d", "code": {"text": "Flu"}, "verificationStatus": {"coding": [{"code": "refuted"}]}}),
                ),
                about(json!({"resourceType": "Procedure", "id": "e", "status": "entered-in-error", "code": {"text": "X"}})),
            ],
        );
        let mut items = wait(health_item::Entity::find().all(system.db())).expect("items");
        items.sort_by_key(|item| item.kind.as_str());
        let found: Vec<_> = items.iter().map(|item| (item.kind, item.state, item.tentative)).collect();
        let wanted = [
            (Kind::Condition, State::Unstated, true),
            (Kind::Immunization, State::NotDone, false),
            // What was refuted is listed, and not named.
            (Kind::Other, State::Unstated, false),
        ];
        assert_eq!(found, wanted);
        assert_eq!(items[2].title, "");
    });
}

fn result_of(world: &World, title: &str) -> Uuid {
    let find = test_result::Entity::find()
        .filter(test_result::Column::Title.eq(title))
        .filter(test_result::Column::PatientId.eq(world.patient("Maria")));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("a result").id
}
