//! How offices answer: leave, kept replies, settings, threads that staff begin, visits by message, and who may do what.

use app::{
    desk::office::entity::{clinician_away, saved_reply},
    features::messages::entity::{e_visit, message, message_thread},
    people::staff_office,
    record::care_team::entity::clinician,
};
use chrono::{TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    accounts::letters,
    messages::recipient,
    world::{Answer, Somebody, World, on_every_engine},
};

fn clinician_named(world: &World, name: &str) -> clinician::Model {
    let found = clinician::Entity::find().filter(clinician::Column::Name.contains(name)).one(&world.state.connection);
    world.wait(found).expect("a query").expect(name)
}

/// The department in which a clinician answers.
fn office_of(world: &World, name: &str) -> Uuid {
    let id = clinician_named(world, name).id;
    let row = staff_office::Entity::find().filter(staff_office::Column::ClinicianId.eq(id)).one(&world.state.connection);
    world.wait(row).expect("a query").expect("an office").department_id
}

fn newest(world: &World) -> message_thread::Model {
    let threads = world.wait(message_thread::Entity::find().all(&world.state.connection)).expect("threads");
    threads.into_iter().max_by_key(|thread| thread.created_at).expect("a thread")
}

fn write(world: &World, to: &str) -> message_thread::Model {
    let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
    let to = recipient(&maria, emma, to);
    let (patient, key) = (emma.to_string(), Uuid::now_v7().to_string());
    let fields = [
        ("patient", &*patient),
        ("sending_key", &key),
        ("topic", "question"),
        ("to", &to),
        ("subject", "A cough"),
        ("body", "She coughs."),
    ];
    assert_eq!(maria.call("messages/send", &fields).status, 200);
    newest(world)
}

fn staff(who: &Somebody<'_>, function: &str, thread: &message_thread::Model, more: &[(&str, &str)]) -> Answer {
    let (patient, id, key) = (thread.patient_id.to_string(), thread.id.to_string(), Uuid::now_v7().to_string());
    let fields = [("patient", &*patient), ("thread", &*id), ("sending_key", &*key)];
    who.call(&format!("messages/{function}"), &[&fields, more].concat())
}

