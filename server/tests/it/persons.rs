//! Whose it is: sources with the same ids, identifiers that several share, records that were joined.

use std::collections::BTreeMap;

use app::{
    access::System,
    base::ids::new_id,
    desk::requests::entity::request,
    people::{account, patient},
    record::{item::entity::health_item, resource::entity::fhir_resource},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::{ImportOptions, Refusal, Summary, import_bundle, import_bundle_from};

use crate::world::{World, on_every_database, on_every_engine, wait};

pub fn person(id: &str, number: &str, given: &str, family: &str, birth_date: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "birthDate": birth_date, "name": [{"use": "official", "given": [given], "family": family}],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "https://mrn.example", "value": number}]})
}

fn rosa(id: &str) -> Value {
    person(id, "N-48", "Rosa", "Whitfield", "1956-04-11")
}

fn dmitri(id: &str) -> Value {
    person(id, "S-9310", "Dmitri", "Okafor", "1988-09-30")
}

pub fn allergy(id: &str, to: &str, subject: Value) -> Value {
    json!({"resourceType": "AllergyIntolerance", "id": id, "code": {"text": to}, "patient": subject})
}

pub fn of(id: &str) -> Value {
    json!({"reference": format!("Patient/{id}")})
}

/// A Bundle of a server, or of nobody knows where.
fn bundle(base: &str, resources: &[Value]) -> Value {
    let entry = |resource: &Value| {
        let (kind, id) = (resource["resourceType"].as_str().unwrap_or_default(), resource["id"].as_str().unwrap_or_default());
        match base {
            "" => json!({"resource": resource}),
            _ => json!({"fullUrl": format!("{base}/{kind}/{id}"), "resource": resource}),
        }
    };
    json!({"resourceType": "Bundle", "type": "collection", "entry": resources.iter().map(entry).collect::<Vec<_>>()})
}

pub fn import(system: &System, base: &str, resources: &[Value]) -> Result<Summary, Refusal> {
    wait(import_bundle(system, "file", bundle(base, resources)))
}

