//! What the home page tells beside what needs somebody: the newest messages and results of everybody one cares for.

use app::{
    access::as_system,
    features::messages::entity::{message, message_opened, message_thread},
    people::{patient, proxy_grant, relation::AdultLevel},
};
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    messages::recipient,
    world::{Somebody, World, on_every_engine},
};

/// A laboratory report of somebody, taken some days ago.
fn reported(world: &World, given_name: &str, title: &str, days: i64, sensitive: bool) {
    let at = (world.state.clock.now().instant - TimeDelta::days(days)).to_rfc3339();
    let mut report = json!({"resourceType": "DiagnosticReport", "id": title.replace(' ', "-"), "status": "final",
        "subject": {"reference": format!("Patient/{}", world.reference(given_name))}, "code": {"text": title},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}],
        "conclusion": "As expected", "effectiveDateTime": at, "issued": at});
    if sensitive {
        report["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}]});
    }
    let bundle: Value = json!({"resourceType": "Bundle", "type": "collection", "entry": [{ "resource": report }]});
    world.wait(server::fhir::import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
}

/// The list of what is new, as it stands on the page.
fn news(who: &Somebody<'_>) -> String {
    let page = who.get("/home").body;
    page.split("id=\"newest\"").nth(1).and_then(|part| part.split("</section>").next()).unwrap_or_default().to_owned()
}

fn write(who: &Somebody<'_>, chart: Uuid, to: &str, subject: &str) {
    let (patient, key) = (chart.to_string(), Uuid::now_v7().to_string());
    let fields =
        [("patient", &*patient), ("sending_key", &*key), ("topic", "question"), ("to", to), ("subject", subject), ("body", "A question")];
    assert_eq!(who.call("messages/send", &fields).status, 200);
}

fn thread(world: &World, subject: &str) -> message_thread::Model {
    let query = message_thread::Entity::find().filter(message_thread::Column::Subject.eq(subject));
    world.wait(query.one(&world.state.connection)).expect("a query").expect("a thread")
}

#[test]
fn the_newest_messages_and_results_of_everybody_stand_there_tagged_and_nothing_of_a_teen() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        reported(world, "Emma", "Lead in blood", 1, false);
        reported(world, "Maria", "Iron studies", 2, false);
        reported(world, "Maria", "Long ago", 90, false);
        reported(world, "Lucas", "Mononucleosis", 1, false);
        reported(world, "Sofia", "Somebody elses", 1, false);
        write(&maria, emma, &recipient(&maria, emma, "Susan Hale"), "A rash on both arms");
        let list = news(&maria);
        for words in ["Lead in blood", "Iron studies", "A rash on both arms", "Emma", "Maria"] {
            assert!(list.contains(words), "{words}: {list}");
        }
        assert!(list.contains(&format!("/p/{emma}/results/")) && list.contains(&format!("/p/{emma}/messages/")), "{list}");
        for words in ["Long ago", "Mononucleosis", "Somebody elses", "Lucas"] {
            assert!(!list.contains(words), "{words}: {list}");
        }
        assert!(list.find("A rash").expect("there") < list.find("Lead in").expect("there"), "the newest first: {list}");
        // Whoever was let see the schedule alone is told of neither.
        reported(world, "Sofia", "Thyroid panel", 1, false);
        assert!(!world.sign_in("carlos").get("/home").body.contains("Thyroid panel"));
    });
}

#[test]
fn what_is_sensitive_or_waits_is_not_told_as_new() {
    on_every_engine(|world| {
        let (ernesto, maria) = (world.patient("Ernesto"), world.sign_in("maria"));
        let level = |level: AdultLevel| {
            let change = proxy_grant::Entity::update_many()
                .set(proxy_grant::ActiveModel { level: Set(Some(level)), ..Default::default() })
                .filter(proxy_grant::Column::PatientId.eq(ernesto));
            world.wait(change.exec(&world.state.connection)).expect("changed");
        };
        reported(world, "Ernesto", "Antibodies", 1, true);
        reported(world, "Ernesto", "Blood count", 1, false);
        level(AdultLevel::All);
        assert!(news(&maria).contains("Antibodies") && news(&maria).contains("Blood count"));
        level(AdultLevel::AllButSensitive);
        let list = news(&maria);
        assert!(!list.contains("Antibodies") && list.contains("Blood count"), "{list}");

        let (own, me) = (world.patient("Maria").to_string(), &maria);
        let choose = |laboratory: &str| {
            let fields = [("patient", &*own), ("laboratory", laboratory), ("imaging", "now"), ("pathology", "now"), ("other", "now")];
            assert_eq!(me.call("results/choose-timing", &fields).status, 200);
        };
        reported(world, "Maria", "Ferritin", 0, false);
        assert!(news(me).contains("Ferritin"));
        choose("comment");
        let list = news(me);
        assert!(!list.contains("Ferritin"), "it waits for a word: {list}");
        assert!(list.contains("Blood count"), "her father's do not: {list}");
    });
}

