//! The health summary and the results: what is a fact and what is not, who reads it, and that nothing of a chart is lost.

use app::{
    health::{
        entity::health_item,
        model::{Kind, State},
    },
    notes::entity::note,
    personal_information::entity::{patient, related_person},
    records::entity::fhir_resource,
    results::entity::{measurement, measurement_before, test_result},
    summaries::entity::summary_item,
    visits::entity::visit,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
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
        assert_eq!(shown.iter().map(|value| value.shown.as_str()).collect::<Vec<_>>(), ["141"]);
        let before = |note: &str| {
            let rows = wait(measurement_before::Entity::find().all(db)).expect("earlier values");
            assert_eq!(rows.iter().map(|row| row.shown.as_str()).collect::<Vec<_>>(), ["132 mmol/L"], "{note}");
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
        let db = &world.state.connection;
        let all =
            world.wait(fhir_resource::Entity::find().filter(fhir_resource::Column::PatientId.is_not_null()).all(db)).expect("resources");
        assert!(all.len() > 400, "the household is there");
        let mut shown: Vec<Uuid> = Vec::new();
        macro_rules! shown {
            ($entity:ident, $row:ident => $id:expr) => {
                shown.extend(world.wait($entity::Entity::find().all(db)).expect("rows").into_iter().flat_map(|$row| $id));
            };
        }
        shown!(health_item, row => [row.id]);
        shown!(test_result, row => [row.id]);
        shown!(measurement, row => [row.resource_id]);
        shown!(note, row => [row.resource_id]);
        shown!(summary_item, row => [row.resource_id]);
        shown!(patient, row => [row.resource_id]);
        shown!(related_person, row => [row.id]);
        shown!(visit, row => [row.encounter_id, row.appointment_id].into_iter().flatten());
        let lost: Vec<&str> = all.iter().filter(|row| !shown.contains(&row.id)).map(|row| row.reference.as_str()).collect();
        assert_eq!(lost, Vec::<&str>::new());
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
        let trend = maria.call("screens/read", &arguments.each_ref().map(|(name, value)| (*name, value.as_str()))).body;
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
            ["", "/conditions", "/medications", "/other", "/preventive-care", "/print", "/emergency"]
                .iter()
                .map(|page| {
                    let answer = somebody.get(&format!("/p/{ernesto}/health{page}"));
                    assert_eq!(answer.status, 200);
                    answer.body
                })
                .collect()
        };
        let (own, daughter) = (pages("ernesto"), pages("maria"));
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
        assert_eq!(found, [(Kind::Condition, State::Unstated, true), (Kind::Immunization, State::NotDone, false)]);
    });
}

fn result_of(world: &World, title: &str) -> Uuid {
    let find = test_result::Entity::find()
        .filter(test_result::Column::Title.eq(title))
        .filter(test_result::Column::PatientId.eq(world.patient("Maria")));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("a result").id
}