pub fn taken(system: &System, base: &str, resources: &[Value]) -> Summary {
    import(system, base, resources).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// What stands in whose chart: the names of allergies by the given name of the person.
fn charts(system: &System) -> BTreeMap<String, Vec<String>> {
    wait(async {
        let people = patient::Entity::find().filter(patient::Column::MergedInto.is_null()).all(system.db()).await.expect("patients");
        let mut found = BTreeMap::new();
        for person in people {
            let items = health_item::Entity::find().filter(health_item::Column::PatientId.eq(person.id)).all(system.db()).await;
            let mut names: Vec<String> = items.expect("items").into_iter().map(|item| item.title).collect();
            names.sort();
            found.insert(person.given_name, names);
        }
        found
    })
}

pub fn expect(system: &System, wanted: &[(&str, &[&str])]) {
    let wanted: BTreeMap<String, Vec<String>> =
        wanted.iter().map(|(name, items)| ((*name).to_owned(), items.iter().map(|item| (*item).to_owned()).collect())).collect();
    assert_eq!(charts(system), wanted);
}

pub const NORTH: &str = "https://north.example/fhir";
pub const SOUTH: &str = "https://south.example/fhir";

fn north() -> [Value; 2] {
    [rosa("1001"), allergy("7001", "Penicillin", of("1001"))]
}

fn south() -> [Value; 2] {
    [dmitri("1001"), allergy("7001", "Peanut", of("1001"))]
}

#[test]
fn two_hospitals_have_the_same_ids() {
    for turned in [false, true] {
        on_every_database(|system| {
            let (first, second) = if turned { ((SOUTH, south()), (NORTH, north())) } else { ((NORTH, north()), (SOUTH, south())) };
            taken(system, first.0, &first.1);
            let summary = taken(system, second.0, &second.1);
            assert_eq!((summary.total().new, summary.total().unchanged), (2, 0));
            assert_eq!(summary.sources.keys().map(String::as_str).collect::<Vec<_>>(), [second.0.trim_start_matches("https://")]);
            expect(system, &[("Rosa", &["Penicillin"]), ("Dmitri", &["Peanut"])]);
            // A correction of one of them stays with that one.
            taken(system, NORTH, &[allergy("7001", "Penicillin V", of("1001"))]);
            expect(system, &[("Rosa", &["Penicillin V"]), ("Dmitri", &["Peanut"])]);
            // An absolute address leads to its own server.
            taken(system, "", &[allergy("7002", "Latex", json!({"reference": "https://south.example/fhir/Patient/1001"}))]);
            expect(system, &[("Rosa", &["Penicillin V"]), ("Dmitri", &["Latex", "Peanut"])]);
        });
    }
}

#[test]
fn an_id_of_nobody_knows_where_is_the_person_who_agrees_or_it_is_refused() {
    on_every_database(|system| {
        for base in [NORTH, ""] {
            taken(system, base, &north());
            let refusal = import(system, "", &south()).err().expect("a refusal");
            assert_eq!(refusal.resource.as_deref(), Some("Patient/1001"));
            assert!(refusal.reason.contains("N-48") && refusal.reason.contains("S-9310"), "{refusal}");
            assert!(!refusal.to_string().contains("Rosa") && !refusal.to_string().contains("Okafor"), "{refusal}");
            expect(system, &[("Rosa", &["Penicillin"])]);
        }
        // The same person, now without an address: no second chart, and nothing twice.
        let summary = taken(system, "", &north());
        assert_eq!((summary.total().new, summary.total().unchanged), (0, 2));
        // What comes without its Patient finds the one who was there.
        taken(system, "", &[allergy("7003", "Wasp", of("1001"))]);
        expect(system, &[("Rosa", &["Penicillin", "Wasp"])]);
        // Something of another under an id that north has: nothing is replaced. Then something of Rosa under that very id.
        taken(system, "", &[dmitri("2002"), allergy("7001", "Peanut", of("2002"))]);
        expect(system, &[("Rosa", &["Penicillin", "Wasp"]), ("Dmitri", &["Peanut"])]);
        let refusal = import(system, "", &[allergy("7001", "Wheat", of("1001"))]).err().expect("a refusal");
        assert!(refusal.reason.contains("N-48") && refusal.reason.contains("S-9310"), "{refusal}");
        expect(system, &[("Rosa", &["Penicillin", "Wasp"]), ("Dmitri", &["Peanut"])]);
        // Told where it is from, it comes in.
        let options = ImportOptions { source: Some("South Hospital".into()), ..ImportOptions::default() };
        let anna = [person("1001", "A-1", "Anna", "Petrov", "1979-01-20"), allergy("7001", "Soy", of("1001"))];
        wait(import_bundle_from(system, "file", bundle("", &anna), &options)).unwrap_or_else(|refusal| panic!("{refusal}"));
        expect(system, &[("Rosa", &["Penicillin", "Wasp"]), ("Dmitri", &["Peanut"]), ("Anna", &["Soy"])]);
    });
}

#[test]
fn a_source_that_becomes_known_takes_its_records_along() {
    on_every_database(|system| {
        taken(system, "", &north());
        let summary = taken(system, NORTH, &north());
        assert_eq!((summary.total().new, summary.total().unchanged), (0, 2));
        taken(system, NORTH, &[allergy("7004", "Nickel", of("1001"))]);
        taken(system, SOUTH, &south());
        expect(system, &[("Rosa", &["Nickel", "Penicillin"]), ("Dmitri", &["Peanut"])]);
        let unknown = fhir_resource::Entity::find().filter(fhir_resource::Column::Source.eq(""));
        assert_eq!(wait(unknown.count(system.db())).expect("resources"), 0);
    });
}

#[test]
fn what_several_share_leads_to_nobody() {
    let with = |mut person: Value, kind: &str| {
        let shared = json!({"type": {"coding": [{"code": kind}]}, "system": "https://insurer.example", "value": "SUB-1"});
        person["identifier"].as_array_mut().expect("identifiers").push(shared);
        person
    };
    let by_type =
        allergy("1", "Alcohol", json!({"type": "Patient", "identifier": {"system": "https://insurer.example", "value": "SUB-1"}}));
    let by_search = allergy("2", "Egg", json!({"reference": "Patient?identifier=https%3A%2F%2Finsurer.example%7CSUB-1"}));
    let by_number = allergy("3", "Latex", json!({"identifier": {"system": "https://mrn.example", "value": "N-48"}}));
    on_every_database(|system| {
        // The number of a policy is nobody, even when only one bears it.
        let summary = taken(system, NORTH, &[with(rosa("a"), "SN"), by_type.clone(), by_search.clone(), by_number.clone()]);
        expect(system, &[("Rosa", &["Latex"])]);
        let told = summary.to_string();
        assert!(
            told.contains("AllergyIntolerance/1") && told.contains("AllergyIntolerance/2") && !told.contains("AllergyIntolerance/3"),
            "{told}"
        );
        assert_eq!(summary.to_json()["withoutChart"].as_array().map(Vec::len), Some(1), "{}", summary.to_json());
    });
    on_every_database(|system| {
        // Of a kind that is not known, it is whose it is until another bears it too; then nobody's, until that was a mistake.
        taken(system, NORTH, &[with(rosa("a"), "XX"), by_type.clone(), by_search.clone()]);
        expect(system, &[("Rosa", &["Alcohol", "Egg"])]);
        taken(system, NORTH, &[with(dmitri("b"), "XX")]);
        expect(system, &[("Rosa", &[]), ("Dmitri", &[])]);
        let summary = taken(
            system,
            NORTH,
            &[allergy("4", "Soy", json!({"type": "Patient", "identifier": {"system": "https://insurer.example", "value": "SUB-1"}}))],
        );
        assert!(summary.to_string().contains("by an identifier that several have: AllergyIntolerance/4"), "{summary}");
        let mut corrected = dmitri("b");
        corrected["meta"] = json!({"versionId": "2"});
        taken(system, NORTH, &[corrected]);
        expect(system, &[("Rosa", &["Alcohol", "Egg", "Soy"]), ("Dmitri", &[])]);
    });
}

#[test]
fn what_is_of_several_patients_is_said_to_be_in_one_chart() {
    let of = |id: &str, actors: &[&str]| {
        let participants: Vec<Value> =
            actors.iter().map(|actor| json!({"actor": {"reference": format!("Patient/{actor}")}, "status": "accepted"})).collect();
        json!({"resourceType": "Appointment", "id": id, "status": "booked", "start": "2026-12-01T10:00:00Z",
            "end": "2026-12-01T10:20:00Z", "participant": participants})
    };
    on_every_database(|system| {
        let summary = taken(system, NORTH, &[rosa("a"), dmitri("b"), of("two", &["a", "b"]), of("one", &["b"]), of("same", &["a", "a"])]);
        assert_eq!(summary.to_json()["severalPatients"], json!(["Appointment/two"]));
        assert!(summary.to_string().contains("In one chart only: 1"), "{summary}");
    });
}

pub fn link(mut person: Value, kind: &str, other: &str, active: bool) -> Value {
    person["link"] = json!([{"type": kind, "other": {"reference": format!("Patient/{other}")}}]);
    person["active"] = json!(active);
    person
}

pub fn old() -> Value {
    person("old", "OLD-1", "Margarethe", "Lindqvist", "1951-03-17")
}

pub fn new() -> Value {
    person("new", "NEW-1", "Margaret", "Lindqvist", "1951-03-17")
}

pub fn separate(system: &System) {
    taken(system, NORTH, &[old(), new(), allergy("1", "Latex", of("old")), allergy("2", "Egg", of("new"))]);
    expect(system, &[("Margarethe", &["Latex"]), ("Margaret", &["Egg"])]);
}

pub fn patient_of(system: &System, number: &str) -> patient::Model {
    let found = patient::Entity::find().filter(patient::Column::Mrn.eq(number));
    wait(found.one(system.db())).expect("a query").expect("a patient")
}

#[test]
fn merged_records_are_one_chart_until_that_is_taken_back() {
    for both in [
        vec![link(old(), "replaced-by", "new", false), link(new(), "replaces", "old", true)],
        vec![link(old(), "replaced-by", "new", false)],
        vec![link(new(), "replaces", "old", true)],
    ] {
        on_every_database(|system| {
            separate(system);
            let (before, after) = (patient_of(system, "OLD-1"), patient_of(system, "NEW-1"));
            taken(system, NORTH, &both);
            expect(system, &[("Margaret", &["Egg", "Latex"])]);
            assert_eq!(patient_of(system, "OLD-1").merged_into, Some(after.id));
            // What comes later to the old record goes where the person is.
            taken(system, NORTH, &[allergy("3", "Soy", of("old"))]);
            expect(system, &[("Margaret", &["Egg", "Latex", "Soy"])]);
            taken(
                system,
                NORTH,
                &[old(), new()].map(|mut person| {
                    person["active"] = json!(true);
                    person["meta"] = json!({"lastUpdated": "2026-11-20T08:00:00Z"});
                    person
                }),
            );
            expect(system, &[("Margarethe", &["Latex", "Soy"]), ("Margaret", &["Egg"])]);
            assert_eq!(patient_of(system, "OLD-1").id, before.id);
        });
    }
}

#[test]
fn the_order_in_which_a_merge_is_told_does_not_matter() {
    on_every_database(|system| {
        taken(system, NORTH, &[link(old(), "replaced-by", "new", false), allergy("1", "Latex", of("old"))]);
        expect(system, &[("Margarethe", &["Latex"])]);
        let before = patient_of(system, "OLD-1");
        let id = account(system, "margarethe", &before);
        taken(system, NORTH, &[new(), allergy("2", "Egg", of("new"))]);
        expect(system, &[("Margaret", &["Egg", "Latex"])]);
        assert_eq!(chart(system, id), Some(patient_of(system, "NEW-1").id));
        // And it is taken back.
        let mut again = old();
        again["active"] = json!(true);
        taken(system, NORTH, &[again]);
        expect(system, &[("Margarethe", &["Latex"]), ("Margaret", &["Egg"])]);
        assert_eq!((patient_of(system, "OLD-1").id, chart(system, id)), (before.id, Some(before.id)));
    });
    on_every_database(|system| {
        let both = [link(old(), "replaced-by", "new", false), link(new(), "replaces", "old", true)];
        taken(system, NORTH, &[&both[..], &[allergy("1", "Latex", of("old")), allergy("2", "Egg", of("new"))]].concat());
        expect(system, &[("Margaret", &["Egg", "Latex"])]);
    });
}

pub fn account(system: &System, name: &str, patient: &patient::Model) -> uuid::Uuid {
    let row = account::ActiveModel {
        id: Set(new_id()),
        username: Set(name.into()),
        username_key: Set(name.into()),
        display_name: Set(name.into()),
        password_hash: Set(String::new()),
        patient_id: Set(Some(patient.id)),
        locale: Set("en".into()),
        created_at: Set(chrono::Utc::now()),
        email_code_on: Set(false),
        ..Default::default()
    };
    wait(row.insert(system.db())).expect("an account").id
}

pub fn chart(system: &System, account: uuid::Uuid) -> Option<uuid::Uuid> {
    wait(account::Entity::find_by_id(account).one(system.db())).expect("a query").expect("it").patient_id
}

#[test]
fn an_account_follows_a_merge_or_waits_for_the_front_desk() {
    let merge = |system: &System| taken(system, NORTH, &[link(old(), "replaced-by", "new", false)]);
    on_every_database(|system| {
        separate(system);
        let id = account(system, "margarethe", &patient_of(system, "OLD-1"));
        merge(system);
        assert_eq!(chart(system, id), Some(patient_of(system, "NEW-1").id));
        assert_eq!(wait(request::Entity::find().count(system.db())).expect("requests"), 0);
        let mut again = old();
        again["active"] = json!(true);
        taken(system, NORTH, &[again]);
        assert_eq!(chart(system, id), Some(patient_of(system, "OLD-1").id), "and comes back");
    });
    on_every_database(|system| {
        separate(system);
        let (before, after) = (patient_of(system, "OLD-1"), patient_of(system, "NEW-1"));
        let (first, second) = (account(system, "margarethe", &before), account(system, "margaret", &after));
        merge(system);
        assert_eq!((chart(system, first), chart(system, second)), (Some(before.id), Some(after.id)));
        let cases = wait(request::Entity::find().all(system.db())).expect("requests");
        assert_eq!(cases.iter().map(|case| (&*case.kind, case.patient_id)).collect::<Vec<_>>(), [("merged", Some(after.id))]);
    });
}

#[test]
fn a_trusted_number_joins_sources_when_the_persons_agree() {
    let trusting = || ImportOptions { trusted: vec!["https://mrn.example".into()], ..ImportOptions::default() };
    let take = |system: &System, base: &str, resources: &[Value], options: &ImportOptions| {
        wait(import_bundle_from(system, "file", bundle(base, resources), options)).unwrap_or_else(|refusal| panic!("{refusal}"))
    };
    let elsewhere = [rosa("77"), allergy("9", "Pollen", of("77"))];
    on_every_database(|system| {
        take(system, NORTH, &north(), &trusting());
        take(system, SOUTH, &elsewhere, &trusting());
        expect(system, &[("Rosa", &["Penicillin", "Pollen"])]);
        // The number of somebody else.
        let summary = take(system, "https://west.example", &[person("5", "N-48", "Otto", "Berg", "1990-01-01")], &trusting());
        assert_eq!(summary.disagreeing, 1);
        assert_eq!(charts(system).len(), 2);
    });
    on_every_database(|system| {
        take(system, NORTH, &north(), &ImportOptions::default());
        take(system, SOUTH, &elsewhere, &ImportOptions::default());
        let rosas = patient::Entity::find().filter(patient::Column::GivenName.eq("Rosa"));
        assert_eq!(wait(rosas.count(system.db())).expect("patients"), 2, "nobody said that the system is to be trusted");
    });
}

/// The Patient resource of somebody of the demo, changed.
pub fn changed(world: &World, name: &str, change: impl FnOnce(&mut Value)) -> Summary {
    let system = app::access::as_system(&world.state.db, "test");
    let reference = format!("Patient/{}", world.reference(name));
    let stored = fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq(&reference));
    let body = world.wait(stored.one(system.db())).expect("a query").expect("a resource").body;
    let mut person: Value = serde_json::from_str(&body).expect("JSON");
    change(&mut person);
    world.wait(import_bundle(&system, "test", bundle("", &[person]))).unwrap_or_else(|refusal| panic!("{refusal}"))
}

