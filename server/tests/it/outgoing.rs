//! What people do goes out as FHIR, and answers come in.

use app::{
    access::as_system,
    features::{
        medications::{entity::refill_request, model::RequestState},
        messages::{
            entity::{message, message_thread},
            watching::imported_since,
        },
    },
    record::{item::entity::health_item, prescription::import::REQUESTS},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    messages::recipient,
    telling::arrive,
    world::{Somebody, World, on_every_engine},
};

pub fn outgoing(world: &World, since: i64) -> (Vec<Value>, i64) {
    let mut out = Vec::new();
    let last = world
        .wait(server::outgoing::write(&as_system(&world.state.db, "test"), Some(&world.state.issuer.secret), since, &mut out))
        .expect("written");
    let text = String::from_utf8(out).expect("text");
    (text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), last)
}

fn exported(world: &World, patient: Uuid) -> Vec<Value> {
    let mut out = Vec::new();
    world
        .wait(server::fhir::export_patient(
            &as_system(&world.state.db, "test"),
            Some(&world.state.issuer.secret),
            &patient.to_string(),
            &mut out,
        ))
        .expect("written");
    let bundle: Value = serde_json::from_slice(&out).expect("JSON");
    bundle["entry"].as_array().expect("entries").iter().map(|entry| entry["resource"].clone()).collect()
}

fn losartan(world: &World, patient: Uuid) -> Uuid {
    let query = health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(patient))
        .filter(health_item::Column::Title.contains("Losartan"))
        .filter(health_item::Column::State.eq(app::record::item::model::State::Active));
    world.wait(query.one(&world.state.connection)).expect("a query").expect("one").id
}

/// Maria asks for more of Losartan.
fn asked(world: &World) -> refill_request::Model {
    let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
    let (id, patient) = (losartan(world, own), own.to_string());
    let which = format!("which[m{id}]");
    let fields =
        [("patient", &*patient), (&*which, "true"), ("pharmacy", "other"), ("pharmacy_other", "Corner Drugs"), ("comment", "Soon")];
    assert_eq!(maria.call("medications/prepare", &fields).status, 200);
    let query = refill_request::Entity::find().filter(refill_request::Column::PrescriptionId.eq(id));
    let prepared = world.wait(query.one(&world.state.connection)).expect("a query").expect("one");
    assert_eq!(maria.call("medications/request", &[("patient", &patient), ("batch", &prepared.batch.to_string())]).status, 200);
    request(world, prepared.id)
}

fn request(world: &World, id: Uuid) -> refill_request::Model {
    world.wait(refill_request::Entity::find_by_id(id).one(&world.state.connection)).expect("a query").expect("one")
}

#[test]
fn each_act_goes_out_once_in_order_and_no_note_of_the_staff_does() {
    on_every_engine(|world| {
        let (before, start) = outgoing(world, 0);
        assert!(before.is_empty(), "nothing was done yet");
        let request = asked(world);
        let (maria, hale, emma) = (world.sign_in("maria"), world.sign_in("hale"), world.patient("Emma"));
        let (patient, to) = (emma.to_string(), recipient(&maria, emma, "Susan Hale"));
        let key = || Uuid::now_v7().to_string();
        let fields = [
            ("patient", &*patient),
            ("sending_key", &key()),
            ("topic", "question"),
            ("to", &to),
            ("subject", "Cough"),
            ("body", "At night <b>"),
        ];
        assert_eq!(maria.call("messages/send", &fields).status, 200);
        let query = message_thread::Entity::find().filter(message_thread::Column::Subject.eq("Cough"));
        let thread = world.wait(query.one(&world.state.connection)).expect("a query").expect("one");
        let id = thread.id.to_string();
        for (path, field, words) in
            [("messages/add-note", "note", "Secret of the staff"), ("messages/answer-as-staff", "reply", "Give her honey")]
        {
            assert_eq!(hale.call(path, &[("patient", &patient), ("thread", &id), ("sending_key", &key()), (field, words)]).status, 200);
        }
        let (lines, last) = outgoing(world, start);
        let kinds: Vec<&str> = lines.iter().map(|line| line["resourceType"].as_str().expect("a type")).collect();
        assert_eq!(kinds, ["MedicationRequest", "Task", "Communication", "Communication"]);
        let numbers: Vec<i64> =
            lines.iter().map(|line| line["meta"]["versionId"].as_str().expect("a number").parse().expect("a number")).collect();
        assert!(numbers.is_sorted() && numbers.last() == Some(&last), "{numbers:?}");
        let all = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        assert!(!all.contains("Secret of the staff"));
        let [proposal, task, sent, answer] = &lines[..] else { unreachable!() };
        assert_eq!(
            (proposal["intent"].as_str(), proposal["identifier"][0]["value"].as_str()),
            (Some("proposal"), Some(&*request.id.to_string()))
        );
        assert_eq!(proposal["medicationCodeableConcept"]["coding"][0]["code"], "979492");
        assert_eq!(
            (task["status"].as_str(), task["focus"]["reference"].as_str()),
            (Some("requested"), Some(&*format!("MedicationRequest/{}", request.id)))
        );
        assert_eq!(
            (sent["payload"][0]["contentString"].as_str(), sent["contained"][0]["resourceType"].as_str()),
            (Some("At night <b>"), Some("RelatedPerson"))
        );
        assert_eq!(sent["contained"][0]["relationship"][0]["coding"][0]["code"], "PRN");
        assert_eq!(
            answer["inResponseTo"][0]["reference"].as_str(),
            Some(&*format!("Communication/{}", sent["id"].as_str().expect("an id")))
        );
        assert!(sent["recipient"][0]["reference"].as_str().is_some_and(|to| to.contains("Practitioner/")));
        assert_eq!(outgoing(world, last).0, Vec::<Value>::new(), "each once");
        assert_eq!(outgoing(world, start).0, lines, "the same again from the same place");
        // What is withdrawn goes out again, after the rest.
        let own = request.patient_id.to_string();
        assert_eq!(maria.call("medications/withdraw", &[("patient", &own), ("id", &request.id.to_string())]).status, 200);
        let (more, _) = outgoing(world, last);
        assert_eq!((more.len(), more[1]["status"].as_str()), (2, Some("cancelled")));
        let export = exported(world, emma);
        let texts = export.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        assert!(texts.contains("Give her honey") && !texts.contains("Secret of the staff"));
    });
}