#[test]
fn an_answer_needs_somebody_until_it_is_read_and_is_then_told_as_new() {
    on_every_engine(|world| {
        let (maria, hale, emma) = (world.sign_in("maria"), world.sign_in("hale"), world.patient("Emma"));
        write(&maria, emma, &recipient(&maria, emma, "Susan Hale"), "Shots for school");
        let thread = thread(world, "Shots for school");
        let (patient, id, key) = (emma.to_string(), thread.id.to_string(), Uuid::now_v7().to_string());
        let fields = [("patient", &*patient), ("thread", &*id), ("sending_key", &*key), ("reply", "She has them all.")];
        assert_eq!(hale.call("messages/answer-as-staff", &fields).status, 200);
        let home = maria.get("/home").body;
        assert!(home.contains("Shots for school") && !news(&maria).contains("Shots for school"), "said once");
        assert_eq!(maria.get(&format!("/p/{emma}/messages/{id}")).status, 200);
        assert!(news(&maria).contains("Shots for school"));
    });
}

#[test]
fn what_was_written_under_a_record_that_went_into_another_is_told_with_that() {
    on_every_engine(|world| {
        let (maria, own, emma) = (world.sign_in("maria"), world.patient("Maria"), world.patient("Emma"));
        write(&maria, emma, &recipient(&maria, emma, "Susan Hale"), "Written before");
        let thread = thread(world, "Written before");
        // Another chart of the same person, which goes into hers.
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient",
            "id": "maria-twice", "name": [{"given": ["Mariatwice"], "family": "Rivera"}], "birthDate": "1986-03-04"}}]});
        world.wait(server::fhir::import_bundle(&as_system(&world.state.db, "test"), "elsewhere", bundle)).expect("imported");
        let other = world.patient("Mariatwice");
        world.wait(async {
            let db = &world.state.connection;
            let gone = patient::ActiveModel { merged_into: Set(Some(own)), ..Default::default() };
            patient::Entity::update_many().set(gone).filter(patient::Column::Id.eq(other)).exec(db).await.expect("merged");
            let moved = message_thread::ActiveModel { patient_id: Set(other), ..Default::default() };
            message_thread::Entity::update_many()
                .set(moved)
                .filter(message_thread::Column::Id.eq(thread.id))
                .exec(db)
                .await
                .expect("moved");
            let unread = message::ActiveModel {
                id: Set(Uuid::now_v7()),
                thread_id: Set(thread.id),
                side: Set(app::features::messages::model::Side::Staff),
                author: Set("Dr. Susan Hale".into()),
                internal: Set(false),
                body: Set("An answer".into()),
                sent_at: Set(world.state.clock.now().instant),
                sending_key: Set(Uuid::now_v7()),
                danger_confirmed: Set(false),
                ..Default::default()
            };
            message::Entity::insert(unread).exec_without_returning(db).await.expect("written");
        });
        let home = maria.get("/home").body;
        assert!(home.contains(&format!("/p/{own}/messages/{}", thread.id)), "it needs her, in her own chart: {home}");
        assert_eq!(maria.get(&format!("/p/{own}/messages/{}", thread.id)).status, 200);
        let opened = message_opened::Entity::find().filter(message_opened::Column::Name.eq("Maria Rivera"));
        assert!(!world.wait(opened.all(&world.state.connection)).expect("a query").is_empty());
        assert!(news(&maria).contains("Written before"));
    });
}