#[test]
fn who_has_died_gets_nothing_and_whoever_has_access_keeps_it_for_a_while() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let visits = |who: &crate::world::Somebody, patient: uuid::Uuid| who.call("visits/list", &[("patient", &patient.to_string())]).body;
        let before = visits(&maria, emma);
        changed(world, "Emma", |emma| emma["deceasedBoolean"] = json!(false));
        assert_eq!(visits(&maria, emma), before, "nobody has died");
        changed(world, "Emma", |emma| emma["deceasedDateTime"] = json!("2026-10-30"));
        assert_eq!(visits(&maria, emma), before, "a parent keeps reading");

        changed(world, "Maria", |maria| maria["deceasedBoolean"] = json!(true));
        assert!(maria.call("visits/list", &[("patient", &emma.to_string())]).body.contains("SignInNeeded"), "her own account is closed");
        let again = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", server::demo::PASSWORD)]);
        assert!(again.body.contains("WrongCredentials"), "{}", again.body);
        let page = world.sign_in("marcus").get(&format!("/staff/patients/{}", world.patient("Maria"))).body;
        assert!(page.contains("This person has died") && !page.contains("/staff/patients/code"), "{page}");
        let code = world.sign_in("marcus").call("staff/hand-out-code", &[("patient", &world.patient("Maria").to_string())]).body;
        assert!(!code.contains('-') || code.contains("Invalid") || code.contains("NotFound"), "{code}");

        // It was somebody else.
        changed(world, "Maria", |maria| {
            maria["deceasedBoolean"] = json!(false);
            maria["meta"] = json!({"versionId": "corrected"});
        });
        assert_eq!(visits(&world.sign_in("maria"), emma), before);
    });
}

