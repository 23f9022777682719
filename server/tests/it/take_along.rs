//! The record as a file: who may order it, what is in it, who may fetch it.

use std::io::{Cursor, Read};

use app::{
    features::sharing::entity::take_along,
    people::{patient, relation::AdultLevel},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::{
    accounts::letters,
    world::{Somebody, World, on_every_engine},
};

const EVERYTHING: [&str; 20] = [
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
    "summaries",
    "notes",
    "documents",
    "messages",
    "medicine-requests",
    "questionnaires",
    "consents",
];

fn order(who: &Somebody, patient: &str, sections: &[&str], more: &[(&str, &str)]) -> String {
    let names: Vec<String> = sections.iter().map(|section| format!("sections[{section}]")).collect();
    let mut fields = vec![("patient", patient)];
    fields.extend(names.iter().map(|name| (name.as_str(), "true")));
    fields.extend_from_slice(more);
    who.call("portable/take-along", &fields).body
}

fn make(world: &World) -> bool {
    world.wait(server::jobs::export::once(&world.state)).expect("made")
}

/// What the web page in a file says of these sections.
pub fn taken(world: &World, who: &Somebody, patient: &str, sections: &[&str]) -> String {
    assert_eq!(order(who, patient, sections, &[]), "null");
    assert!(make(world));
    let (status, file) = who.get_bytes(&address(who, patient));
    assert_eq!(status, 200);
    String::from_utf8(read(&mut ZipArchive::new(Cursor::new(file)).expect("a zip"), "health-record.html")).expect("UTF-8")
}

/// The address of the newest file on the page.
fn address(who: &Somebody, patient: &str) -> String {
    let page = who.get(&format!("/p/{patient}/take-along")).body;
    let link = page.split("href=\"/files/take-along/").nth(1).and_then(|part| part.split('"').next());
    format!("/files/take-along/{}", link.unwrap_or_else(|| panic!("no file on {page}")))
}

/// The FHIR document in a file.
fn bundle(file: Vec<u8>) -> Value {
    let mut zip = ZipArchive::new(Cursor::new(file)).expect("a zip");
    serde_json::from_slice(&read(&mut zip, "health-record.fhir.json")).expect("JSON")
}

/// Every reference of a document is to a resource in it, or within its own resource.
pub fn every_reference_leads_somewhere(bundle: &Value) {
    let known: Vec<&str> = bundle["entry"].as_array().expect("entries").iter().filter_map(|entry| entry["fullUrl"].as_str()).collect();
    let text = bundle.to_string();
    for name in text.split("\"reference\":\"").skip(1).filter_map(|part| part.split('"').next()) {
        assert!(name.starts_with('#') || known.contains(&name), "{name} leads nowhere");
    }
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

/// What staff write for each other.
const STAFF_ONLY: &str = "Xylophone";

/// The subjects of Maria's threads, each with a note of the staff in it, and the medicines she asked for.
fn written_and_asked(world: &World) -> (Vec<String>, Vec<String>) {
    use app::features::{
        medications::{entity::refill_request, model::RequestState},
        messages::{
            entity::{message, message_thread},
            model::Side,
        },
    };
    let (db, own) = (&world.state.connection, world.patient("Maria"));
    world.wait(async {
        let threads = message_thread::Entity::find().filter(message_thread::Column::PatientId.eq(own)).all(db).await.expect("threads");
        for thread in &threads {
            let note = message::ActiveModel {
                id: Set(uuid::Uuid::now_v7()),
                thread_id: Set(thread.id),
                side: Set(Side::Staff),
                author: Set("Dr. Susan Hale".into()),
                internal: Set(true),
                body: Set(STAFF_ONLY.into()),
                sent_at: Set(thread.last_at),
                sending_key: Set(uuid::Uuid::now_v7()),
                danger_confirmed: Set(false),
                ..Default::default()
            };
            message::Entity::insert(note).exec_without_returning(db).await.expect("a note");
        }
        let requests = refill_request::Entity::find()
            .filter(refill_request::Column::PatientId.eq(own))
            .filter(refill_request::Column::State.ne(RequestState::Prepared));
        let requests = requests.all(db).await.expect("requests");
        (threads.into_iter().map(|thread| thread.subject).collect(), requests.into_iter().map(|request| request.medicine).collect())
    })
}

#[test]
fn the_file_holds_the_record_three_times() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        let (threads, requests) = written_and_asked(world);
        assert!(!threads.is_empty() && !requests.is_empty());
        assert_eq!(order(&me, &maria, &EVERYTHING, &[]), "null");
        assert!(make(world));
        let (status, file) = me.get_bytes(&address(&me, &maria));
        assert_eq!(status, 200);
        let mut zip = ZipArchive::new(Cursor::new(file)).expect("a zip");
        let html = String::from_utf8(read(&mut zip, "health-record.html")).expect("UTF-8");
        for words in ["Essential hypertension", "Lisinopril", "COVID-19", "Maria Rivera", "<html lang=\"en\">"] {
            assert!(html.contains(words), "{words}");
        }
        for words in threads.iter().chain(&requests) {
            assert!(html.contains(words.as_str()), "{words}");
        }
        assert!(!html.contains(STAFF_ONLY), "no note of the staff");
        assert!(read(&mut zip, "health-record.pdf").starts_with(b"%PDF-1.7"));
        let bundle: Value = serde_json::from_slice(&read(&mut zip, "health-record.fhir.json")).expect("JSON");
        assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "Composition");
        let sections = bundle["entry"][0]["resource"]["section"].as_array().expect("sections");
        assert_eq!(sections.len(), EVERYTHING.len());
        every_reference_leads_somewhere(&bundle);
        let person = &bundle["entry"][1]["resource"];
        assert_eq!((person["resourceType"].as_str(), person["birthDate"].as_str().is_some()), (Some("Patient"), true));
        assert!(person["identifier"].is_null() && person["address"].is_null(), "no more than whose record it is: {person}");
        let page = me.get(&format!("/p/{maria}/access-log")).body;
        assert!(page.contains("made or took a file of the record"));
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
        assert!(!make(world));
        let rows = world.wait(take_along::Entity::find().all(&world.state.connection)).expect("rows");
        assert!(rows[0].file.is_none(), "decided when it is made");
        world.state.clock.move_to(None);
        // A server took an order and stopped: a quarter of an hour later another one makes it.
        use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
        let stuck = |minutes: i64| take_along::ActiveModel {
            state: Set(app::features::sharing::model::State::Working),
            claimed_at: Set(Some(chrono::Utc::now() - chrono::TimeDelta::minutes(minutes))),
            ..rows[0].clone().into_active_model()
        };
        world.wait(stuck(14).update(&world.state.connection)).expect("an update");
        assert!(!make(world), "another server may still be at it");
        world.wait(stuck(16).update(&world.state.connection)).expect("an update");
        assert!(make(world));
    });
}