#[test]
fn who_is_away_is_said_before_anybody_writes_and_the_cover_answers() {
    on_every_engine(|world| {
        let (hale, department) = (world.sign_in("hale"), office_of(world, "Hale").to_string());
        let away = clinician_named(world, "Hale").id.to_string();
        let today = Utc::now().date_naive();
        let day = |days: i64| (today + TimeDelta::days(days)).to_string();
        let leave = |who: &Somebody<'_>, from: &str, until: &str, cover: &str| {
            who.call(
                "offices/add-leave",
                &[("department", &department), ("clinician", &away), ("from", from), ("until", until), ("cover", cover)],
            )
        };
        for stranger in ["torres", "maria", "priya"] {
            assert_eq!(leave(&world.sign_in(stranger), &day(0), &day(3), "").body, "\"NotFound\"", "{stranger}");
        }
        assert!(leave(&hale, &day(3), &day(1), "").body.contains("offices_why_ends_before"));
        assert!(leave(&hale, &day(-9), &day(-3), "").body.contains("why_not_future"));
        assert!(leave(&hale, "x", "", &away).body.contains("offices_why_covers_themselves"));
        assert!(leave(&hale, &day(0), &day(3), &Uuid::nil().to_string()).body.contains("\"cover\""));
        assert_eq!(leave(&hale, &day(-1), &day(3), "").status, 200);
        let emma = world.patient("Emma");
        let page = world.sign_in("maria").get(&format!("/p/{emma}/messages/new")).body;
        assert!(page.contains("Away until") && page.contains("the office answers"), "{page}");
        // A thread to whoever is away is also on the shelf of the clinician who covers.
        let cover = clinician_named(world, "Torres").id;
        let row = clinician_away::ActiveModel {
            id: sea_orm::ActiveValue::Set(Uuid::now_v7()),
            clinician_id: sea_orm::ActiveValue::Set(clinician_named(world, "Hale").id),
            from_on: sea_orm::ActiveValue::Set(today - TimeDelta::days(1)),
            until_on: sea_orm::ActiveValue::Set(today + TimeDelta::days(9)),
            cover_id: sea_orm::ActiveValue::Set(Some(cover)),
        };
        world.wait(clinician_away::Entity::insert(row).exec(&world.state.connection)).expect("a row");
        let page = world.sign_in("maria").get(&format!("/p/{emma}/messages/new")).body;
        assert!(page.contains("Miguel Torres, MD answers"), "of several the longest counts: {page}");
        let office = staff_office::ActiveModel {
            account_id: sea_orm::ActiveValue::Set(account(world, "torres")),
            department_id: sea_orm::ActiveValue::Set(office_of(world, "Hale")),
            clinician_id: sea_orm::ActiveValue::Set(Some(cover)),
            supervisor: sea_orm::ActiveValue::Set(false),
        };
        world.wait(staff_office::Entity::insert(office).exec_without_returning(&world.state.connection)).expect("a row");
        let thread = write(world, "Susan Hale");
        let torres = world.sign_in("torres");
        assert!(torres.get("/staff/messages?shelf=mine").body.contains("Emma Rivera: A cough"));
        let own = world.sign_in("maria").get(&format!("/p/{emma}/messages/{}", thread.id)).body;
        assert!(own.contains("Miguel Torres, MD answers"));
        let rows = world.wait(clinician_away::Entity::find().all(&world.state.connection)).expect("rows");
        let mine = rows.iter().find(|row| row.cover_id.is_none()).expect("the first").id.to_string();
        assert_eq!(world.sign_in("priya").call("offices/end-leave", &[("department", &department), ("id", &mine)]).body, "\"NotFound\"");
        assert_eq!(hale.call("offices/end-leave", &[("department", &department), ("id", &mine)]).status, 200);
    });
}

fn account(world: &World, username: &str) -> Uuid {
    use app::people::account::{Column, Entity};
    world.wait(Entity::find().filter(Column::Username.eq(username)).one(&world.state.connection)).expect("a query").expect("an account").id
}

#[test]
fn kept_replies_stand_in_the_answer_in_the_patients_language() {
    on_every_engine(|world| {
        let (nora, department) = (world.sign_in("nora"), office_of(world, "Torres").to_string());
        let keep = |who: &Somebody<'_>, id: &str, title: &str, spanish: &str| {
            let fields = [("department", &*department), ("id", id), ("title", title), ("english", "Please rest."), ("spanish", spanish)];
            who.call("offices/keep-reply", &fields)
        };
        assert_eq!(keep(&world.sign_in("hale"), "", "Rest", "Descanse.").body, "\"NotFound\"", "another department");
        assert!(keep(&nora, "", "Rest", " ").body.contains("\"spanish\""));
        assert_eq!(keep(&nora, "", "Rest", "Descanse.").status, 200);
        let kept = world
            .wait(saved_reply::Entity::find().all(&world.state.connection))
            .expect("replies")
            .into_iter()
            .find(|kept| kept.title == "Rest")
            .expect("kept");
        assert_eq!(keep(&nora, &kept.id.to_string(), "Rest well", "Descanse, por favor.").status, 200);
        // Ernesto reads Spanish, and Emma English.
        let threads = world.wait(message_thread::Entity::find().all(&world.state.connection)).expect("threads");
        let his = threads.iter().find(|thread| thread.patient_id == world.patient("Ernesto")).expect("a thread");
        let department_of_his = his.department_id.to_string();
        let page = nora.get(&format!("/staff/messages/{}?reply={}", his.id, kept.id)).body;
        let mine = department_of_his == department;
        assert_eq!(page.contains("Descanse, por favor."), mine, "only of its own department");
        let page = nora.get(&format!("/staff/messages/{}?reply=visit", his.id)).body;
        assert!(page.contains("Para esto nos gustaría verle"), "{page}");
        let others = world.sign_in("hale").call("offices/delete-reply", &[("department", &department), ("id", &kept.id.to_string())]);
        assert_eq!(others.body, "\"NotFound\"");
        assert_eq!(nora.call("offices/delete-reply", &[("department", &department), ("id", &kept.id.to_string())]).status, 200);
    });
}