#[test]
fn whoever_has_died_turns_no_age() {
    use app::people::proxy_grant;
    for dies in [false, true] {
        on_every_engine(|world| {
            let long_ago =
                proxy_grant::ActiveModel { created_at: Set(chrono::Utc::now() - chrono::TimeDelta::days(2000)), ..Default::default() };
            world.wait(proxy_grant::Entity::update_many().set(long_ago).exec(&world.state.connection)).expect("aged");
            changed(world, "Noah", |noah| noah["deceasedBoolean"] = json!(dies));
            world.wait(server::jobs::midnight::once(&world.state)).expect("a night");
            let letters = crate::accounts::letters(world, "daniel@example.org");
            assert_eq!(letters.iter().any(|letter| letter.text.contains("Noah")), !dies, "Noah turns 13 in three days");
        });
    }
}

#[test]
fn of_a_birth_date_nothing_is_invented_and_the_front_desk_completes_it() {
    on_every_engine(|world| {
        let system = app::access::as_system(&world.state.db, "test");
        let otto = |birth_date: &str, version: &str| {
            let mut otto = person("otto", "O-77", "Otto", "Berg", birth_date);
            otto["meta"] = json!({"versionId": version});
            otto["address"] = json!([{"postalCode": "06457"}]);
            otto["telecom"] = json!([{"system": "email", "value": "otto@example.org"}]);
            taken(&system, NORTH, &[otto]);
            patient_of(&system, "O-77")
        };
        let chart = otto("1961-08", "1");
        assert_eq!(
            (chart.birth_date.to_string().as_str(), chart.born_by.map(|day| day.to_string()).as_deref()),
            ("1961-08-01", Some("1961-08-31"))
        );
        let (desk, page) = (world.sign_in("priya"), format!("/staff/patients/{}", chart.id));
        let told = desk.get(&page).body;
        assert!(told.contains("August 1961") && !told.contains("August 1, 1961") && !told.contains("staff/hand-out-code"), "{told}");
        // Nobody is matched to a day that nobody knows.
        let ask = [
            ("given_name", "Otto"),
            ("family_name", "Berg"),
            ("birth_date", "1961-08-01"),
            ("zip", "06457"),
            ("email", "otto@example.org"),
        ];
        assert_eq!(world.nobody().call("sign-up/request-code", &ask).status, 200);
        assert!(crate::accounts::letters(world, "otto@example.org").iter().all(|letter| !letter.text.contains("Activation code")));
        // The front desk completes it, within what the record says.
        let id = chart.id.to_string();
        let complete = |who: &crate::world::Somebody, day: &str| {
            who.call("staff/complete-birth-date", &[("patient", &id), ("birth_date", day), ("photo_id", "true")])
        };
        assert_eq!(complete(&world.sign_in("maria"), "1961-08-15").body, "\"NotFound\"");
        assert!(complete(&desk, "1961-09-01").body.contains("staff_why_not_in_record"));
        assert_eq!(complete(&desk, "1961-08-15").status, 200);
        assert!(complete(&desk, "1961-08-16").body.contains("why_already_done"));
        assert!(desk.get(&page).body.contains("August 15, 1961"));
        // It lasts as long as the record says no more, and nothing else.
        assert_eq!(otto("1961-08", "2").birth_date.to_string(), "1961-08-15");
        let year = otto("1961", "3");
        assert_eq!((year.birth_date.to_string().as_str(), year.born_by), ("1961-08-15", None));
        let other = otto("1962", "4");
        assert_eq!((other.birth_date.to_string().as_str(), other.born_by.is_some()), ("1962-01-01", true), "another year");
    });
}