#[test]
fn what_comes_back_is_known_and_a_task_moves_the_request() {
    on_every_engine(|world| {
        let request = asked(world);
        let own = world.patient("Maria");
        let items = || world.wait(health_item::Entity::find().count(&world.state.connection)).expect("a count");
        let messages = || world.wait(message::Entity::find().count(&world.state.connection)).expect("a count");
        let before = (items(), messages());
        let made: Vec<Value> = exported(world, own)
            .into_iter()
            .filter(|resource| {
                matches!(resource["resourceType"].as_str(), Some("Communication" | "Task")) || resource["intent"] == "proposal"
            })
            .collect();
        assert!(made.len() >= 4, "{}", made.len());
        arrive(world, "Maria", made);
        assert_eq!((items(), messages()), before, "it is known");
        let task = |status: &str, extra: Value| {
            let mut task = json!({"resourceType": "Task", "id": "answer", "status": status, "intent": "order",
                "focus": {"identifier": {"system": REQUESTS, "value": request.id.to_string()}},
                "for": {"reference": format!("Patient/{}", world.reference("Maria"))}, "owner": {"display": "Dr. Miguel Torres"}});
            task.as_object_mut().expect("members").extend(extra.as_object().expect("members").clone());
            task
        };
        let arrives = |name: &str, task: Value| {
            arrive(world, name, vec![task]);
            self::request(world, request.id)
        };
        // Of another chart it moves nothing.
        let mut foreign = task("rejected", json!({}));
        foreign["for"] = json!({"reference": format!("Patient/{}", world.reference("Emma"))});
        foreign["id"] = json!("foreign");
        assert_eq!(arrives("Emma", foreign).state, RequestState::Requested);
        let accepted = arrives("Maria", task("accepted", json!({"statusReason": {"text": "All right."}})));
        assert_eq!(
            (accepted.state, accepted.answer.as_deref(), accepted.decided_by.as_deref()),
            (RequestState::Approved, Some("All right."), Some("Dr. Miguel Torres"))
        );
        assert!(arrives("Maria", task("in-progress", json!({}))).sent_at.is_some());
        assert_eq!(arrives("Maria", task("rejected", json!({}))).state, RequestState::Approved, "it does not go back");
        let done = arrives("Maria", task("completed", json!({})));
        assert_eq!((done.state, done.open_for), (RequestState::Done, None));
    });
}

