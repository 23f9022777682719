//! Questionnaires: asked, kept, answered, scored, heard of at once, sent out and known when they come back; documents that are signed.

use app::{
    access::as_system,
    desk::{
        check_in::entity::check_in_office,
        consents::entity::{consent_document, consent_signature},
        outgoing::model::ActKind,
        questionnaires::{
            entity::{questionnaire, questionnaire_alert, questionnaire_file, questionnaire_response},
            model::State,
        },
        scheduling::entity::scheduling_office,
    },
    people::{account, proxy_grant, relation::AdultLevel, staff_office},
    record::{
        resource::entity::fhir_resource,
        visit::{
            entity::visit,
            model::{Kind, Status},
        },
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::{
    accounts::letters,
    billing::{all, at},
    outgoing::outgoing,
    take_along::taken,
    world::{Answer, Somebody, World, on_every_engine},
};

const PHQ: &str = "https://middlesexhealth.example/questionnaires/phq-9";
const BEFORE: &str = "https://middlesexhealth.example/questionnaires/before-visit";

fn form(world: &World, url: &str) -> questionnaire::Model {
    all::<questionnaire::Entity>(world).into_iter().find(|form| form.url.as_deref() == Some(url)).expect("the questionnaire")
}

fn rows(world: &World, patient: Uuid) -> Vec<questionnaire_response::Model> {
    let mut rows: Vec<_> = all::<questionnaire_response::Entity>(world).into_iter().filter(|row| row.patient_id == patient).collect();
    rows.sort_by_key(|row| row.changed_at);
    rows
}

/// What staff ask of Maria in the demo.
fn task(world: &World) -> questionnaire_response::Model {
    rows(world, world.patient("Maria")).into_iter().find(|row| row.asked_at.is_some()).expect("a task")
}

fn row(world: &World, id: Uuid) -> questionnaire_response::Model {
    all::<questionnaire_response::Entity>(world).into_iter().find(|row| row.id == id).expect("the row")
}

/// A tab that was opened: the version that it read, and its mark.
#[derive(Clone)]
struct Tab {
    version: String,
    mark: String,
    form: String,
}

fn open(me: &Somebody<'_>, row: &questionnaire_response::Model) -> (Tab, String) {
    let page = me.get(&format!("/p/{}/questionnaires/{}", row.patient_id, row.id));
    assert_eq!(page.status, 200, "{}", page.body);
    let value = |name: &str| {
        let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    (Tab { version: value("version"), mark: value("page"), form: value("form") }, page.body)
}

fn post(
    me: &Somebody<'_>,
    function: &str,
    row: &questionnaire_response::Model,
    tab: &Tab,
    answers: &[(String, &str)],
    more: &[(&str, &str)],
) -> Answer {
    let (patient, id) = (row.patient_id.to_string(), row.id.to_string());
    let mut fields: Vec<(&str, &str)> =
        vec![("patient", &patient), ("id", &id), ("version", &tab.version), ("page", &tab.mark), ("form", &tab.form), ("shows", "all")];
    let names: Vec<(String, &str)> = answers.iter().map(|(key, value)| (format!("a[{key}]"), *value)).collect();
    fields.extend(names.iter().map(|(name, value)| (name.as_str(), *value)));
    fields.extend_from_slice(more);
    me.submit(&format!("/api/questionnaires/{function}?again=/x"), &fields)
}

/// One answer for each of the nine questions, by its place in the list of options.
fn nine(options: [&'static str; 9]) -> Vec<(String, &'static str)> {
    options.into_iter().enumerate().map(|(index, option)| (format!("i{index}r0"), option)).collect()
}

fn sent(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").to_owned()
}

fn is_refused(answer: &Answer) -> bool {
    answer.header("location").contains("again=1")
}

/// Gives the proxies of a chart a level.
fn set_level(world: &World, patient: Uuid, level: AdultLevel) {
    let level = proxy_grant::ActiveModel { level: Set(Some(level)), ..Default::default() };
    let of = proxy_grant::Entity::update_many().set(level).filter(proxy_grant::Column::PatientId.eq(patient));
    world.wait(of.exec(&world.state.connection)).expect("an update");
}

fn ask(me: &Somebody<'_>, patient: Uuid, form: Uuid, department: Uuid, due_on: &str) -> Answer {
    let (patient, form, department) = (patient.to_string(), form.to_string(), department.to_string());
    me.call("questionnaires/ask", &[("patient", &patient), ("form", &form), ("department", &department), ("due_on", due_on)])
}

#[test]
fn a_questionnaire_is_asked_for_kept_answered_and_scored() {
    on_every_engine(|world| {
        let (maria, task) = (world.sign_in("maria"), task(world));
        let home = maria.get("/home").body;
        assert!(home.contains(&format!("/p/{}/questionnaires/{}", task.patient_id, task.id)), "{home}");
        let list = maria.get(&format!("/p/{}/questionnaires", task.patient_id)).body;
        assert!(list.contains("PHQ-9") && list.contains("Due by") && list.contains("Dr. Miguel Torres asks for it."), "{list}");
        assert!(list.contains("Answered elsewhere"), "what came from the record system is there too");
        // What is not whole is kept, and is not sent.
        let (tab, page) = open(&maria, &task);
        assert!(page.contains("Little interest or pleasure"), "{page}");
        let part = nine(["1", "1", "0", "", "", "", "", "", ""]);
        assert!(is_refused(&post(&maria, "send", &task, &tab, &part, &[])));
        let now = row(world, task.id);
        assert_eq!((now.state, now.body.as_deref()), (State::Begun, None));
        let place = format!("p/{}/questionnaires/{}", task.patient_id, task.id);
        let (tab, _) = open(&maria, &task);
        let fields = [
            ("patient", task.patient_id.to_string()),
            ("id", task.id.to_string()),
            ("version", tab.version),
            ("page", tab.mark),
            ("form", tab.form),
            ("shows", "all".to_owned()),
            ("a[i0r0]", "1".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = maria.submit(&format!("/api/questionnaires/send?again=/{place}"), &fields);
        let cookies = format!("{}; {}", maria.cookie.as_deref().unwrap_or_default(), refused.cookie("draft").expect("a draft"));
        let back = Somebody::with_cookies(world, cookies).get(&format!("/{place}?again=1"));
        assert_eq!(back.body.matches("class=\"problem\"").count(), 8, "each of the eight questions without answer says so: {}", back.body);
        let (tab, page) = open(&maria, &task);
        assert!(page.contains("Go on") || page.contains("checked"), "{page}");
        // Whole, it is sent once, scored, and asked no more.
        let whole = nine(["1", "1", "0", "1", "0", "0", "1", "0", "0"]);
        let mut answers = whole.clone();
        answers.push(("i10r0".to_owned(), "1"));
        assert!(sent(&post(&maria, "send", &task, &tab, &answers, &[])).ends_with("done=sent"));
        let now = row(world, task.id);
        assert_eq!((now.state, now.author.as_deref()), (State::Completed, Some("Maria Rivera")));
        let body: Value = serde_json::from_str(now.body.as_deref().expect("a body")).expect("JSON");
        assert_eq!(body[9], json!({"linkId": "/44261-6", "text": "Total", "answer": [{"valueInteger": 4}]}));
        let (_, page) = open(&maria, &task);
        assert!(page.contains("Total: 4 of 27 (minimal)"), "{page}");
        assert!(is_refused(&post(&maria, "send", &task, &tab, &answers, &[])), "twice is refused");
        assert!(!maria.get("/home").body.contains("The care team asks for your answers"));
        assert!(all::<questionnaire_alert::Entity>(world).is_empty());
        // It goes out as FHIR.
        let (written, _) = outgoing(world, 0);
        let found: Vec<&Value> = written.iter().filter(|found| found["resourceType"] == "QuestionnaireResponse").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["questionnaire"], format!("{PHQ}|1.1"));
        assert_eq!((&found[0]["status"], found[0]["item"].as_array().map(Vec::len)), (&json!("completed"), Some(11)));
        assert_eq!(found[0]["meta"]["security"][0]["code"], "R", "it is about mental health");
        // Comes back, and is known.
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": found[0]}]});
        let before = rows(world, task.patient_id).len();
        world.wait(import_bundle(&as_system(&world.state.db, "test"), "back", bundle)).expect("imported");
        assert_eq!(rows(world, task.patient_id).len(), before);
        // The department that asked reads it, others do not.
        let staff = format!("/staff/patients/{}/questionnaires/{}", task.patient_id, task.id);
        assert!(world.sign_in("torres").get(&staff).body.contains("Total: 4 of 27"));
        for (who, status) in [("hale", 404), ("priya", 404), ("dana", 404)] {
            assert_eq!(world.sign_in(who).get(&staff).status, status, "{who}");
        }
    });
}

#[test]
fn an_answer_on_self_harm_stops_with_988_and_is_told_to_the_care_team_once() {
    on_every_engine(|world| {
        let (maria, task) = (world.sign_in("maria"), task(world));
        for username in ["torres", "priya"] {
            let with = account::ActiveModel { email: Set(Some(format!("{username}@example.org"))), ..Default::default() };
            let one = account::Entity::update_many().set(with).filter(account::Column::Username.eq(username));
            world.wait(one.exec(&world.state.connection)).expect("an update");
        }
        let mail = |username: &str| {
            letters(world, &format!("{username}@example.org")).into_iter().filter(|letter| letter.subject.contains("needs you now")).count()
        };
        let (tab, _) = open(&maria, &task);
        let one = vec![("i8r0".to_owned(), "1")];
        let to = sent(&post(&maria, "keep", &task, &tab, &one, &[]));
        assert!(to.ends_with("/help"), "{to}");
        let help = maria.get(&to).body;
        assert!(help.contains("tel:988") && help.contains("tel:911"), "{help}");
        let alerts = all::<questionnaire_alert::Entity>(world);
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].answer, "Several days");
        assert_eq!(mail("torres"), 1);
        assert_eq!(mail("priya"), 0);
        // Kept again, and sent: still one.
        // The page itself says who helps from then on: it can be gone on with, and a file be added.
        let again = sent(&post(&maria, "keep", &task, &tab, &one, &[]));
        assert!(!again.ends_with("/help") && maria.get(&again).body.contains("tel:988"), "{again}");
        assert_eq!((all::<questionnaire_alert::Entity>(world).len(), mail("torres")), (1, 1));
        let torres = world.sign_in("torres");
        assert!(torres.get("/home").body.contains("1 answer needs you now"), "{}", torres.get("/home").body);
        // Changed while nobody has taken it on: the newest answer stands there, and nobody is written to again.
        let worse = vec![("i8r0".to_owned(), "3")];
        assert!(!sent(&post(&maria, "keep", &task, &tab, &worse, &[])).ends_with("/help"));
        let now = all::<questionnaire_alert::Entity>(world);
        assert_eq!((now.len(), now[0].answer.as_str(), mail("torres")), (1, "Nearly every day", 1));
        // One of the team takes it on; nobody else can, and others see nothing of it.
        let id = alerts[0].id.to_string();
        let list = torres.get("/staff/questionnaires").body;
        assert!(list.contains("Maria Rivera") && list.contains("Nearly every day"), "{list}");
        assert_eq!(world.sign_in("priya").call("questionnaires/take-on", &[("id", &id)]).status, 404);
        assert_eq!(maria.call("questionnaires/take-on", &[("id", &id)]).status, 404);
        assert_eq!(torres.call("questionnaires/take-on", &[("id", &id)]).status, 200);
        assert!(torres.call("questionnaires/take-on", &[("id", &id)]).body.contains("why_already_done"));
        assert!(all::<questionnaire_alert::Entity>(world)[0].seen_by.is_some());
        // The same after it is no news; another answer is, and the same one that was taken back meanwhile.
        assert!(!sent(&post(&maria, "keep", &task, &tab, &worse, &[])).ends_with("/help"));
        assert_eq!(mail("torres"), 1);
        assert!(sent(&post(&maria, "keep", &task, &tab, &one, &[])).ends_with("/help"));
        assert_eq!((all::<questionnaire_alert::Entity>(world).len(), mail("torres")), (2, 2));
        let second = all::<questionnaire_alert::Entity>(world).into_iter().find(|alert| alert.seen_at.is_none()).expect("an alert");
        assert_eq!(torres.call("questionnaires/take-on", &[("id", &second.id.to_string())]).status, 200);
        let none = vec![("i8r0".to_owned(), "0")];
        assert!(!sent(&post(&maria, "keep", &task, &tab, &none, &[])).ends_with("/help"));
        assert!(sent(&post(&maria, "keep", &task, &tab, &one, &[])).ends_with("/help"));
        assert_eq!((all::<questionnaire_alert::Entity>(world).len(), mail("torres")), (3, 3));
        // In another language it is the same answer to the same question.
        let spanish = maria.with_cookies_of(&maria.submit("/api/account/choose-language", &[("language", "es"), ("back", "/home")]));
        let _ = post(&spanish, "keep", &task, &tab, &one, &[]);
        assert_eq!((all::<questionnaire_alert::Entity>(world).len(), mail("torres")), (3, 3));
    });
}

#[test]
fn what_must_be_heard_reaches_somebody_also_where_nobody_answers() {
    on_every_engine(|world| {
        let (maria, task) = (world.sign_in("maria"), task(world));
        // Whoever answered for the department has left it.
        let gone = staff_office::Entity::delete_many().filter(staff_office::Column::DepartmentId.eq(task.department_id));
        world.wait(gone.exec(&world.state.connection)).expect("a change");
        let with = account::ActiveModel { email: Set(Some("hale@example.org".to_owned())), ..Default::default() };
        let one = account::Entity::update_many().set(with).filter(account::Column::Username.eq("hale"));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        let (tab, _) = open(&maria, &task);
        assert!(sent(&post(&maria, "keep", &task, &tab, &[("i8r0".to_owned(), "2")], &[])).ends_with("/help"));
        assert!(letters(world, "hale@example.org").iter().any(|letter| letter.subject.contains("needs you now")));
        let (hale, alert) = (world.sign_in("hale"), all::<questionnaire_alert::Entity>(world)[0].clone());
        assert!(hale.get("/staff/questionnaires").body.contains("Maria Rivera"));
        assert_eq!(hale.call("questionnaires/take-on", &[("id", &alert.id.to_string())]).status, 200);
        assert_eq!(world.sign_in("priya").get("/staff/questionnaires").status, 404);
        // And there nothing is asked before visits.
        let department = task.department_id.expect("a department").to_string();
        let asks = [("department", department.as_str()), ("form", &form(world, PHQ).id.to_string()), ("asks", "true")]
            .map(|(a, b)| (a, b.to_owned()));
        let asks: Vec<(&str, &str)> = asks.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = world.sign_in("priya").call("questionnaires/ask-before-visits", &asks);
        assert!(refused.body.contains("why_no_care_team"), "{}", refused.body);
    });
}

#[test]
fn answers_are_for_the_form_that_was_drawn_and_taken_while_they_are_asked() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let visit = next_visit(world, world.patient("Maria"));
        at(world, starts(&visit) - TimeDelta::days(3));
        let (patient, id) = (visit.patient_id.to_string(), visit.id.to_string());
        let asked = form(world, BEFORE);
        let begin =
            [("patient", patient.as_str()), ("visit", id.as_str()), ("form", &asked.id.to_string())].map(|(a, b)| (a, b.to_owned()));
        let begin: Vec<(&str, &str)> = begin.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(maria.call("check-in/begin-form", &begin).status, 200);
        let own = || rows(world, visit.patient_id).into_iter().find(|row| row.visit_id == Some(visit.id)).expect("answers");
        let (tab, _) = open(&maria, &own());
        // The office turns the options around while the page is open.
        let resource = fhir_resource::Entity::find_by_id(asked.id).one(&world.state.connection);
        let resource = world.wait(resource).expect("a query").expect("the questionnaire");
        let changed = resource.body.replacen("Before your visit", "Before each visit", 1);
        assert_ne!(changed, resource.body);
        let other = fhir_resource::ActiveModel { id: Set(asked.id), body: Set(changed), ..Default::default() };
        world.wait(fhir_resource::Entity::update(other).exec(&world.state.connection)).expect("an update");
        for function in ["keep", "send"] {
            assert!(is_refused(&post(&maria, function, &own(), &tab, &before_visit(), &[])), "{function}");
        }
        assert!(own().answers.is_none());
        let (tab, _) = open(&maria, &own());
        // Of somebody else's visit nothing is done by halves.
        let elsewhere = [("visit", Uuid::now_v7().to_string())];
        assert!(is_refused(&post(&maria, "send", &own(), &tab, &before_visit(), &elsewhere.each_ref().map(|(a, b)| (*a, b.as_str())))));
        assert_eq!(own().state, State::Begun);
        // When the visit is called off, or over, nobody asks any more; what was typed comes back.
        let page = format!("/p/{patient}/questionnaires/{}", own().id);
        for (status, hours) in [(Status::Cancelled, -2), (Status::Booked, 2)] {
            change_visit(world, visit.id, status);
            at(world, starts(&visit) + TimeDelta::hours(hours));
            let refused = post(&maria, "send", &own(), &tab, &before_visit(), &[]);
            assert!(is_refused(&refused), "{status:?}");
            assert_eq!(own().state, State::Begun);
            assert!(maria.get(&page).body.contains("not asked any more"), "{status:?}");
        }
        let fields = [
            ("patient", patient.clone()),
            ("id", own().id.to_string()),
            ("form", tab.form.clone()),
            ("a[i0r0]", "It hurts at night".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = maria.submit(&format!("/api/questionnaires/send?again={page}"), &fields);
        let cookies = format!("{}; {}", maria.cookie.as_deref().unwrap_or_default(), refused.cookie("draft").expect("a draft"));
        let back = Somebody::with_cookies(world, cookies).get(&format!("{page}?again=1")).body;
        assert!(back.contains("What you just typed was not saved") && back.contains("It hurts at night"));
    });
}

fn change_visit(world: &World, id: Uuid, status: Status) {
    let row = visit::ActiveModel { status: Set(status), ..Default::default() };
    let one = visit::Entity::update_many().set(row).filter(visit::Column::Id.eq(id));
    world.wait(one.exec(&world.state.connection)).expect("an update");
}

#[test]
fn two_tabs_do_not_overwrite_each_other_and_one_goes_on_as_often_as_it_likes() {
    on_every_engine(|world| {
        let (maria, task) = (world.sign_in("maria"), task(world));
        let ((one, _), (other, _)) = (open(&maria, &task), open(&maria, &task));
        let answer = |option: &'static str| vec![("i0r0".to_owned(), option)];
        assert!(!is_refused(&post(&maria, "keep", &task, &one, &answer("1"), &[])));
        assert!(!is_refused(&post(&maria, "keep", &task, &one, &answer("2"), &[])));
        let kept = row(world, task.id);
        assert!(is_refused(&post(&maria, "keep", &task, &other, &answer("3"), &[])));
        assert_eq!(row(world, task.id).answers, kept.answers);
        // A mark that somebody made up, or none, is no page.
        let (now, _) = open(&maria, &task);
        let none = Tab { mark: String::new(), ..one.clone() };
        assert!(is_refused(&post(&maria, "keep", &task, &none, &answer("3"), &[])));
        assert!(!is_refused(&post(&maria, "keep", &task, &now, &answer("3"), &[])));
        for odd in ["99", "-1", "x", "\u{0}", "9999999999999999999999"] {
            let (tab, _) = open(&maria, &task);
            let _ = post(&maria, "keep", &task, &tab, &answer(odd), &[("add", "i99r99"), ("remove", "i0r0_i0r0_i0r0")]);
            assert!(is_refused(&post(&maria, "send", &task, &tab, &answer(odd), &[])), "{odd}");
        }
    });
}

#[test]
fn who_may_not_see_it_sees_nothing_and_changes_nothing() {
    on_every_engine(|world| {
        let (ernesto, torres) = (world.patient("Ernesto"), world.sign_in("torres"));
        let task = task(world);
        let department = task.department_id.expect("a department");
        let due = (world.state.clock.now().today + TimeDelta::days(5)).to_string();
        assert_eq!(ask(&torres, ernesto, form(world, PHQ).id, department, &due).status, 200);
        assert!(ask(&torres, ernesto, form(world, PHQ).id, department, &due).body.contains("why_already_done"));
        assert!(ask(&torres, ernesto, form(world, BEFORE).id, department, "2001-01-01").body.contains("why_over"));
        assert!(ask(&torres, ernesto, form(world, BEFORE).id, Uuid::new_v4(), &due).body.contains("department"));
        // Another department's clinician does not ask for this one.
        assert_eq!(ask(&world.sign_in("hale"), ernesto, form(world, BEFORE).id, department, &due).status, 404);
        let asked = rows(world, ernesto).into_iter().find(|row| row.asked_at.is_some()).expect("a task");
        let (list, page) = (format!("/p/{ernesto}/questionnaires"), format!("/p/{ernesto}/questionnaires/{}", asked.id));
        let tab = Tab { version: "0".into(), mark: "x".into(), form: open(&world.sign_in("ernesto"), &asked).0.form };
        let touches = |me: &Somebody<'_>| {
            for function in ["keep", "send"] {
                let answer = post(me, function, &asked, &tab, &nine(["1"; 9]), &[]);
                assert!(
                    answer.status != 303 || answer.header("location").contains("again=1") || answer.header("location").contains("/sign-in"),
                    "{function}"
                );
            }
            let (patient, id) = (ernesto.to_string(), asked.id.to_string());
            let _ = me.call("questionnaires/withdraw", &[("patient", &patient), ("id", &id)]);
            let _ = me.call("questionnaires/remove-file", &[("patient", &patient), ("id", &id), ("key", "i0r0")]);
            let now = row(world, asked.id);
            assert_eq!((now.state, now.version), (State::Asked, 0));
        };
        let nobody = world.nobody();
        assert_ne!(nobody.get(&page).status, 200);
        touches(&nobody);
        for stranger in ["grace", "tanya", "priya", "dana"] {
            let me = world.sign_in(stranger);
            assert_eq!((me.get(&list).status, me.get(&page).status), (404, 404), "{stranger}");
            assert_eq!(me.get(&format!("/staff/patients/{ernesto}/questionnaires")).status, 404, "{stranger}");
            touches(&me);
        }
        // A proxy by level: with everything, without what is sensitive, with the schedule alone.
        let maria = world.sign_in("maria");
        set_level(world, ernesto, AdultLevel::All);
        assert_eq!(maria.get(&page).status, 200);
        set_level(world, ernesto, AdultLevel::AllButSensitive);
        assert!(maria.get(&list).status == 200 && !maria.get(&list).body.contains("PHQ-9"));
        assert_eq!(maria.get(&page).status, 404);
        touches(&maria);
        set_level(world, ernesto, AdultLevel::ScheduleMessages);
        assert_eq!((maria.get(&list).status, maria.get(&page).status), (404, 404));
        touches(&maria);
        // Asked no more: it takes no answers.
        let (patient, id) = (ernesto.to_string(), asked.id.to_string());
        assert_eq!(torres.call("questionnaires/withdraw", &[("patient", &patient), ("id", &id)]).status, 200);
        assert_eq!(world.sign_in("ernesto").get(&page).status, 404);
    });
}

fn next_visit(world: &World, patient: Uuid) -> visit::Model {
    let offices: Vec<Uuid> = all::<scheduling_office::Entity>(world).into_iter().map(|office| office.department_id).collect();
    let asked = form(world, BEFORE);
    let asks: Vec<Uuid> = all::<app::desk::questionnaires::entity::questionnaire_office::Entity>(world)
        .into_iter()
        .filter(|row| row.questionnaire_id == asked.id)
        .map(|row| row.department_id)
        .collect();
    let booked = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(patient))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::DepartmentId.is_in(offices))
        .filter(visit::Column::StartsAt.gt(world.state.clock.now().instant))
        .order_by_asc(visit::Column::StartsAt);
    let found = world.wait(booked.one(&world.state.connection)).expect("a query").expect("a visit to come");
    let here = visit::ActiveModel { kind: Set(Kind::Office), department_id: Set(Some(asks[0])), ..Default::default() };
    let one = visit::Entity::update_many().set(here).filter(visit::Column::Id.eq(found.id));
    world.wait(one.exec(&world.state.connection)).expect("an update");
    let steps = check_in_office::ActiveModel { steps: Set("forms consents".into()), ..Default::default() };
    world.wait(check_in_office::Entity::update_many().set(steps).exec(&world.state.connection)).expect("an update");
    world.wait(visit::Entity::find_by_id(found.id).one(&world.state.connection)).expect("a query").expect("the visit")
}