#[test]
fn a_name_whose_time_is_over_is_over_without_another_import() {
    on_every_engine(|world| {
        let system = app::access::as_system(&world.state.db, "test");
        let yesterday = chrono::Utc::now().date_naive().pred_opt().expect("a day");
        let mut otto = person("otto", "O-77", "Otto", "Berg", "1961-08-15");
        otto["name"] = json!([
            {"use": "official", "given": ["Otto"], "family": "Berg", "period": {"end": (yesterday + chrono::TimeDelta::days(30)).to_string()}},
            {"use": "official", "given": ["Otto"], "family": "Winter", "period": {"start": (yesterday + chrono::TimeDelta::days(31)).to_string()}}
        ]);
        taken(&system, NORTH, &[otto.clone()]);
        let found = patient_of(&system, "O-77");
        assert_eq!((found.family_name.as_str(), found.changes_on), ("Berg", Some(yesterday + chrono::TimeDelta::days(31))));
        assert_eq!(wait(server::fhir::keep_current(&system)).expect("done"), 0, "not yet");
        // The day has come, as the stored resource has it.
        let day = |days: i64| (yesterday + chrono::TimeDelta::days(days)).to_string();
        otto["name"][0]["period"]["end"] = json!(day(0));
        otto["name"][1]["period"]["start"] = json!(day(1));
        let body = fhir_resource::ActiveModel { body: Set(otto.to_string()), ..Default::default() };
        let this = fhir_resource::Column::Id.eq(found.resource_id);
        world.wait(fhir_resource::Entity::update_many().set(body).filter(this).exec(system.db())).expect("changed");
        let due = patient::ActiveModel { changes_on: Set(Some(yesterday + chrono::TimeDelta::days(1))), ..Default::default() };
        world.wait(patient::Entity::update_many().set(due).filter(patient::Column::Id.eq(found.id)).exec(system.db())).expect("due");
        world.wait(server::jobs::midnight::once(&world.state)).expect("a night");
        let now = patient_of(&system, "O-77");
        assert_eq!((now.family_name.as_str(), now.changes_on), ("Winter", None));
        assert!(world.sign_in("priya").get("/staff/patients?query=berg").body.contains("Otto Winter"), "found by the name before");
    });
}

