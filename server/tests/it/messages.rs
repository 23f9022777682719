//! Messages: who may read and write them, that nothing is lost or sent twice, and what staff see of whom.

use app::features::messages::entity::{message, message_thread};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    teen_wall::everything,
    world::{Answer, Somebody, World, on_every_engine},
};

/// The key of a recipient whose name begins so, as the form offers it.
pub fn recipient(who: &Somebody, patient: Uuid, name: &str) -> String {
    let page = who.get(&format!("/p/{patient}/messages/new")).body;
    let options = page.split("<option value=\"").skip(1).filter_map(|part| part.split_once('"'));
    let found = options.filter(|(_, words)| words.split('>').nth(1).is_some_and(|words| words.starts_with(name)));
    let keys: Vec<&str> = found.map(|(key, _)| key).collect();
    (*keys.first().unwrap_or_else(|| panic!("{name} is not offered"))).to_owned()
}

fn send(who: &Somebody, patient: Uuid, to: &str, body: &str, key: Uuid) -> Answer {
    let (patient, key) = (patient.to_string(), key.to_string());
    let fields = [("patient", &*patient), ("sending_key", &key), ("topic", "question"), ("to", to), ("subject", "A cough"), ("body", body)];
    who.call("messages/send", &fields)
}

fn threads(world: &World) -> Vec<message_thread::Model> {
    world.wait(message_thread::Entity::find().all(&world.state.connection)).expect("threads")
}

/// Emma's mother writes to the pediatrician.
fn begun(world: &World) -> message_thread::Model {
    let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
    let before: Vec<Uuid> = threads(world).into_iter().map(|thread| thread.id).collect();
    let to = recipient(&maria, emma, "Susan Hale");
    let sent = send(&maria, emma, &to, "Emma coughs at night.\nShould she stay at home?", Uuid::now_v7());
    assert_eq!(sent.status, 200, "{}", sent.body);
    threads(world).into_iter().find(|thread| !before.contains(&thread.id)).expect("a thread")
}

fn staff(who: &Somebody, function: &str, thread: &message_thread::Model, more: &[(&str, &str)]) -> Answer {
    let (patient, id, key) = (thread.patient_id.to_string(), thread.id.to_string(), Uuid::now_v7().to_string());
    let fields = [("patient", &*patient), ("thread", &*id), ("sending_key", &*key)];
    who.call(&format!("messages/{function}"), &[&fields, more].concat())
}