/// Ernesto's daughter does not see what is sensitive: not on pages, and in no file and no document either.
#[test]
fn a_file_holds_no_more_than_its_reader_sees_and_ends_with_the_level_it_was_made_with() {
    on_every_engine(|world| {
        let (ernesto, mine) = (world.patient("Ernesto").to_string(), world.sign_in("ernesto"));
        imported(world, &sensitive_report(world));
        assert!(mine.get(&format!("/p/{ernesto}/results")).body.contains("Prueba de VIH"), "it is his");
        let maria = world.sign_in("maria");
        assert_eq!(order(&maria, &ernesto, &EVERYTHING, &[]), "null");
        assert!(make(world));
        let (_, file) = maria.get_bytes(&address(&maria, &ernesto));
        let text = bundle(file.clone()).to_string();
        let page = String::from_utf8(read(&mut ZipArchive::new(Cursor::new(file)).expect("a zip"), "health-record.html")).expect("UTF-8");
        for words in ["VIH", "HIV", "duelo"] {
            assert!(!text.contains(words) && !page.contains(words), "{words}");
        }
        assert!(page.contains("Sodio"), "what is not sensitive is there");
        // She sees everything for a while: the file of that time is gone as soon as she does not any more.
        let level = |level: AdultLevel| {
            use app::people::proxy_grant;
            use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
            let change = proxy_grant::ActiveModel { level: Set(Some(level)), ..Default::default() };
            let query = proxy_grant::Entity::update_many().set(change);
            let query = query.filter(proxy_grant::Column::PatientId.eq(world.patient("Ernesto")));
            world.wait(query.exec(&world.state.connection)).expect("an update");
        };
        level(AdultLevel::All);
        let maria = world.sign_in("maria");
        assert_eq!(order(&maria, &ernesto, &["results"], &[]), "null");
        assert!(make(world));
        let file = address(&maria, &ernesto);
        let (status, whole) = maria.get_bytes(&file);
        assert!(status == 200 && bundle(whole).to_string().contains("VIH"));
        level(AdultLevel::AllButSensitive);
        let maria = world.sign_in("maria");
        assert_eq!(maria.get_bytes(&file).0, 404);
        assert!(!maria.get(&format!("/p/{ernesto}/take-along")).body.contains(&file), "it is not listed either");
    });
}

