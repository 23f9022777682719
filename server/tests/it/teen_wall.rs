//! No clinical byte of a teen leaves the server for a parent: every server function and every page, searched for every
//! clinical string of the teen's bundle.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    every_server_fn::a_visit,
    world::{Somebody, World, on_every_engine},
};

macro_rules! bundle {
    ($name:literal) => {
        include_str!(concat!("../../src/demo/household/", $name, ".json"))
    };
}

#[test]
fn a_teens_parent_gets_no_clinical_byte() {
    on_every_engine(|world| {
        let secrets = clinical_strings(bundle!("lucas"), &[bundle!("maria"), bundle!("emma"), bundle!("ernesto")]);
        assert!(secrets.len() > 30, "the bundle has clinical strings: {}", secrets.len());
        let maria = world.sign_in("maria");
        let answers = everything(world, &maria, "Lucas", world.patient("Lucas"));
        assert!(answers.iter().any(|(_, body)| body.contains("Lucas")), "the parent does see whose chart it is");
        for (asked, body) in &answers {
            for secret in &secrets {
                assert!(!contains(body, secret), "{asked} tells {secret:?}");
            }
        }
    });
}

/// The test can fail: a child's chart is open to the same parent, and there the same search finds what it looks for.
#[test]
fn the_search_finds_what_it_looks_for() {
    on_every_engine(|world| {
        let secrets = clinical_strings(bundle!("emma"), &[bundle!("maria"), bundle!("lucas"), bundle!("ernesto")]);
        let maria = world.sign_in("maria");
        let emma = world.patient("Emma").to_string();
        let pages: String = [format!("/p/{emma}/visits"), format!("/p/{emma}/visits/{}/summary", a_visit(world, "Emma"))]
            .iter()
            .map(|path| maria.get(path).body)
            .collect();
        assert!(secrets.iter().filter(|secret| contains(&pages, secret)).count() >= 3);
    });
}

/// The teen decides alone from the second of the 18th birthday on; a day before the 13th the parent still sees everything.
#[test]
fn the_wall_stands_exactly_between_the_birthdays() {
    on_every_engine(|world| {
        let daniel = world.sign_in("daniel");
        let noah = world.patient("Noah").to_string();
        let thirteen = app::access::proxy::birthday(world.birth_date("Noah"), 13);
        world.move_clock(thirteen, -1);
        assert_eq!(daniel.call("visits/list", &[("patient", &noah)]).status, 200);
        world.move_clock(thirteen, 0);
        assert_eq!(daniel.call("visits/list", &[("patient", &noah)]).body, "\"NotFound\"");
        assert_eq!(daniel.get(&format!("/p/{noah}/visits")).status, 404);
        assert_eq!(daniel.get(&format!("/p/{noah}/personal-information")).status, 200);
    });
}

/// What every server function and every page answers to somebody about a chart, and about what else there is in it with an id.
pub fn everything(world: &World, somebody: &Somebody, given_name: &str, id: Uuid) -> Vec<(String, String)> {
    let (patient, id, visit) = (world.patient(given_name).to_string(), id.to_string(), a_visit(world, given_name));
    let mut answers = Vec::new();
    let leaves = |path: &str| ["sign-out", "close", "give-up-access"].iter().any(|end| path.ends_with(end)) || path.contains("sign-out");
    for (path, _) in leptos::server_fn::axum::server_fn_paths().filter(|(path, _)| !leaves(path)) {
        let named = given_name.to_lowercase();
        let arguments = [
            ("patient", patient.as_str()),
            ("visit", visit.as_str()),
            ("thread", id.as_str()),
            ("id", id.as_str()),
            ("query", named.as_str()),
            ("language", "en"),
            ("back", "/"),
        ];
        let function = path.trim_start_matches("/api/").to_owned();
        answers.push((path.to_owned(), somebody.call(&function, &arguments).body));
        answers.push((format!("{path} as a form"), somebody.submit(path, &arguments).body));
    }
    for page in app::site::features::page_paths() {
        let path = page.replace("{patient}", &patient).replace("{visit}", &visit).replace("{id}", &id);
        answers.push((path.clone(), somebody.get(&path).body));
    }
    for file in ["access-log", "photo"] {
        let path = format!("/files/{file}/{patient}");
        answers.push((path.clone(), String::from_utf8_lossy(&somebody.get_bytes(&path).1).into_owned()));
    }
    for file in [
        format!("trend/{patient}?code=http%3A%2F%2Floinc.org%7C8310-5"),
        format!("record/{patient}/{id}"),
        format!("card/{patient}/{id}"),
        format!("take-along/{patient}/{id}"),
        format!("message/{patient}/{id}"),
        format!("staff-message/{id}"),
    ] {
        answers.push((file.clone(), String::from_utf8_lossy(&somebody.get_bytes(&format!("/files/{file}")).1).into_owned()));
    }
    // And every letter that was written meanwhile.
    answers.extend(crate::accounts::letters(world, "maria@example.org").into_iter().map(|letter| (letter.subject, letter.text)));
    answers
}

/// Every text of a clinical resource: words of notes sentence by sentence, displays, texts and values; not the demographics,
/// which the parent may see, and not words that other charts of the household share.
fn clinical_strings(bundle: &str, others: &[&str]) -> BTreeSet<String> {
    let bundle: Value = serde_json::from_str(bundle).expect("a bundle");
    let mut found = BTreeSet::new();
    for entry in bundle["entry"].as_array().expect("entries") {
        let resource = &entry["resource"];
        if !matches!(resource["resourceType"].as_str(), Some("Patient" | "RelatedPerson")) {
            collect(resource, "", &mut found);
        }
    }
    found.retain(|text| text.len() >= 8 && !others.iter().any(|other| other.contains(text.as_str())));
    found
}

fn collect(value: &Value, name: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| collect(member, name, found)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
        Value::String(text) if name == "data" => {
            let note = BASE64_STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
            found.extend(
                note.split(['.', '\n', '<', '>']).map(|sentence| sentence.trim().to_owned()).filter(|sentence| sentence.len() > 20),
            );
        }
        Value::String(text) if matches!(name, "text" | "patientInstruction" | "description" | "conclusion" | "title") => {
            found.insert(text.clone());
        }
        Value::String(text)
            if name == "display" && !text.starts_with("Dr. ") && !text.contains("Rivera") && !text.contains("Middlesex") =>
        {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// As it would stand in HTML or JSON.
fn contains(body: &str, secret: &str) -> bool {
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    body.contains(secret) || body.contains(&html) || body.contains(&secret.replace('"', "\\\"").replace('\n', "\\n"))
}