#[test]
fn a_parent_writes_about_a_child_the_clinician_answers_and_each_sees_what_is_theirs() {
    on_every_engine(|world| {
        let thread = begun(world);
        let (maria, hale) = (world.sign_in("maria"), world.sign_in("hale"));
        let page = format!("/p/{}/messages/{}", thread.patient_id, thread.id);
        let told = maria.get(&page).body;
        for words in ["Emma coughs at night.", "Maria Rivera for Emma", "Waits for an answer", "Answer by"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert!(!told.contains("Opened by"));
        assert!(hale.get("/staff/messages?shelf=mine").body.contains("Emma Rivera: A cough"));
        let inside = hale.get(&format!("/staff/messages/{}", thread.id)).body;
        assert!(inside.contains("Maria Rivera for Emma") && inside.contains("Should she stay at home?"), "{inside}");
        assert!(maria.get(&page).body.contains("Opened by Dr. Susan Hale"), "who has opened it");

        assert_eq!(staff(&hale, "add-note", &thread, &[("note", "Third cough this winter: xylophone")]).status, 200);
        assert!(staff(&hale, "answer-as-staff", &thread, &[("reply", " ")]).body.contains("\"reply\""));
        assert_eq!(staff(&hale, "answer-as-staff", &thread, &[("reply", "Until the fever is gone.")]).status, 200);
        let list = maria.get(&format!("/p/{}/messages", thread.patient_id)).body;
        assert!(list.contains("New answer"), "{list}");
        let told = maria.get(&page).body;
        assert!(told.contains("Until the fever is gone.") && told.contains("Answered") && !told.contains("xylophone"), "{told}");
        assert!(!maria.get(&format!("/p/{}/messages", thread.patient_id)).body.contains("New answer"), "it was opened");
        let letter = crate::accounts::letters(world, "maria@example.org").remove(0);
        assert!(letter.text.contains("new message") && !letter.text.contains("fever") && !letter.text.contains("Emma"), "{}", letter.text);
        // Nobody else finds it, by words either.
        assert!(!maria.get(&format!("/p/{}/messages?q=xylophone", thread.patient_id)).body.contains("A cough"));
        for (words, found) in [("FEVER", true), ("a+COUGH", true), ("100%25", false), ("co_gh", false)] {
            let page = maria.get(&format!("/p/{}/messages?q={words}", thread.patient_id)).body;
            assert_eq!(page.contains("Open: A cough"), found, "{words}");
        }
    });
}

/// Every server function and every page, as the patient's side asks them.
#[test]
fn a_note_of_the_staff_stands_in_no_answer_to_the_patients_side() {
    on_every_engine(|world| {
        let thread = begun(world);
        let (maria, hale) = (world.sign_in("maria"), world.sign_in("hale"));
        assert_eq!(staff(&hale, "add-note", &thread, &[("note", "Third cough this winter: xylophone")]).status, 200);
        let page = format!("/staff/messages/{}", thread.id);
        assert!(hale.get(&page).body.contains("xylophone"), "the search can find it");
        let answers = everything(world, &maria, "Emma", thread.id);
        assert!(answers.iter().any(|(_, body)| body.contains("Should she stay at home?")), "the thread is among them");
        for (asked, body) in answers {
            assert!(!body.contains("xylophone"), "{asked}");
        }
    });
}

#[test]
fn strangers_teens_and_other_departments_see_nothing() {
    on_every_engine(|world| {
        let thread = begun(world);
        let emma = thread.patient_id;
        for who in ["sofia", "carlos", "daniel"] {
            let somebody = world.sign_in(who);
            assert_eq!(somebody.get(&format!("/p/{emma}/messages/{}", thread.id)).status, 404, "{who}");
            assert_eq!(send(&somebody, emma, "office:x", "Hello", Uuid::now_v7()).body, "\"NotFound\"", "{who}");
            assert_eq!(staff(&somebody, "answer-as-staff", &thread, &[("reply", "x")]).body, "\"NotFound\"", "{who}");
        }
        // Who was let see the schedule alone reads no message.
        let sofia = world.patient("Sofia");
        let carlos = world.sign_in("carlos");
        assert_eq!(carlos.get(&format!("/p/{sofia}/messages")).status, 404);
        assert_eq!(send(&carlos, sofia, "office:x", "Hello", Uuid::now_v7()).body, "\"NotAllowed\"");
        assert!(!carlos.get(&format!("/p/{sofia}/visits")).body.contains("/messages"), "no way leads there");
        // A teen's messages are the teen's alone.
        let lucas = world.patient("Lucas");
        let maria = world.sign_in("maria");
        assert_eq!(maria.get(&format!("/p/{lucas}/messages")).status, 404);
        assert_eq!(send(&maria, lucas, "office:x", "Hello", Uuid::now_v7()).body, "\"NotAllowed\"");
        // A thread of one chart is not found in another.
        assert_eq!(maria.get(&format!("/p/{}/messages/{}", world.patient("Maria"), thread.id)).status, 404);
        // Staff of other departments, and of other roles.
        for who in ["torres", "priya", "marcus", "ruth", "dana"] {
            let somebody = world.sign_in(who);
            assert_eq!(somebody.get(&format!("/staff/messages/{}", thread.id)).status, 404, "{who}");
            for function in ["answer-as-staff", "add-note", "hand-over", "close", "mark-sensitive"] {
                let answer = staff(&somebody, function, &thread, &[("reply", "x"), ("note", "x"), ("to", &emma.to_string())]);
                assert_eq!(answer.body, "\"NotFound\"", "{who} {function}");
            }
        }
        assert_eq!(world.sign_in("priya").get("/staff/messages").status, 404);
        let messages = message::Entity::find().filter(message::Column::ThreadId.eq(thread.id)).count(&world.state.connection);
        assert_eq!(world.wait(messages).expect("a count"), 1);
    });
}

#[test]
fn what_is_refused_is_named_at_its_field_and_what_is_sent_twice_is_one_message() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let patient = emma.to_string();
        let before = threads(world).len();
        let nothing = maria.call("messages/send", &[("patient", &patient), ("sending_key", &Uuid::now_v7().to_string())]).body;
        for field in ["topic", "to", "subject", "body"] {
            assert!(nothing.contains(&format!("\"{field}\"")), "{field}: {nothing}");
        }
        let to = recipient(&maria, emma, "Susan Hale");
        let long = "x".repeat(4001);
        assert!(send(&maria, emma, &to, &long, Uuid::now_v7()).body.contains("why_too_long"));
        assert!(send(&maria, emma, "office:nobody", "Hello", Uuid::now_v7()).body.contains("messages_why_no_recipient"));
        assert_eq!(threads(world).len(), before);

        let key = Uuid::now_v7();
        assert_eq!(send(&maria, emma, &to, "Once", key).status, 200);
        assert_eq!(send(&maria, emma, &to, "Once", key).status, 200);
        assert_eq!(threads(world).len(), before + 1, "double click");
        // Of another chart, or of another thread, it sends nothing and says so.
        let own_chart = world.patient("Maria");
        let elsewhere = send(&maria, own_chart, &recipient(&maria, own_chart, "Family Medicine"), "Elsewhere", key);
        assert!(elsewhere.body.contains("why_already_done"), "{}", elsewhere.body);
        for page in ["461168601842738792", "18446744073709551615", "0", "x"] {
            assert_eq!(maria.get(&format!("/p/{emma}/messages?page={page}")).status, 200, "{page}");
            assert_eq!(world.sign_in("priya").get(&format!("/staff/patients?query=e&page={page}")).status, 200, "{page}");
        }
        // Somebody else's key is no way to their thread.
        let ernesto = world.sign_in("ernesto");
        let own = world.patient("Ernesto");
        let refused = send(&ernesto, own, &recipient(&ernesto, own, "Cardiology"), "Mine", key);
        assert!(refused.body.contains("why_already_done"), "{}", refused.body);
        assert_eq!(threads(world).len(), before + 1);
    });
}