#[test]
fn in_a_chart_of_several_sources_each_record_says_from_which_it_is() {
    on_every_engine(|world| {
        let (system, me, maria) = (app::access::as_system(&world.state.db, "test"), world.sign_in("maria"), world.patient("Maria"));
        let page = || me.get(&format!("/p/{maria}/health/allergies")).body;
        assert!(!page().contains("From "), "of one source nothing is said");
        let stored =
            fhir_resource::Entity::find().filter(fhir_resource::Column::Reference.eq(format!("Patient/{}", world.reference("Maria"))));
        let body = world.wait(stored.one(system.db())).expect("a query").expect("a resource").body;
        let mut here: Value = serde_json::from_str(&body).expect("JSON");
        let system_of = here["identifier"][0]["system"].as_str().expect("a system").to_owned();
        let options = ImportOptions { trusted: vec![system_of], ..ImportOptions::default() };
        here["meta"] = json!({"versionId": "again"});
        wait(import_bundle_from(&system, "here", bundle("", std::slice::from_ref(&here)), &options)).expect("imported");
        here["id"] = json!("n1");
        let there = [here, with_status(allergy("9", "Pollen", of("n1")))];
        wait(import_bundle_from(&system, "there", bundle(NORTH, &there), &options)).expect("imported");
        let told = page();
        assert!(told.contains("Pollen") && told.contains("From north.example/fhir"), "{told}");
        assert_eq!(told.matches("From ").count(), 1, "the hospital's own say nothing");
    });
}

