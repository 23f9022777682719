//! An accepted change of address stays, whatever the next import says, until the import says the same.

use app::features::{
    account::sign_up::{by_code::issue, model::CodeDelivery},
    personal::entity::patient_overlay,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::world::{World, on_every_engine};

/// Asks for a change of Emma's details as her mother, and accepts it as the front desk.
fn change(world: &World, fields: &[(&str, &str)]) {
    let emma = world.patient("Emma").to_string();
    let arguments: Vec<(&str, &str)> = std::iter::once(("patient", emma.as_str())).chain(fields.iter().copied()).collect();
    let asked = world.sign_in("maria").call("requests/change-details", &arguments);
    assert_eq!(asked.status, 200, "{}", asked.body);
    let priya = world.sign_in("priya");
    let queue = priya.get("/staff/queue?kind=details").body;
    let id = queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned();
    assert_eq!(priya.call("requests/decide", &[("id", &id), ("decision", "accept"), ("reason", "")]).status, 200);
}

/// What the hospital's own records say of Emma, in a new version each time.
fn import(world: &World, version: u32, city: &str, line: &str, phone: &str) {
    let patient = json!({ "resourceType": "Patient", "id": world.reference("Emma"),
        "meta": { "versionId": version.to_string(), "lastUpdated": format!("2030-01-{version:02}T00:00:00Z") },
        "name": [{ "given": ["Emma"], "family": "Rivera" }], "birthDate": world.birth_date("Emma").to_string(),
        "address": [{ "use": "home", "line": [line], "city": city, "state": "CT", "postalCode": "06457" }],
        "telecom": [{ "system": "phone", "use": "mobile", "value": phone }] });
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": patient }] });
    let system = app::access::as_system(&world.state.db, "test");
    world.wait(server::fhir::import_bundle(&system, "test", bundle)).expect("imported");
}

/// The page of Emma's personal information, as her mother reads it.
fn shown(world: &World) -> String {
    world.sign_in("maria").get(&format!("/p/{}/personal-information", world.patient("Emma"))).body
}

fn remembered(world: &World) -> u64 {
    let rows = patient_overlay::Entity::find().filter(patient_overlay::Column::PatientId.eq(world.patient("Emma")));
    world.wait(rows.count(&world.state.connection)).expect("a number")
}

#[test]
fn an_accepted_address_stays_until_the_hospital_says_the_same() {
    on_every_engine(|world| {
        import(world, 1, "Middletown", "1 Main Street", "860-555-0101");
        change(world, &[("address_line", "9 Oak Lane"), ("city", "Durham"), ("postal_code", "06422"), ("phone_mobile", "860-555-0199")]);
        import(world, 2, "Middletown", "1 Main Street, Floor 2", "860-555-0101");
        let found = shown(world);
        assert!(found.contains("<span>9 Oak Lane</span><span>Durham, CT 06422</span>"), "the address as a whole: {found}");
        assert!(found.contains("<dd>860-555-0199</dd>"), "{found}");
        let form = world.sign_in("maria").get(&format!("/p/{}/personal-information/change", world.patient("Emma"))).body;
        assert!(form.contains("9 Oak Lane") && form.contains("Durham"), "the form starts from what is shown");
        let again =
            world.sign_in("maria").call("requests/change-details", &[("patient", &world.patient("Emma").to_string()), ("city", "Durham")]);
        assert!(again.body.contains("why_already_done"), "it is what was accepted: {}", again.body);
        // The phone is known there by now, in another spelling; the address is not.
        import(world, 3, "Middletown", "1 Main Street", "(860) 555 0199");
        assert_eq!(remembered(world), 4, "the address");
        assert!(shown(world).contains("<dd>(860) 555 0199</dd>"), "as the record has it");
        assert!(shown(world).contains("<span>9 Oak Lane</span>"));
        import(world, 4, "Oldtown", "3 Elm Street", "860-555-0177");
        assert!(shown(world).contains("<dd>860-555-0177</dd>"), "what the record says counts again");
        assert!(shown(world).contains("<span>9 Oak Lane</span>"), "nobody has taken note of the address yet");
    });
}

#[test]
fn once_the_hospital_says_the_same_its_word_counts_again() {
    on_every_engine(|world| {
        import(world, 1, "Middletown", "1 Main Street", "860-555-0101");
        change(world, &[("city", "Durham")]);
        import(world, 2, "DURHAM", "1 Main Street", "860-555-0101");
        assert_eq!(remembered(world), 0);
        import(world, 3, "Cromwell", "1 Main Street", "860-555-0101");
        assert!(shown(world).contains("<span>Cromwell, CT 06457</span>"));
    });
}

/// Sign-up compares with what was accepted: an address that somebody has left opens nothing any more.
#[test]
fn sign_up_asks_for_the_accepted_address() {
    on_every_engine(|world| {
        import(world, 1, "Middletown", "1 Main Street", "860-555-0101");
        change(world, &[("postal_code", "06422")]);
        import(world, 2, "Middletown", "1 Main Street", "860-555-0102");
        let born = world.birth_date("Emma");
        // She is of age by now.
        world.move_clock(app::access::proxy::birthday(born, 19), 0);
        let system = app::access::as_system(&world.state.db, "test");
        let now = world.state.clock.now().instant;
        let code = world.wait(issue(system.db(), world.patient("Emma"), CodeDelivery::Office, now)).expect("a code");
        let enter = |zip: &str| {
            world.nobody().call("sign-up/enter-code", &[("activation_code", &code), ("birth_date", &born.to_string()), ("zip", zip)])
        };
        assert!(enter("06457").body.contains("why_details_wrong"), "the old one");
        assert_eq!(enter("06422").status, 200, "the accepted one");
    });
}

#[test]
fn a_name_is_found_by_any_piece_of_it_and_a_renamed_person_by_the_new_one() {
    on_every_engine(|world| {
        let priya = world.sign_in("priya");
        let finds = |query: &str| priya.get(&format!("/staff/patients?query={query}")).body.contains("Emma ");
        for query in ["emma", "Emma+Rivera", "mma", "a", "iver", "vera+mm", "EM"] {
            assert!(finds(query), "{query}");
        }
        for query in ["emmb", "emma+kim", "riverab", "%25"] {
            assert!(!finds(query), "{query}");
        }
        let patient = json!({ "resourceType": "Patient", "id": world.reference("Emma"), "meta": { "lastUpdated": "2030-01-01T00:00:00Z" },
            "name": [{ "given": ["Emma"], "family": "O'Brien-Núñez" }], "birthDate": world.birth_date("Emma").to_string() });
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": patient }] });
        let system = app::access::as_system(&world.state.db, "test");
        world.wait(server::fhir::import_bundle(&system, "test", bundle)).expect("imported");
        for query in ["o%27brien", "brien-n", "n%C3%BA%C3%B1ez", "%C3%BA%C3%B1", "emma+rien"] {
            assert!(finds(query), "{query}");
        }
        assert!(!finds("emma+rivera"));
    });
}