#[test]
fn nobody_floods_an_office() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let to = recipient(&maria, emma, "Susan Hale");
        let answers: Vec<Answer> = (0..61).map(|number| send(&maria, emma, &to, &format!("Number {number}"), Uuid::now_v7())).collect();
        assert!(answers[..59].iter().all(|answer| answer.status == 200));
        assert!(answers[60].body.contains("TooManyTries"), "{}", answers[60].body);
        let ernesto = world.sign_in("ernesto");
        let own = world.patient("Ernesto");
        assert_eq!(send(&ernesto, own, &recipient(&ernesto, own, "Cardiology"), "Mine", Uuid::now_v7()).status, 200, "others do");
    });
}

#[test]
fn words_of_danger_hold_a_message_up_once() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let to = recipient(&maria, emma, "Susan Hale");
        let (patient, key) = (emma.to_string(), Uuid::now_v7().to_string());
        let fields = [
            ("patient", &*patient),
            ("sending_key", &*key),
            ("topic", "question"),
            ("to", &*to),
            ("subject", "Tonight"),
            ("body", "She can’t breathe well <b>"),
        ];
        let refused = maria.submit(&format!("/api/messages/send?again=/p/{emma}/messages/new"), &fields);
        let page = maria.with_cookies_of(&refused).get(&format!("/p/{emma}/messages/new?again=1")).body;
        for words in ["Call 911 now", "It is not an emergency", "She can’t breathe well &lt;b&gt;", &key] {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains("text 988"));
        // Nobody reads first that it is no emergency.
        let summary = page.split("error-summary").nth(1).and_then(|part| part.split("</div>").next()).expect("a summary");
        assert!(summary.contains("Your message: It may be about an emergency") && !summary.contains("not an emergency"), "{summary}");
        let before = threads(world).len();
        assert_eq!(maria.call("messages/send", &[&fields[..], &[("danger_confirmed", "true")]].concat()).status, 200);
        assert_eq!(threads(world).len(), before + 1);
        let confirmed = message::Entity::find().filter(message::Column::DangerConfirmed.eq(true)).count(&world.state.connection);
        assert_eq!(world.wait(confirmed).expect("a count"), 1);
    });
}