#[test]
fn a_supervisor_says_by_when_an_office_answers() {
    on_every_engine(|world| {
        let department = office_of(world, "Hale").to_string();
        let change = |who: &Somebody<'_>, days: &str, price: &str| {
            let fields = [
                ("department", &*department),
                ("reply_days", days),
                ("e_visit_price", price),
                ("refill_days", "2"),
                ("refill_percent", "50"),
                ("sensitive", "false"),
            ];
            who.call("offices/change", &fields)
        };
        assert_eq!(change(&world.sign_in("hale"), "1", "").body, "\"NotFound\"", "no supervisor");
        let nora = world.sign_in("nora");
        for (days, price, field) in
            [("0", "", "reply_days"), ("11", "", "reply_days"), ("x", "", "reply_days"), ("1", "free", "e_visit_price")]
        {
            assert!(change(&nora, days, price).body.contains(&format!("\"{field}\"")), "{days} {price}");
        }
        let due = |world: &World| write(world, "Susan Hale").due_at.expect("due");
        let before = due(world);
        assert_eq!(change(&nora, "1", "40.50").status, 200);
        assert!(due(world) < before, "an answer is due earlier");
        assert!(nora.get("/staff/office").body.contains("value=\"40.50\""));
        assert!(nora.get("/staff/messages").body.contains("Overdue"), "a supervisor sees first what is overdue");
    });
}

#[test]
fn staff_begin_a_thread_with_whom_they_know_and_the_patient_can_answer() {
    on_every_engine(|world| {
        let emma = world.patient("Emma");
        let department = office_of(world, "Hale").to_string();
        let start = |who: &Somebody<'_>, patient: Uuid, department: &str, key: &str| {
            let patient = patient.to_string();
            let fields = [
                ("patient", &*patient),
                ("sending_key", key),
                ("department", department),
                ("subject", "Her vaccine"),
                ("reply", "It is due."),
            ];
            who.call("messages/start", &fields)
        };
        let (hale, dana) = (world.sign_in("hale"), world.sign_in("priya"));
        for stranger in ["maria", "marcus", "torres"] {
            assert_eq!(start(&world.sign_in(stranger), emma, &department, &Uuid::now_v7().to_string()).body, "\"NotFound\"", "{stranger}");
        }
        assert_eq!(start(&hale, world.patient("Ernesto"), &department, &Uuid::now_v7().to_string()).body, "\"NotFound\"", "nobody of hers");
        assert_eq!(hale.get(&format!("/staff/messages/new/{}", world.patient("Ernesto"))).status, 404);
        assert!(!hale.get("/staff/messages/new?q=ernesto").body.contains("Write to Ernesto"));
        assert!(hale.get("/staff/messages/new?q=emma").body.contains("Write to Emma"));
        let key = Uuid::now_v7().to_string();
        let count = |world: &World| world.wait(message_thread::Entity::find().count(&world.state.connection)).expect("a count");
        let before = count(world);
        assert_eq!(start(&hale, emma, &department, &key).status, 200);
        assert_eq!(start(&hale, emma, &department, &key).status, 200);
        assert_eq!(count(world), before + 1, "once");
        let (patient, other) = (emma.to_string(), [("reply", "Other words"), ("subject", "Her vaccine")]);
        let again = [&[("patient", &*patient), ("sending_key", &*key), ("department", &*department)][..], &other].concat();
        assert!(hale.call("messages/start", &again).body.contains("why_already_done"), "words that are not there were not sent");
        let (thread, maria) = (newest(world), world.sign_in("maria"));
        let page = maria.get(&format!("/p/{emma}/messages/{}", thread.id)).body;
        assert!(page.contains("It is due.") && page.contains("messages/answer"), "{page}");
        assert_eq!(letters(world, "maria@example.org").len(), 1);
        let key = Uuid::now_v7().to_string();
        let answer = maria.call(
            "messages/answer",
            &[("patient", &emma.to_string()), ("thread", &thread.id.to_string()), ("sending_key", &key), ("body", "We come.")],
        );
        assert_eq!(answer.status, 200);
        assert!(hale.get("/staff/messages?shelf=mine").body.contains("Her vaccine"), "the answer is whose question it was");

        // The front desk writes to everybody who has an account; it opens no message.
        let ernesto = world.patient("Ernesto");
        let threads = world.wait(message_thread::Entity::find().all(&world.state.connection)).expect("threads");
        let known = threads.iter().find(|thread| thread.patient_id == ernesto).expect("his").department_id.to_string();
        let refused = start(&dana, ernesto, &department, &Uuid::now_v7().to_string());
        assert!(refused.body.contains("\"department\""), "pediatrics does not know him: {}", refused.body);
        assert_eq!(start(&dana, ernesto, &known, &Uuid::now_v7().to_string()).status, 200);
        assert_eq!(dana.get(&format!("/staff/messages/{}", newest(world).id)).status, 404);
        let his = world.sign_in("ernesto").get(&format!("/p/{ernesto}/messages/{}", newest(world).id)).body;
        assert!(his.contains("It is due.") && his.contains("messages/answer"));
        // Nobody reads what is written to whoever has no account and nobody for them.
        assert!(start(&hale, emma, "", &Uuid::now_v7().to_string()).body.contains("\"department\""));
    });
}

