//! "There is something new": once, to whoever may read it, and of what is new only.

use app::{
    access::{System, as_system},
    record::resource::{
        entity::{arrival, fhir_resource},
        model::Reason,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    accounts::letters,
    world::{World, on_every_engine},
};

fn observation(world: &World, id: &str, given_name: &str, value: u32) -> Value {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "code": { "text": "Lead in blood" },
        "subject": { "reference": format!("Patient/{}", world.reference(given_name)) },
        "effectiveDateTime": "2026-11-01", "valueQuantity": { "value": value, "unit": "ug/dL" } })
}

fn import(world: &World, resources: &[Value]) {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    world.wait(server::fhir::import_bundle(&system(world), "test", bundle)).expect("imported");
}

fn system(world: &World) -> System {
    as_system(&world.state.db, "test")
}

fn tell(world: &World, until: DateTime<Utc>) -> usize {
    world.wait(server::jobs::news::once(&world.state, until)).expect("told")
}

#[test]
fn an_import_that_is_committed_after_its_moment_was_asked_for_is_told() {
    on_every_engine(|world| {
        tell(world, Utc::now());
        // PostgreSQL shows rows when their transaction is committed, which may be long after they were written.
        let later = Utc::now() + TimeDelta::hours(1);
        assert_eq!(tell(world, later), 0);
        import(world, &[observation(world, "late-1", "Emma", 2)]);
        assert_eq!(tell(world, later + TimeDelta::minutes(1)), 1, "Emma's mother");
        assert_eq!(tell(world, later + TimeDelta::minutes(2)), 0, "once");
    });
}

#[test]
fn what_is_mapped_again_is_no_news() {
    on_every_engine(|world| {
        import(world, &[observation(world, "known", "Emma", 2)]);
        tell(world, Utc::now());
        let before = stamp(world, "Observation/known");
        // Emma's Patient says something else, and everything in her chart is mapped again.
        let mut emma = body(world, &format!("Patient/{}", world.reference("Emma")));
        emma["maritalStatus"] = json!({ "text": "Never married" });
        import(world, &[emma]);
        assert_eq!(stamp(world, "Observation/known"), before, "it came in before");
        assert_eq!(tell(world, Utc::now()), 0, "who somebody is, is no news");
        import(world, &[observation(world, "known", "Emma", 3)]);
        assert!(stamp(world, "Observation/known") > before);
        assert_eq!(tell(world, Utc::now()), 1, "what it says has changed");
    });
}

#[test]
fn what_finds_its_chart_later_is_told_then() {
    on_every_engine(|world| {
        tell(world, Utc::now());
        let reference = world.reference("Emma");
        let mut stray = observation(world, "stray", "Emma", 2);
        stray["subject"] = json!({ "reference": "https://elsewhere.example/Patient/not-known-yet" });
        import(world, &[stray]);
        assert_eq!(tell(world, Utc::now()), 0, "nobody's");
        let mut emma = body(world, &format!("Patient/{reference}"));
        let mut identifiers = emma["identifier"].as_array().cloned().unwrap_or_default();
        identifiers.push(json!({ "value": "x" }));
        emma["identifier"] = json!(identifiers);
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
            { "fullUrl": "https://elsewhere.example/Patient/not-known-yet", "resource": emma }] });
        world.wait(server::fhir::import_bundle(&system(world), "test", bundle)).expect("imported");
        assert_eq!(tell(world, Utc::now()), 1);
    });
}

#[test]
fn tens_of_thousands_of_charts_are_told_in_steps() {
    on_every_engine(|world| {
        tell(world, Utc::now());
        import(world, &[observation(world, "among-many", "Emma", 2)]);
        // More charts than a statement of SQLite takes values.
        world.wait(async {
            let at = Utc::now();
            for number in 0..33 {
                let rows = (0..1000).map(|_| arrival::ActiveModel {
                    patient_id: Set(uuid::Uuid::now_v7()),
                    imported_at: Set(at + TimeDelta::microseconds(number)),
                    reason: Set(Reason::Import),
                    batch: Set(None),
                });
                arrival::Entity::insert_many(rows).exec_without_returning(&world.state.connection).await.expect("inserted");
            }
        });
        assert_eq!(tell(world, Utc::now() + TimeDelta::seconds(1)), 1);
        assert_eq!(world.wait(arrival::Entity::find().count(&world.state.connection)).expect("a number"), 0, "all are done with");
        assert_eq!(letters(world, "maria@example.org").iter().filter(|letter| letter.subject.contains("something new")).count(), 1);
    });
}

#[test]
fn two_servers_tell_once() {
    on_every_engine(|world| {
        tell(world, Utc::now());
        for number in 0..5 {
            import(world, &[observation(world, &format!("both-{number}"), "Emma", number)]);
            let until = Utc::now();
            let told = world.wait(async {
                let run = || {
                    let state = world.state.clone();
                    tokio::spawn(async move { server::jobs::news::once(&state, until).await.expect("told") })
                };
                let (one, other) = (run(), run());
                one.await.expect("no panic") + other.await.expect("no panic")
            });
            assert_eq!(told, 1);
        }
    });
}

#[test]
fn an_idle_round_writes_no_more_than_its_mark() {
    on_every_engine(|world| {
        tell(world, Utc::now());
        // The largest table is not asked: it could as well not be there.
        let rename = "ALTER TABLE fhir_resource RENAME TO away";
        world.wait(world.state.connection.execute_unprepared(rename)).expect("renamed");
        assert_eq!(tell(world, Utc::now()), 0);
    });
}

fn stored(world: &World, reference: &str) -> fhir_resource::Model {
    let find = fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq(reference));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("a resource")
}

fn stamp(world: &World, reference: &str) -> DateTime<Utc> {
    stored(world, reference).imported_at
}

fn body(world: &World, reference: &str) -> Value {
    serde_json::from_str(&stored(world, reference).body).expect("JSON")
}