#[test]
fn a_thread_that_takes_no_answer_says_so_before_anybody_types() {
    on_every_engine(|world| {
        let thread = begun(world);
        let (maria, hale) = (world.sign_in("maria"), world.sign_in("hale"));
        let page = format!("/p/{}/messages/{}", thread.patient_id, thread.id);
        let (patient, id) = (thread.patient_id.to_string(), thread.id.to_string());
        let answer = || {
            let key = Uuid::now_v7().to_string();
            maria.call("messages/answer", &[("patient", &patient), ("thread", &id), ("sending_key", &key), ("body", "And now?")])
        };
        assert_eq!(answer().status, 200);
        assert_eq!(staff(&hale, "close", &thread, &[]).status, 200);
        let closed = maria.get(&page).body;
        assert!(closed.contains("takes no answers") && closed.contains("Call 860") && !closed.contains("messages/answer"), "{closed}");
        assert!(answer().body.contains("messages_why_closed"));
        // What staff write opens the way back.
        assert_eq!(staff(&hale, "answer-as-staff", &thread, &[("reply", "One thing more")]).status, 200);
        assert_eq!(answer().status, 200);
        let old = message_thread::ActiveModel { last_at: Set(Utc::now() - TimeDelta::days(46)), ..Default::default() };
        let this = message_thread::Column::Id.eq(thread.id);
        world.wait(message_thread::Entity::update_many().set(old).filter(this).exec(&world.state.connection)).expect("done");
        let page = maria.get(&page).body;
        assert!(page.contains("older than 45 days") && !page.contains("messages/answer"), "{page}");
        assert!(answer().body.contains("messages_why_closed"));
    });
}

#[test]
fn what_is_overdue_is_on_the_shelf_for_it_and_may_be_urged_once_a_day() {
    on_every_engine(|world| {
        let thread = begun(world);
        let (maria, hale) = (world.sign_in("maria"), world.sign_in("hale"));
        let (patient, id) = (thread.patient_id.to_string(), thread.id.to_string());
        let urge = || maria.call("messages/urge", &[("patient", &patient), ("thread", &id)]);
        assert!(urge().body.contains("why_already_done"), "not overdue yet");
        let due = message_thread::ActiveModel { due_at: Set(Some(Utc::now() - TimeDelta::hours(1))), ..Default::default() };
        let this = message_thread::Column::Id.eq(thread.id);
        world.wait(message_thread::Entity::update_many().set(due).filter(this).exec(&world.state.connection)).expect("done");
        let page = format!("/p/{patient}/messages/{id}");
        assert!(maria.get(&page).body.contains("Please look at this"));
        assert!(hale.get("/staff/messages?shelf=overdue").body.contains("Emma Rivera: A cough"));
        assert_eq!(urge().status, 200);
        assert!(urge().body.contains("why_already_done"));
        assert!(!maria.get(&page).body.contains("Please look at this"));
        assert!(hale.get("/staff/messages?shelf=overdue").body.contains("The patient asks to look at it"));
    });
}

#[test]
fn a_sensitive_thread_is_hidden_from_whoever_sees_everything_but_that() {
    on_every_engine(|world| {
        let (ernesto, own) = (world.sign_in("ernesto"), world.patient("Ernesto"));
        let maria = world.sign_in("maria");
        let office = recipient(&ernesto, own, "Cardiology");
        assert_eq!(send(&ernesto, own, &office, "A question of my own", Uuid::now_v7()).status, 200);
        let thread = threads(world).into_iter().find(|thread| thread.patient_id == own && thread.subject == "A cough").expect("his");
        let page = format!("/p/{own}/messages/{}", thread.id);
        assert_eq!(maria.get(&page).status, 200);
        assert_eq!(staff(&world.sign_in("nora"), "mark-sensitive", &thread, &[("sensitive", "true")]).status, 200);
        assert_eq!((maria.get(&page).status, ernesto.get(&page).status), (404, 200));
        assert!(!maria.get(&format!("/p/{own}/messages")).body.contains("A cough"));
        let answer = maria.call(
            "messages/answer",
            &[
                ("patient", &own.to_string()),
                ("thread", &thread.id.to_string()),
                ("sending_key", &Uuid::now_v7().to_string()),
                ("body", "x"),
            ],
        );
        assert_eq!(answer.body, "\"NotFound\"");
    });
}