fn starts(visit: &visit::Model) -> DateTime<Utc> {
    visit.starts_at.expect("a time")
}

/// Answers to the questions before a visit.
fn before_visit() -> Vec<(String, &'static str)> {
    [
        ("i0r0_i0r0", "My knee hurts"),
        ("i0r0_i1r0", "2025-11"),
        ("i0r0_i2r0", "4"),
        ("i0r0_i3r0_o4", "true"),
        ("i1r0_i0r0", "70.5"),
        ("i1r0_i0r0_unit", "0"),
        ("i1r0_i1r0", "0"),
        ("i1r0_i3r0", "false"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

#[test]
fn the_office_reads_earlier_versions_of_its_documents() {
    on_every_engine(|world| {
        let before =
            all::<consent_document::Entity>(world).into_iter().find(|row| row.current && row.department_id.is_some()).expect("a document");
        let (department, id) = (before.department_id.expect("a department").to_string(), before.id.to_string());
        let (desk, page) = (world.sign_in("priya"), format!("/staff/check-in/{department}/documents"));
        assert!(!desk.get(&page).body.contains("Earlier versions"));
        let write = [
            ("department", department.as_str()),
            ("document", &id),
            ("version", "1"),
            ("title_en", &before.title_en),
            ("title_es", &before.title_es),
            ("text_en", "Another text"),
            ("text_es", "Otro texto"),
        ];
        assert_eq!(desk.call("consents/write", &write).status, 200);
        let told = desk.get(&page).body;
        let (now, earlier) = told.split_once("Earlier versions").expect("a heading");
        assert!(now.contains("Another text") && !earlier.contains("Another text"), "{told}");
        assert!(earlier.contains("Version 1, by") && now.contains("Version 2, by"), "{told}");
        // What is not asked any more is read there too.
        let withdraw = [("department", department.as_str()), ("document", id.as_str())];
        assert_eq!(desk.call("consents/withdraw", &withdraw).status, 200);
        assert!(desk.get(&page).body.split_once("Earlier versions").expect("a heading").1.contains("Another text"));
        for stranger in ["maria", "grace"] {
            assert_eq!(world.sign_in(stranger).get(&page).status, 404, "{stranger}");
        }
    });
}

#[test]
fn questionnaires_and_documents_are_parts_of_a_check_in() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let visit = next_visit(world, world.patient("Maria"));
        at(world, starts(&visit) - TimeDelta::days(3));
        let (patient, id) = (visit.patient_id.to_string(), visit.id.to_string());
        let own = [("patient", patient.as_str()), ("visit", id.as_str())];
        let page = |rest: &str| maria.get(&format!("/p/{patient}/visits/{id}/{rest}")).body;
        assert!(page("check-in").contains("Not begun"));
        assert!(page("check-in/forms").contains("Before your visit"), "{}", page("check-in/forms"));
        // Begun, and begun again on another device: one set of answers.
        let asked = form(world, BEFORE).id.to_string();
        let begin = [own[0], own[1], ("form", asked.as_str())];
        assert_eq!(maria.call("check-in/begin-form", &begin).status, 200);
        assert_eq!(maria.call("check-in/begin-form", &begin).status, 200);
        let answers: Vec<_> = rows(world, visit.patient_id).into_iter().filter(|row| row.visit_id == Some(visit.id)).collect();
        assert_eq!(answers.len(), 1);
        let answers = &answers[0];
        // Without a script, questions that an answer brings up are shown before anything is sent.
        let (tab, _) = open(&maria, answers);
        let mut smokes = before_visit();
        smokes.retain(|(key, _)| key != "i1r0_i1r0");
        smokes.push(("i1r0_i1r0".to_owned(), "2"));
        let plain: Vec<(String, &str)> = smokes.iter().map(|(key, value)| (key.clone(), *value)).collect();
        assert!(is_refused(&post(&maria, "send", answers, &tab, &plain, &[("shows", "")])));
        assert!(open(&maria, answers).1.contains("How many cigarettes a day?"));
        let mut more = plain.clone();
        more.push(("i1r0_i2r0".to_owned(), "500"));
        let (tab, _) = open(&maria, answers);
        let far = post(&maria, "send", answers, &tab, &more, &[]);
        assert!(is_refused(&far), "out of range");
        let (tab, _) = open(&maria, answers);
        let done = post(&maria, "send", answers, &tab, &before_visit(), &[("visit", id.as_str())]);
        assert!(sent(&done).ends_with("/check-in/forms"), "{}", done.header("location"));
        let body: Value = serde_json::from_str(row(world, answers.id).body.as_deref().expect("a body")).expect("JSON");
        assert_eq!(body[1]["item"][0]["answer"][0]["valueQuantity"]["value"].to_string(), "70.5");
        assert!(page("check-in").contains("1 of 2 steps done"), "{}", page("check-in"));
        // Documents: one is signed, one is refused.
        let shown = page("check-in/consents");
        let documents: Vec<String> = shown
            .split(&format!("/p/{patient}/visits/{id}/consents/"))
            .skip(1)
            .filter_map(|rest| Some(rest.split('"').next()?.to_owned()))
            .collect();
        assert_eq!(documents.len(), 2, "{shown}");
        let decide = |document: &str, version: &str, decision: &str, name: &str| {
            let fields = [own[0], own[1], ("document", document), ("version", version), ("decision", decision), ("name", name)];
            maria.call("consents/decide", &fields)
        };
        assert!(decide(&documents[0], "1", "agree", "").body.contains("why_missing"));
        assert!(decide(&documents[0], "1", "agree", "Ernesto Rivera").body.contains("name"));
        assert!(decide(&documents[0], "2", "agree", "Maria Rivera").body.contains("consents_why"));
        assert!(decide(&documents[0], "1", "", "Maria Rivera").body.contains("decision"));
        assert!(all::<consent_signature::Entity>(world).is_empty());
        assert_eq!(decide(&documents[0], "1", "agree", "maría  rivera").status, 200);
        std::thread::scope(|scope| {
            let sent = [0; 5].map(|_| scope.spawn(|| decide(&documents[1], "1", "refuse", "").status));
            assert_eq!(sent.map(|sent| sent.join().expect("an answer")), [200; 5], "sent often is decided once");
        });
        assert!(page("check-in").contains("Checked in"), "{}", page("check-in"));
        let signed = all::<consent_signature::Entity>(world);
        assert_eq!((signed.len(), signed.iter().filter(|row| row.agreed).count()), (2, 1));
        // The office reads which one was declined.
        let office = world.sign_in("priya").get(&format!("/staff/visits/{id}/check-in")).body;
        assert!(office.contains("Declined") && office.contains(": Signed"), "{}", office.len());
        let one = format!("/p/{patient}/consents/{}", signed[0].id);
        assert!(maria.get(&one).body.contains(&signed[0].hash));
        for stranger in ["grace", "priya"] {
            assert_eq!(world.sign_in(stranger).get(&one).status, 404, "{stranger}");
        }
        // Both are in the file of the record, with the names of files among the answers.
        let taken = taken(world, &maria, &patient, &["questionnaires", "consents"]);
        for words in ["Before your visit", "70.5", "maría  rivera", &signed[0].hash] {
            assert!(taken.contains(words), "{words}: {taken}");
        }
        let (written, _) = outgoing(world, 0);
        let consents: Vec<&Value> = written.iter().filter(|found| found["resourceType"] == "Consent").collect();
        assert_eq!(consents.len(), 2);
        assert!(consents.iter().any(|found| found["status"] == "rejected" && found["provision"]["type"] == "deny"));
        let kinds: Vec<ActKind> = all::<app::desk::outgoing::entity::Entity>(world).into_iter().map(|act| act.kind).collect();
        assert!(kinds.contains(&ActKind::Answers) && kinds.contains(&ActKind::Consent));
        // What was signed for a visit that is sensitive is seen by whoever sees that: Maria sees all but that of her father's.
        let (of_father, sees) =
            (world.patient("Ernesto"), |who: &str| world.sign_in(who).get(&format!("/p/{}/consents", world.patient("Ernesto"))).body);
        let his = consent_signature::ActiveModel { id: Set(Uuid::now_v7()), patient_id: Set(of_father), ..signed[0].clone().into() };
        world.wait(his.insert(&world.state.connection)).expect("a decision");
        let is_told = |page: &str| page.contains(&format!("/p/{of_father}/consents/"));
        assert!(is_told(&sees("maria")) && is_told(&sees("ernesto")));
        let sensitive = visit::ActiveModel { sensitive: Set(true), ..Default::default() };
        let this = visit::Entity::update_many().set(sensitive).filter(visit::Column::Id.eq(visit.id));
        world.wait(this.exec(&world.state.connection)).expect("an update");
        assert!(!is_told(&sees("maria")) && is_told(&sees("ernesto")));
        // Whoever changes a signature or a text is found out.
        let other = consent_signature::ActiveModel { typed_name: Set(Some("Somebody Else".into())), ..Default::default() };
        let forged = consent_signature::Entity::update_many().set(other).filter(consent_signature::Column::Agreed.eq(true));
        world.wait(forged.exec(&world.state.connection)).expect("an update");
        let signature = signed.iter().find(|row| row.agreed).expect("one");
        let shown = maria.get(&format!("/p/{patient}/consents/{}", signature.id)).body;
        assert!(shown.contains("does not match its fingerprint"), "{shown}");
        // The answers are changed while one can check in, and not afterwards.
        let answered = answers.id.to_string();
        let reopen = [own[0], own[1], ("id", answered.as_str())];
        assert_eq!(world.sign_in("grace").call("questionnaires/reopen", &reopen).status, 404);
        assert_eq!(maria.call("questionnaires/reopen", &reopen).status, 200);
        assert_eq!(row(world, answers.id).state, State::Begun);
        let (tab, _) = open(&maria, answers);
        assert!(!is_refused(&post(&maria, "send", answers, &tab, &before_visit(), &[("visit", id.as_str())])));
        let (written, _) = outgoing(world, 0);
        let told = written.iter().rfind(|found| found["id"] == answered).expect("the answers");
        assert_eq!(told["status"], "amended");
        at(world, starts(&visit) + TimeDelta::hours(1));
        assert_ne!(maria.call("questionnaires/reopen", &reopen).status, 200);
    });
}