fn imported(world: &World, bundle: &Value) {
    let system = app::access::as_system(&world.state.db, "test");
    world.wait(server::fhir::import_bundle(&system, "test", bundle.clone())).expect("imported");
}

/// A report that is sensitive, its value that does not say so itself, and an ordinary report that names the value.
fn sensitive_report(world: &World) -> Value {
    let subject = json!({"reference": format!("Patient/{}", world.reference("Ernesto"))});
    let laboratory = json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}]);
    let value = json!({"resourceType": "Observation", "id": "vih", "status": "final", "subject": subject,
        "category": [{"coding": [{"code": "laboratory"}]}], "code": {"text": "Anticuerpos VIH-1"},
        "effectiveDateTime": "2026-10-01T10:00:00Z", "valueString": "No reactivo"});
    let sodium = json!({"resourceType": "Observation", "id": "na", "status": "final", "subject": subject,
        "category": [{"coding": [{"code": "laboratory"}]}], "code": {"text": "Sodio"},
        "effectiveDateTime": "2026-10-01T10:00:00Z", "valueQuantity": {"value": 140, "unit": "mmol/L"}});
    let report = |id: &str, title: &str, results: Value| {
        json!({"resourceType": "DiagnosticReport", "id": id, "status": "final", "subject": subject, "category": laboratory,
            "code": {"text": title}, "effectiveDateTime": "2026-10-01T10:00:00Z", "result": results})
    };
    let mut closed = report("r-vih", "Prueba de VIH", json!([{"reference": "Observation/vih", "display": "HIV-1"}]));
    closed["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}]});
    let open = report("r-na", "Química", json!([{"reference": "Observation/na"}, {"reference": "Observation/vih", "display": "HIV-1"}]));
    let entries: Vec<Value> = [value, sodium, closed, open].into_iter().map(|resource| json!({ "resource": resource })).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

#[test]
fn what_fails_is_tried_again_and_then_told() {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        assert_eq!(order(&me, &maria, &["allergies"], &[("password", "river plum"), ("repeat", "river plum")]), "null");
        let row = || world.wait(take_along::Entity::find().one(&world.state.connection)).expect("a query").expect("an order");
        // Sealed with another secret, as when a server was started with the wrong file.
        let broken = take_along::ActiveModel { sealed_password: Set(Some(vec![0; 40])), ..row().into_active_model() };
        world.wait(broken.update(&world.state.connection)).expect("an update");
        let told = || letters(world, "maria@example.org").iter().filter(|letter| letter.subject.contains("could not be made")).count();
        for tries in 1..=3 {
            assert!(!make(world), "nothing came of it");
            assert_eq!((row().tries, told()), (tries, usize::from(tries == 3)));
        }
        assert_eq!(row().state, app::features::sharing::model::State::Failed);
        assert!(!make(world) && row().tries == 3, "given up");
        assert!(me.get(&format!("/p/{maria}/take-along")).body.contains("Please make the file again"));
    });
}