#[test]
fn a_thread_is_taken_and_handed_to_a_colleague_of_the_department() {
    on_every_engine(|world| {
        let thread = begun(world);
        let (hale, nora) = (world.sign_in("hale"), world.sign_in("nora"));
        let id_of = |username: &str| {
            use app::people::account::{Column, Entity};
            let found = Entity::find().filter(Column::Username.eq(username)).one(&world.state.connection);
            world.wait(found).expect("a query").expect("an account").id.to_string()
        };
        assert!(nora.get("/staff/messages?shelf=pool").body.contains("A cough"));
        assert_eq!(staff(&nora, "hand-over", &thread, &[("to", &id_of("nora"))]).status, 200);
        assert!(!hale.get("/staff/messages?shelf=pool").body.contains("A cough"));
        assert!(nora.get("/staff/messages?shelf=mine").body.contains("A cough"));
        assert!(staff(&nora, "hand-over", &thread, &[("to", &id_of("torres"))]).body.contains("\"to\""), "not of this department");
        assert_eq!(staff(&nora, "hand-over", &thread, &[("to", &id_of("hale"))]).status, 200);
        assert!(hale.get("/staff/messages?shelf=mine").body.contains("A cough"));
        assert_eq!(hale.get(&format!("/staff/messages/{}", thread.id)).status, 200);
        let log = world.sign_in("maria").get(&format!("/p/{}/access-log?who=staff", thread.patient_id)).body;
        assert!(log.contains("Nora Feld (nurse): answered or sorted") && log.contains("Susan Hale (clinician): opened a message"), "{log}");
    });
}

#[test]
fn a_draft_is_kept_with_the_account_and_becomes_the_message() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let to = recipient(&maria, emma, "Susan Hale");
        let patient = emma.to_string();
        let keep = |who: &Somebody<'_>, body: &str| {
            who.call(
                "messages/keep-draft",
                &[("patient", &patient), ("topic", "question"), ("to", &to), ("subject", "At night"), ("body", body)],
            )
        };
        for stranger in ["carlos", "daniel", "priya", "ernesto"] {
            assert_eq!(keep(&world.sign_in(stranger), "x").status, 404, "{stranger}");
        }
        let lucas = world.patient("Lucas").to_string();
        assert_eq!(maria.call("messages/keep-draft", &[("patient", &lucas), ("body", "x")]).status, 404, "a teen's parent");
        assert_eq!(keep(&maria, "She coughs </textarea><b>").status, 200);
        let page = format!("/p/{emma}/messages/new");
        // After signing out, on another device.
        let elsewhere = world.sign_in("maria");
        let form = elsewhere.get(&page).body;
        assert!(
            form.contains("She coughs &lt;/textarea&gt;&lt;b&gt;")
                && form.contains("This is your draft from")
                && form.contains("value=\"At night\"")
        );
        assert!(elsewhere.get(&format!("/p/{emma}/messages")).body.contains("You began a message"));
        let discard = |undo: &str| maria.call("messages/discard-draft", &[("patient", &patient), ("undo", undo)]);
        assert_eq!(discard("").status, 200);
        let gone = maria.get(&page).body;
        assert!(!gone.contains("She coughs") && gone.contains("Bring it back"));
        assert_eq!(discard("true").status, 200);
        assert!(maria.get(&page).body.contains("She coughs"));
        // Whoever it was for takes none any more: every word stays.
        assert_eq!(
            maria
                .call(
                    "messages/keep-draft",
                    &[("patient", &patient), ("to", "clinician:0:0"), ("subject", "At night"), ("body", "Long words")]
                )
                .status,
            200
        );
        let left = maria.get(&page).body;
        assert!(left.contains("Long words") && left.contains("They take no messages any more"));
        assert_eq!(send(&maria, emma, &to, "Long words", Uuid::now_v7()).status, 200);
        let after = maria.get(&page).body;
        assert!(!after.contains("Long words") && !after.contains("draft from"), "it became the message");
        let thread = begun(world);
        let id = thread.id.to_string();
        let of = thread.patient_id.to_string();
        assert_eq!(maria.call("messages/keep-draft", &[("patient", &of), ("thread", &id), ("body", "One more thing")]).status, 200);
        assert!(maria.get(&format!("/p/{of}/messages/{id}")).body.contains("One more thing"));
        assert!(!world.sign_in("hale").get(&format!("/staff/messages/{id}")).body.contains("One more thing"), "nobody else reads a draft");
        assert_eq!(maria.call("messages/keep-draft", &[("patient", &of), ("thread", &id), ("body", " ")]).status, 200);
        assert!(!maria.get(&format!("/p/{of}/messages/{id}")).body.contains("draft from"), "of an empty form nothing is kept");
        assert_eq!(keep(&maria, &"x".repeat(20_001)).status, 422);
    });
}