/// A small picture.
fn picture() -> Vec<u8> {
    include_bytes!("../../src/demo/rash.jpg").to_vec()
}

#[test]
fn a_file_is_an_answer_that_only_readers_of_the_answers_open() {
    on_every_engine(|world| {
        let torres = world.sign_in("torres");
        let (patient, department) = (world.patient("Maria"), task(world).department_id.expect("a department"));
        let due = (world.state.clock.now().today + TimeDelta::days(5)).to_string();
        let asks = ask(&torres, patient, form(world, BEFORE).id, department, &due);
        assert_eq!(asks.status, 200, "{}", asks.body);
        let asked =
            rows(world, patient).into_iter().find(|row| row.title == "Before your visit" && row.asked_at.is_some()).expect("a task");
        let maria = world.sign_in("maria");
        let (own, id) = (patient.to_string(), asked.id.to_string());
        let fields = |key: &'static str| [("patient", own.clone()), ("id", id.clone()), ("key", key.to_owned())];
        let upload = |me: &Somebody<'_>, key: &'static str, name: &str, file: &[u8]| {
            let all = fields(key);
            let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
            me.upload("questionnaires/add-file", &all, "file", name, file)
        };
        assert_eq!(upload(&world.sign_in("grace"), "i0r0_i4r0", "a.jpg", &picture()).status, 404);
        assert_eq!(upload(&maria, "i0r0_i0r0", "a.jpg", &picture()).status, 404, "no question for a file");
        assert!(upload(&maria, "i0r0_i4r0", "a.jpg", b"MZ no picture").body.contains("why_not_a_file"));
        assert!(upload(&maria, "i0r0_i4r0", "a.jpg", b"").body.contains("why_missing"));
        assert!(upload(&maria, "i0r0_i4r0", "a.jpg", b"\xff\xd8\xff and no more").body.contains("why_not_a_file"));
        assert!(all::<questionnaire_file::Entity>(world).is_empty());
        assert_eq!(upload(&maria, "i0r0_i4r0", "rash \u{202e}.jpg", &picture()).status, 200);
        assert_eq!(upload(&maria, "i0r0_i4r0", "rash.jpg", &picture()).status, 200, "in its place");
        let files = all::<questionnaire_file::Entity>(world);
        assert_eq!(files.len(), 1);
        // Typing goes on, and the file stays.
        let (tab, _) = open(&maria, &asked);
        assert!(!is_refused(&post(&maria, "send", &asked, &tab, &before_visit(), &[])));
        assert_eq!(all::<questionnaire_file::Entity>(world).len(), 1);
        let at = |side: &str| format!("/files/{side}/{patient}/{}/{}", asked.id, files[0].id);
        assert_eq!(maria.get_bytes(&at("answer")).0, 200);
        assert_eq!(torres.get_bytes(&at("staff-answer")).0, 200);
        for stranger in ["grace", "priya"] {
            let me = world.sign_in(stranger);
            assert_eq!((me.get_bytes(&at("answer")).0, me.get_bytes(&at("staff-answer")).0), (404, 404), "{stranger}");
        }
        assert_ne!(world.nobody().get_bytes(&at("answer")).0, 200);
        let (written, _) = outgoing(world, 0);
        let sent = written.iter().find(|found| found["resourceType"] == "QuestionnaireResponse").expect("sent");
        assert!(sent.to_string().contains("\"contentType\":\"image/jpeg\"") && !sent.to_string().contains(&files[0].id.to_string()));
    });
}