#[test]
fn a_second_proxy_finds_none_of_the_firsts_files_and_after_a_week_there_is_none() {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
    on_every_engine(|world| {
        let (ernesto, maria) = (world.patient("Ernesto").to_string(), world.sign_in("maria"));
        assert_eq!(order(&maria, &ernesto, &["allergies"], &[]), "null");
        assert!(make(world));
        let file = address(&maria, &ernesto);
        assert_eq!(world.sign_in("ernesto").get_bytes(&file).0, 404, "whoever ordered it fetches it, and nobody else");
        let row = world.wait(take_along::Entity::find().one(&world.state.connection)).expect("a query").expect("an order");
        let over =
            take_along::ActiveModel { expires_at: Set(chrono::Utc::now() - chrono::TimeDelta::seconds(1)), ..row.into_active_model() };
        world.wait(over.update(&world.state.connection)).expect("an update");
        assert_eq!(maria.get_bytes(&file).0, 404);
        assert!(!make(world));
        world.wait(server::jobs::tidy::once(&world.state)).expect("tidied");
        assert!(world.wait(take_along::Entity::find().all(&world.state.connection)).expect("rows").is_empty(), "deleted");
    });
}

#[test]
fn a_page_of_the_record_is_a_pdf_for_whoever_reads_it() {
    on_every_engine(|world| {
        let (maria, lucas) = (world.patient("Maria").to_string(), world.patient("Lucas").to_string());
        let pdf = |who: &Somebody, patient: &str, section: &str| who.get_bytes(&format!("/files/pdf/{patient}/{section}"));
        assert_eq!(pdf(&world.nobody(), &maria, "allergies").0, 303, "to the sign-in page");
        for stranger in ["daniel", "priya", "ruth"] {
            assert_eq!(pdf(&world.sign_in(stranger), &maria, "allergies").0, 404);
        }
        let me = world.sign_in("maria");
        for section in EVERYTHING {
            assert_eq!(pdf(&me, &lucas, section).0, 404, "nothing of a teen's record: {section}");
        }
        assert_eq!(pdf(&me, &maria, "nothing").0, 404);
        let (status, file) = pdf(&me, &maria, "allergies");
        assert!(status == 200 && file.starts_with(b"%PDF-1.7"));
        assert!(me.get(&format!("/p/{maria}/health/allergies")).body.contains(&format!("/files/pdf/{maria}/allergies")));
    });
}

#[test]
fn a_name_in_any_script_stops_no_file() {
    on_every_engine(|world| {
        let (maria, me) = (world.patient("Maria").to_string(), world.sign_in("maria"));
        for (given, family) in
            [("小雨", "李"), ("ليلى", "الحسيني"), ("अनन्या", "शर्मा"), ("ሰላም", "ተስፋዬ"), ("はな", "山田"), ("👍", "\u{e000}")]
        {
            let row = patient::ActiveModel { given_name: Set(given.into()), family_name: Set(family.into()), ..Default::default() };
            let renamed = patient::Entity::update_many().set(row).filter(patient::Column::Id.eq(world.patient("Maria")));
            world.wait(renamed.exec(&world.state.connection)).expect("renamed");
            let (status, file) = me.get_bytes(&format!("/files/pdf/{maria}/allergies"));
            assert!(status == 200 && file.starts_with(b"%PDF"), "{given}: {status}");
        }
        order(&me, &maria, &["allergies"], &[]);
        assert!(make(world));
        let (status, file) = me.get_bytes(&address(&me, &maria));
        assert_eq!(status, 200);
        let mut zip = ZipArchive::new(Cursor::new(file)).expect("a zip");
        assert!(String::from_utf8(read(&mut zip, "health-record.html")).expect("text").contains('👍'), "the web page says it");
    });
}
