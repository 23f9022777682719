//! The record as a file: who may order it, what is in it, who may fetch it.

use std::io::{Cursor, Read};

use app::portable::entity::take_along;
use sea_orm::EntityTrait;
use serde_json::Value;
use zip::ZipArchive;

use crate::{
    accounts::letters,
    world::{Somebody, World, on_every_engine},
};

const EVERYTHING: [&str; 14] = [
    "conditions",
    "allergies",
    "medications",
    "immunizations",
    "results",
    "vitals",
    "procedures",
    "devices",
    "preventive-care",
    "goals",
    "history",
    "care-team",
    "visits",
    "notes",
];

fn order(who: &Somebody, patient: &str, sections: &[&str], more: &[(&str, &str)]) -> String {
    let names: Vec<String> = sections.iter().map(|section| format!("sections[{section}]")).collect();
    let mut fields = vec![("patient", patient)];
    fields.extend(names.iter().map(|name| (name.as_str(), "true")));
    fields.extend_from_slice(more);
    who.call("portable/take-along", &fields).body
}

fn make(world: &World) -> bool {
    world.wait(server::jobs::take_along::once(&world.state)).expect("made")
}

/// The address of the newest file on the page.
fn address(who: &Somebody, patient: &str) -> String {
    let page = who.get(&format!("/p/{patient}/take-along")).body;
    let link = page.split("href=\"/files/take-along/").nth(1).and_then(|part| part.split('"').next());
    format!("/files/take-along/{}", link.unwrap_or_else(|| panic!("no file on {page}")))
}

fn read(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    zip.by_name(name).expect(name).read_to_end(&mut content).expect("content");
    content
}

#[test]
fn only_who_reads_a_record_takes_it_along_and_fetches_only_their_own_file() {
    on_every_engine(|world| {
        let (maria, emma, lucas) =
            (world.patient("Maria").to_string(), world.patient("Emma").to_string(), world.patient("Lucas").to_string());
        assert_eq!(order(&world.nobody(), &maria, &["notes"], &[]), "\"SignInNeeded\"");
        for stranger in ["daniel", "priya", "ruth", "carlos"] {
            assert_eq!(order(&world.sign_in(stranger), &maria, &["notes"], &[]), "\"NotFound\"");
        }
        let me = world.sign_in("maria");
        assert_eq!(order(&me, &lucas, &["notes"], &[]), "\"NotFound\"", "nothing of a teen's record");
        assert_eq!(world.sign_in("carlos").get(&format!("/p/{}/take-along", world.patient("Sofia"))).status, 404);
        let refused = order(&me, &maria, &[], &[("since", "2026-02-01"), ("until", "2026-01-01"), ("password", "short"), ("repeat", "x")]);
        for field in ["sections[conditions]", "until", "password", "repeat"] {
            assert!(refused.contains(field), "{field}: {refused}");
        }
        assert_eq!(order(&me, &emma, &["immunizations"], &[]), "null");
        assert!(make(world) && !make(world), "once");
        let file = address(&me, &emma);
        assert_eq!(world.sign_in("daniel").get_bytes(&file).0, 404);
        assert_eq!(me.get_bytes(&file.replace(&emma, &maria)).0, 404, "a file of one chart is none of another");
        assert_eq!(me.get_bytes(&file).0, 200);
        assert!(letters(world, "maria@example.org").iter().any(|letter| letter.subject.contains("ready") && !letter.text.contains("Emma")));
        // When the child is 13, the file that is there is no longer the parent's.
        world.move_clock(app::access::proxy::birthday(world.birth_date("Emma"), 13), 0);
        assert_eq!(me.get_bytes(&file).0, 404);
    });
}

#[test]
fn the_file_holds_the_record_three_times() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        assert_eq!(order(&me, &maria, &EVERYTHING, &[]), "null");
        assert!(make(world));
        let (status, file) = me.get_bytes(&address(&me, &maria));
        assert_eq!(status, 200);
        let mut zip = ZipArchive::new(Cursor::new(file)).expect("a zip");
        let html = String::from_utf8(read(&mut zip, "health-record.html")).expect("UTF-8");
        for words in ["Essential hypertension", "Lisinopril", "COVID-19", "Maria Rivera", "<html lang=\"en\">"] {
            assert!(html.contains(words), "{words}");
        }
        assert!(read(&mut zip, "health-record.pdf").starts_with(b"%PDF-1.7"));
        let bundle: Value = serde_json::from_slice(&read(&mut zip, "health-record.fhir.json")).expect("JSON");
        assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "Composition");
        let sections = bundle["entry"][0]["resource"]["section"].as_array().expect("sections");
        assert_eq!(sections.len(), EVERYTHING.len());
        // Third-party validators read it when they are asked to: see end2end/tests/fhir.
        if let Some(folder) = std::env::var_os("PORTAL_KEEP_FHIR") {
            std::fs::write(std::path::Path::new(&folder).join("record.json"), bundle.to_string()).expect("written");
        }
        let page = me.get(&format!("/p/{maria}/access-log")).body;
        assert!(page.contains("Download of the record"));
    });
}

#[test]
fn a_period_leaves_out_what_lies_outside_of_it_and_keeps_what_lasts() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        assert_eq!(order(&me, &maria, &["visits", "allergies", "results"], &[("since", "1900-01-01"), ("until", "1900-12-31")]), "null");
        assert!(make(world));
        let (_, file) = me.get_bytes(&address(&me, &maria));
        let mut zip = ZipArchive::new(Cursor::new(file)).expect("a zip");
        let bundle: Value = serde_json::from_slice(&read(&mut zip, "health-record.fhir.json")).expect("JSON");
        let kinds: Vec<&str> =
            bundle["entry"].as_array().expect("entries").iter().filter_map(|entry| entry["resource"]["resourceType"].as_str()).collect();
        assert!(kinds.contains(&"AllergyIntolerance") && !kinds.contains(&"Encounter") && !kinds.contains(&"Observation"), "{kinds:?}");
    });
}

#[test]
fn who_lost_access_meanwhile_gets_no_file_and_a_stopped_server_loses_none() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma").to_string());
        assert_eq!(order(&maria, &emma, &["immunizations"], &[]), "null");
        world.move_clock(app::access::proxy::birthday(world.birth_date("Emma"), 13), 0);
        assert!(make(world));
        let rows = world.wait(take_along::Entity::find().all(&world.state.connection)).expect("rows");
        assert!(rows[0].file.is_none(), "decided when it is made");
        world.state.clock.move_to(None);
        // A server took an order and stopped: a quarter of an hour later another one makes it.
        use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
        let stuck = |minutes: i64| take_along::ActiveModel {
            state: Set(app::portable::model::State::Working),
            claimed_at: Set(Some(chrono::Utc::now() - chrono::TimeDelta::minutes(minutes))),
            ..rows[0].clone().into_active_model()
        };
        world.wait(stuck(14).update(&world.state.connection)).expect("an update");
        assert!(!make(world), "another server may still be at it");
        world.wait(stuck(16).update(&world.state.connection)).expect("an update");
        assert!(make(world));
    });
}