#[test]
fn what_the_record_system_sends_is_asked_or_shown_and_what_cannot_be_read_is_not_asked() {
    on_every_engine(|world| {
        let system = as_system(&world.state.db, "test");
        let import = |resources: Vec<Value>| {
            let entries: Vec<Value> = resources.into_iter().map(|resource| json!({"resource": resource})).collect();
            let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
            world.wait(import_bundle(&system, "other", bundle)).expect("imported");
        };
        let one = |id: &str, more: Value| {
            let mut form = json!({"resourceType": "Questionnaire", "id": id, "url": format!("https://x.example/{id}"), "title": id, "status": "active",
                "item": [{"linkId": "1", "type": "string", "text": "What?"}]});
            form.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            form
        };
        import(vec![
            one("plain", json!({})),
            one("draft", json!({"status": "draft"})),
            one("modified", json!({"modifierExtension": [{"url": "https://x.example/changes", "valueBoolean": true}]})),
            one("twice", json!({"item": [{"linkId": "1", "type": "string"}, {"linkId": "1", "type": "string"}]})),
            one("display", json!({"item": [{"linkId": "1", "type": "display", "text": "<script>alert(1)</script>"}]})),
            one("gad", json!({"code": [{"system": "http://loinc.org", "code": "69737-5"}]})),
        ]);
        let known = |title: &str| all::<questionnaire::Entity>(world).into_iter().find(|form| form.title == title);
        assert!(known("plain").is_some_and(|form| form.active && !form.sensitive));
        assert!(known("gad").is_some_and(|form| form.active && form.sensitive));
        for title in ["draft", "twice", "display"] {
            assert!(known(title).is_some_and(|form| !form.active), "{title}");
        }
        assert!(known("modified").is_none_or(|form| !form.active));
        // Taken back by its source: asked no more.
        import(vec![one("plain", json!({"status": "retired"}))]);
        assert!(known("plain").is_some_and(|form| !form.active));
        let subject = format!("Patient/{}", world.reference("Maria"));
        let answers = |id: &str, status: &str| {
            json!({"resourceType": "QuestionnaireResponse", "id": id, "questionnaire": "https://x.example/gad", "status": status,
                "subject": {"reference": subject}, "authored": "2025-10-01T10:00:00Z", "author": {"display": "A nurse"},
                "item": [{"linkId": "1", "text": "What?", "answer": [{"valueString": "<b>bold</b>"}]}]})
        };
        import(vec![answers("r1", "completed"), answers("r2", "in-progress"), answers("r3", "entered-in-error")]);
        let patient = world.patient("Maria");
        let came = || rows(world, patient).into_iter().filter(|row| row.title == "gad").collect::<Vec<_>>();
        assert_eq!(came().len(), 1);
        assert!(came()[0].sensitive);
        let maria = world.sign_in("maria");
        let page = maria.get(&format!("/p/{patient}/questionnaires/{}", came()[0].id)).body;
        assert!(page.contains("&lt;b&gt;bold") && !page.contains("<b>bold"), "{page}");
        // Corrected at its source: gone.
        import(vec![answers("r1", "entered-in-error")]);
        assert!(came().is_empty());
    });
}