#[test]
fn what_needs_no_answer_leaves_the_shelf_and_the_patient_may_go_on() {
    on_every_engine(|world| {
        let (thread, hale, maria) = (write(world, "Susan Hale"), world.sign_in("hale"), world.sign_in("maria"));
        let torres = world.sign_in("torres");
        assert_eq!(staff(&torres, "no-answer-needed", &thread, &[]).body, "\"NotFound\"");
        for wrong in ["", " ", &"x".repeat(4001)] {
            assert!(staff(&hale, "no-answer-needed", &thread, &[("words", wrong)]).body.contains("\"words\""), "a last word");
        }
        assert_eq!(staff(&hale, "no-answer-needed", &thread, &[("words", "You are welcome.")]).status, 200);
        assert!(!hale.get("/staff/messages?shelf=mine").body.contains("A cough"));
        let page = maria.get(&format!("/p/{}/messages/{}", thread.patient_id, thread.id)).body;
        assert!(page.contains("You are welcome.") && page.contains("No answer needed") && page.contains("messages/answer"), "{page}");
        let key = Uuid::now_v7().to_string();
        let (patient, id) = (thread.patient_id.to_string(), thread.id.to_string());
        assert_eq!(
            maria.call("messages/answer", &[("patient", &patient), ("thread", &id), ("sending_key", &key), ("body", "One more")]).status,
            200
        );
        assert!(hale.get("/staff/messages?shelf=mine").body.contains("A cough"), "it waits again");
    });
}

#[test]
fn whoever_mutes_a_thread_gets_no_letter_about_it() {
    on_every_engine(|world| {
        let (thread, hale, maria) = (write(world, "Susan Hale"), world.sign_in("hale"), world.sign_in("maria"));
        let mute = |who: &Somebody<'_>, muted: &str| {
            who.call("messages/mute", &[("patient", &thread.patient_id.to_string()), ("thread", &thread.id.to_string()), ("muted", muted)])
        };
        assert_eq!(mute(&world.sign_in("carlos"), "true").body, "\"NotFound\"");
        assert_eq!(mute(&maria, "true").status, 200);
        assert_eq!(mute(&maria, "true").status, 200, "twice is once");
        assert_eq!(staff(&hale, "answer-as-staff", &thread, &[("reply", "Rest")]).status, 200);
        assert!(letters(world, "maria@example.org").is_empty());
        assert_eq!(mute(&maria, "").status, 200);
        assert_eq!(staff(&hale, "answer-as-staff", &thread, &[("reply", "And tea")]).status, 200);
        assert_eq!(letters(world, "maria@example.org").len(), 1);
    });
}