/// Files that the hospital's system sends with a message: texts stand in it, others among the documents, with the way to them. One
/// that was sent from here and comes back is no document.
fn files_come_along(world: &World, maria: &Somebody<'_>, letter: &dyn Fn(&str, Value) -> Value) {
    let own = world.patient("Maria");
    let file = |kind: &str, title: &str, bytes: &[u8]| json!({"contentAttachment": {"contentType": kind, "title": title, "data": BASE64_STANDARD.encode(bytes)}});
    let binary =
        json!({"resourceType": "Binary", "id": "plan", "contentType": "application/pdf", "data": BASE64_STANDARD.encode(b"%PDF-1.7 plan")});
    let now = chrono::Utc::now().to_rfc3339();
    let payload = json!([
        {"contentString": "With two files."},
        file("text/plain; charset=utf-8", "words.txt", "Sal: menos de 5 g al día".as_bytes()),
        file("text/html", "words.html", b"<p>And <script>x</script><b>walk</b></p>"),
        file("application/pdf", "Diary.pdf", b"%PDF-1.7 diary"),
        {"contentAttachment": {"contentType": "application/pdf", "title": "Plan.pdf", "url": "Binary/plan"}},
    ]);
    arrive(world, "Maria", vec![letter("files", json!({"sent": now, "payload": payload})), binary]);
    let query = message::Entity::find().filter(message::Column::Body.contains("With two files."));
    let told = world.wait(query.one(&world.state.connection)).expect("a query").expect("a message");
    assert_eq!(told.body, "With two files.\n\nSal: menos de 5 g al día\n\nAnd walk");
    let page = maria.get(&format!("/p/{own}/messages/{}", told.thread_id)).body;
    for (number, name, bytes) in [(0, "Diary.pdf", &b"%PDF-1.7 diary"[..]), (1, "Plan.pdf", b"%PDF-1.7 plan")] {
        let address = format!("/files/record/{own}/{}?file={number}", told.sending_key);
        assert!(page.contains(&address) && page.contains(name), "{name}: {page}");
        assert_eq!(maria.get_bytes(&address), (200, bytes.to_vec()));
        for stranger in ["daniel", "sofia", "hale"] {
            assert_eq!(world.sign_in(stranger).get_bytes(&address).0, 404, "{stranger}");
        }
    }
    // A message may be nothing but a file.
    arrive(world, "Maria", vec![letter("file", json!({"sent": now, "payload": [file("application/pdf", "Alone.pdf", b"%PDF-1.7")]}))]);
    assert!(maria.get(&format!("/p/{own}/messages/{}", told.thread_id)).body.contains("Alone.pdf"));
    let documents = || maria.get(&format!("/p/{own}/health/documents")).body;
    assert!(documents().contains("Alone.pdf"));
    let echo = json!({"sent": now, "payload": [{"contentString": "x"}, file("application/pdf", "Echo.pdf", b"%PDF-1.7")],
        "identifier": [{"system": app::desk::outgoing::resource::systems::MESSAGES, "value": told.id.to_string()}]});
    arrive(world, "Maria", vec![letter("echo", echo)]);
    assert!(!documents().contains("Echo.pdf"));
}

#[test]
fn the_hospital_writes_into_a_thread_or_begins_one() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        let subject = format!("Patient/{}", world.reference("Maria"));
        let letter = |id: &str, extra: Value| {
            let mut letter = json!({"resourceType": "Communication", "id": id, "status": "completed", "sent": "2026-01-05T09:00:00-05:00",
                "recipient": [{"reference": subject}], "topic": {"text": "Your blood pressure"},
                "sender": {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"},
                "payload": [{"contentString": "Please measure it for a week."}]});
            letter.as_object_mut().expect("members").extend(extra.as_object().expect("members").clone());
            letter
        };
        let system = as_system(&world.state.db, "test");
        let look = || world.wait(imported_since(&system, chrono::Utc::now() - chrono::TimeDelta::minutes(1))).expect("what is new");
        assert!(look().is_empty(), "what people wrote is told when they write it");
        arrive(world, "Maria", vec![letter("one", json!({}))]);
        let query = || message_thread::Entity::find().filter(message_thread::Column::Subject.eq("Your blood pressure"));
        let thread = world.wait(query().one(&world.state.connection)).expect("a query").expect("a thread");
        assert_eq!(look().into_values().map(|told| told.thread).collect::<Vec<_>>(), [thread.id], "open pages hear of it");
        let page = maria.get(&format!("/p/{own}/messages/{}", thread.id)).body;
        assert!(page.contains("Please measure it for a week.") && page.contains("Miguel Torres"));
        let fields = [
            ("patient", &*own.to_string()),
            ("thread", &*thread.id.to_string()),
            ("sending_key", &*Uuid::now_v7().to_string()),
            ("body", "I will."),
        ];
        let late = maria.call("messages/answer", &fields);
        assert!(late.body.contains("messages_why_closed"), "it is older than 45 days");
        let now = chrono::Utc::now().to_rfc3339();
        let of_thread = json!({"sent": now, "partOf": [{"identifier": {"system": app::desk::outgoing::resource::systems::THREADS, "value": thread.id.to_string()}}],
            "payload": [{"contentString": "How is it now?"}]});
        arrive(world, "Maria", vec![letter("two", of_thread.clone())]);
        arrive(world, "Maria", vec![letter("two", of_thread.clone())]);
        assert_eq!(world.wait(query().count(&world.state.connection)).expect("a count"), 1);
        let messages = message::Entity::find().filter(message::Column::ThreadId.eq(thread.id)).order_by_asc(message::Column::SentAt);
        assert_eq!(world.wait(messages.count(&world.state.connection)).expect("a count"), 2, "what comes twice is one message");
        assert_eq!(maria.call("messages/answer", &fields).status, 200, "what staff begin can be answered");
        assert!(maria.get("/home").status == 200);
        // A thread of somebody else is not gone on with, and what is for somebody else is no message to the patient.
        let emma = format!("Patient/{}", world.reference("Emma"));
        arrive(world, "Emma", vec![letter("three", json!({"recipient": [{"reference": emma}], "partOf": of_thread["partOf"]}))]);
        assert_eq!(world.wait(query().count(&world.state.connection)).expect("a count"), 2, "a thread of her own");
        arrive(world, "Maria", vec![letter("four", json!({"recipient": [{"display": "Dr. Far Away"}], "topic": {"text": "About you"}}))]);
        assert!(!maria.get(&format!("/p/{own}/messages")).body.contains("About you"));
        files_come_along(world, &maria, &|id, extra| {
            let mut letter = letter(id, extra);
            letter["partOf"] = of_thread["partOf"].clone();
            letter
        });
        arrive(world, "Maria", vec![letter("two", json!({"status": "entered-in-error", "sent": now}))]);
        assert!(!maria.get(&format!("/p/{own}/messages/{}", thread.id)).body.contains("How is it now?"));
    });
}