fn with_status(mut allergy: Value) -> Value {
    allergy["clinicalStatus"] = json!({"coding": [{"code": "active"}]});
    allergy
}

#[test]
fn a_person_is_who_they_are_today_and_found_by_what_they_were_called() {
    let katharina = json!({"resourceType": "Patient", "id": "k", "birthDate": "1984-08-08",
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "mrn", "value": "K-1"}],
        "name": [
            {"use": "official", "family": "Brandt", "given": ["Katharina"], "period": {"start": "1984-08-08", "end": "2015-05-30"}},
            {"use": "nickname", "given": ["Kat"]},
            {"use": "maiden", "family": "Brandt"},
            {"use": "official", "family": "Osei", "given": ["Katharina", "Maria"], "period": {"start": "2015-05-30"}}],
        "telecom": [
            {"system": "email", "value": "before@example.org", "period": {"end": "2018-01-01"}},
            {"system": "email", "use": "old", "value": "older@example.org"},
            {"system": "email", "value": "now@example.org", "rank": 1},
            {"system": "phone", "use": "mobile", "value": "860-555-0101", "period": {"end": "2017-01-01"}},
            {"system": "phone", "use": "mobile", "value": "860-555-0199"}],
        "address": [
            {"use": "old", "line": ["3 Former Road"], "city": "Hartford", "period": {"end": "2019-12-31"}},
            {"use": "home", "line": ["5 Present Street"], "city": "Middletown"}]});
    on_every_engine(|world| {
        let system = app::access::as_system(&world.state.db, "test");
        world
            .wait(import_bundle(&system, "test", bundle("", std::slice::from_ref(&katharina))))
            .unwrap_or_else(|refusal| panic!("{refusal}"));
        let found = world.wait(patient::Entity::find().filter(patient::Column::Mrn.eq("K-1")).one(system.db()));
        let found = found.expect("a query").expect("a patient");
        assert_eq!((&*found.given_name, &*found.family_name), ("Katharina", "Osei"));
        assert_eq!((found.email.as_deref(), found.phone_mobile.as_deref()), (Some("now@example.org"), Some("860-555-0199")));
        assert_eq!(found.address_line.as_deref(), Some("5 Present Street"));
        let desk = world.sign_in("priya");
        for query in ["brandt", "kat+brandt", "osei", "k-1"] {
            let page = desk.get(&format!("/staff/patients?query={query}")).body;
            assert!(page.contains("Katharina Osei") && !page.contains("Brandt</"), "{query}: {page}");
        }
    });
}