#[test]
fn nothing_is_owed_for_a_visit_by_message_until_the_patient_accepts_the_price_they_read() {
    on_every_engine(|world| {
        let (thread, hale, maria) = (write(world, "Susan Hale"), world.sign_in("hale"), world.sign_in("maria"));
        let offer =
            |who: &Somebody<'_>, price: &str, reason: &str| staff(who, "offer-e-visit", &thread, &[("price", price), ("reason", reason)]);
        assert_eq!(offer(&world.sign_in("nora"), "40", "x").body, "\"NotFound\"", "a nurse offers none");
        assert_eq!(offer(&world.sign_in("torres"), "40", "x").body, "\"NotFound\"");
        for (price, reason, field) in
            [("", "x", "price"), ("-4", "x", "price"), ("0", "x", "price"), ("900", "x", "price"), ("40", " ", "reason")]
        {
            assert!(offer(&hale, price, reason).body.contains(&format!("\"{field}\"")), "{price} {reason}");
        }
        assert_eq!(offer(&hale, "$40.50", "The pictures need a careful look.").status, 200);
        let page = maria.get(&format!("/p/{}/messages/{}", thread.patient_id, thread.id)).body;
        assert!(page.contains("Nothing is owed unless you accept") && page.contains("e-visit"), "{page}");
        let asked = maria.get(&format!("/p/{}/messages/{}/e-visit", thread.patient_id, thread.id)).body;
        for words in ["$40.50", "The pictures need a careful look.", "Declining costs nothing", "90 days", "less than 5 minutes"] {
            assert!(asked.contains(words), "{words}: {asked}");
        }
        let decide = |who: &Somebody<'_>, price: &str, accepted: &str| {
            let (patient, id) = (thread.patient_id.to_string(), thread.id.to_string());
            who.call("messages/decide-e-visit", &[("patient", &patient), ("thread", &id), ("price", price), ("accepted", accepted)])
        };
        assert_eq!(decide(&world.sign_in("carlos"), "4050", "true").body, "\"NotFound\"");
        assert!(decide(&maria, "100", "true").body.contains("messages_why_other_price"), "another price than the one that stands there");
        let stored = |world: &World| {
            world.wait(e_visit::Entity::find_by_id(thread.id).one(&world.state.connection)).expect("a query").expect("an offer")
        };
        assert_eq!(stored(world).accepted, None);
        assert!(decide(&maria, "4050", "zz").body.contains("why_missing"));
        assert_eq!(decide(&maria, "4050", "false").status, 200);
        assert_eq!(stored(world).accepted, Some(false));
        // Another offer asks anew; what is accepted stays as it was accepted.
        assert_eq!(offer(&hale, "30", "Only the pictures.").status, 200);
        assert!(decide(&maria, "4050", "true").body.contains("messages_why_other_price"));
        assert_eq!(decide(&maria, "3000", "true").status, 200);
        assert!(offer(&hale, "99", "More").body.contains("why_already_done"));
        assert_eq!((stored(world).price_cents, stored(world).accepted), (3000, Some(true)));
        assert!(hale.get(&format!("/staff/messages/{}", thread.id)).body.contains("Accepted for $30.00"));
        let words = world.wait(message::Entity::find().filter(message::Column::ThreadId.eq(thread.id)).count(&world.state.connection));
        assert_eq!(words.expect("a count"), 1, "no message of its own");
    });
}