#[test]
fn what_came_at_a_sensitive_visit_is_sensitive_whichever_file_came_first() {
    on_every_engine(|world| {
        let (maria, ernesto, own) = (world.sign_in("maria"), world.sign_in("ernesto"), world.patient("Ernesto"));
        let subject = format!("Patient/{}", world.reference("Ernesto"));
        let restricted = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]});
        let letter = |id: &str, title: &str, extra: Value| {
            let mut letter = json!({"resourceType": "Communication", "id": id, "status": "completed", "sent": chrono::Utc::now().to_rfc3339(),
                "recipient": [{"reference": subject}], "topic": {"text": title},
                "sender": {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"},
                "payload": [{"contentString": "As we said."},
                    {"contentAttachment": {"contentType": "application/pdf", "title": format!("{title}.pdf"), "data": BASE64_STANDARD.encode(b"%PDF-1.7")}}]});
            letter.as_object_mut().expect("members").extend(extra.as_object().expect("members").clone());
            letter
        };
        arrive(
            world,
            "Ernesto",
            vec![json!({"resourceType": "Encounter", "id": "private", "status": "finished", "class": {"code": "AMB"},
            "meta": restricted, "period": {"start": "2026-10-01T10:00:00Z"}})],
        );
        let at_visit = json!({"encounter": {"reference": "Encounter/private"}});
        arrive(world, "Ernesto", vec![letter("after", "After the visit", at_visit.clone())]);
        arrive(world, "Ernesto", vec![letter("plain", "Something plain", json!({}))]);
        arrive(
            world,
            "Ernesto",
            vec![json!({"resourceType": "MedicationRequest", "id": "private-pill", "status": "active", "intent": "order",
            "medicationCodeableConcept": {"text": "Private pill"}, "authoredOn": "2026-10-01", "encounter": at_visit["encounter"]})],
        );
        let list = format!("/p/{own}/messages");
        let (hers, his) = (maria.get(&list).body, ernesto.get(&list).body);
        assert!(his.contains("After the visit") && his.contains("Something plain"), "{his}");
        assert!(hers.contains("Something plain") && !hers.contains("After the visit"), "{hers}");
        for page in ["health/documents", "medications", "health/medications"] {
            let hers = maria.get(&format!("/p/{own}/{page}")).body;
            assert!(!hers.contains("After the visit") && !hers.contains("Private pill"), "{page}");
        }
        let pill = health_item::Entity::find().filter(health_item::Column::Title.eq("Private pill"));
        let pill = world.wait(pill.one(&world.state.connection)).expect("a query").expect("an item").id;
        let order = app::record::prescription::entity::prescription::Entity::find_by_id(pill).one(&world.state.connection);
        assert!(world.wait(order).expect("a query").expect("a prescription").sensitive, "the prescription too");
        // The same letter comes again, marked now.
        arrive(world, "Ernesto", vec![letter("plain", "Something plain", json!({"meta": restricted}))]);
        assert!(ernesto.get(&list).body.contains("Something plain") && !maria.get(&list).body.contains("Something plain"));
    });
}
