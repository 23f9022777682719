//! Large files: in steps, and all the same as a whole or not at all.

use app::{
    access::System,
    people::patient,
    record::resource::entity::{fhir_resource, import_file, import_step},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::import_bundle;

use crate::{
    import::import,
    world::{on_every_database, wait},
};

const PEOPLE: usize = 4;
const EACH: usize = 300;

/// Several charts, and a few hundred departments that are nobody's.
fn file() -> Vec<Value> {
    let mut resources: Vec<Value> =
        (0..600).map(|number| json!({"resourceType": "Location", "id": format!("l{number}"), "name": format!("Room {number}")})).collect();
    for number in 0..PEOPLE * EACH {
        let person = number % PEOPLE;
        // By one name of the person, and by another.
        let subject = if number % 2 == 0 { format!("Patient/p{person}") } else { format!("urn:uuid:p{person}") };
        resources.push(json!({"resourceType": "Observation", "id": format!("o{number}"), "status": "final", "code": {"text": "Pulse"},
            "subject": {"reference": subject}, "effectiveDateTime": "2026-05-01T10:05:00Z", "valueInteger": number}));
    }
    for person in 0..PEOPLE {
        resources.push(json!({"resourceType": "Patient", "id": format!("p{person}"), "birthDate": "1980-02-29",
            "name": [{"given": ["Ana"], "family": format!("Roe {person}")}]}));
    }
    resources
}

fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

fn counts(system: &System) -> (u64, u64, u64, u64) {
    wait(async {
        let db = system.db();
        (
            fhir_resource::Entity::find().count(db).await.expect("resources"),
            patient::Entity::find().count(db).await.expect("patients"),
            import_file::Entity::find().count(db).await.expect("files"),
            import_step::Entity::find().count(db).await.expect("steps"),
        )
    })
}

fn run(system: &System, sql: &str) {
    wait(system.db().execute_unprepared(sql)).expect(sql);
}

#[test]
fn a_large_file_comes_in_as_a_whole() {
    on_every_database(|system| {
        let file = file();
        let summary = import(system, &file);
        assert_eq!(summary.total().new, file.len() as u64);
        assert_eq!(counts(system), (file.len() as u64, PEOPLE as u64, 0, 0));
        assert_eq!(import(system, &file).total().unchanged, file.len() as u64, "again");
        let strays = fhir_resource::Entity::find()
            .filter(fhir_resource::Column::ResourceType.ne("Location"))
            .filter(fhir_resource::Column::PatientId.is_null());
        assert_eq!(wait(strays.count(system.db())).expect("a number"), 0);
    });
}

#[test]
fn a_fault_at_its_end_refuses_all_of_a_large_file() {
    on_every_database(|system| {
        let mut file = file();
        file.push(json!({"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}, "period": {"start": "yesterday"}}));
        let refusal = wait(import_bundle(system, "test", bundle(&file))).err().expect("refused");
        assert!(!refusal.accepted, "{refusal}");
        assert_eq!(counts(system), (0, 0, 0, 0));
    });
}

#[test]
fn what_was_interrupted_is_finished_by_the_next_import() {
    on_every_database(|system| {
        let file = file();
        // Without this table nothing comes into a chart; what is nobody's does.
        run(system, "ALTER TABLE arrival RENAME TO away");
        let refusal = wait(import_bundle(system, "test", bundle(&file))).err().expect("interrupted");
        assert!(refusal.accepted && refusal.reason.contains("the database failed"), "{refusal}");
        let (resources, patients, files, steps) = counts(system);
        assert_eq!((resources, patients, files), (500, 0, 1), "whole steps only");
        assert!(steps > 1);
        // It fails again, and is still not lost; a small file comes in meanwhile.
        let small = json!({"resourceType": "Location", "id": "small", "name": "A room"});
        assert_eq!(import(system, std::slice::from_ref(&small)).total().new, 1);
        assert_eq!(counts(system).3, steps);
        run(system, "ALTER TABLE away RENAME TO arrival");
        import(system, &[small]);
        assert_eq!(counts(system), (file.len() as u64 + 1, PEOPLE as u64, 0, 0));
    });
}

#[test]
fn what_was_never_accepted_is_forgotten() {
    on_every_database(|system| {
        for (id, days) in [("01", 2), ("02", 0)] {
            let file = import_file::ActiveModel {
                id: sea_orm::ActiveValue::Set(format!("000000000000000000000000000000{id}").parse().expect("an id")),
                name: sea_orm::ActiveValue::Set("x".into()),
                accepted: sea_orm::ActiveValue::Set(false),
                begun_at: sea_orm::ActiveValue::Set(chrono::Utc::now() - chrono::TimeDelta::days(days)),
            };
            wait(import_file::Entity::insert(file).exec_without_returning(system.db())).expect("inserted");
        }
        import(system, &[json!({"resourceType": "Location", "id": "small", "name": "A room"})]);
        assert_eq!(counts(system), (1, 0, 1, 0), "one that another import writes down right now stays");
    });
}
