//! Visits by video: who comes in and when, what browsers tell each other, guests, calls instead, and what is kept.

use std::{
    io::BufRead,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use app::{
    access::as_system,
    desk::{
        check_in::entity::visit_arrival,
        outgoing::{entity as outgoing, model::ActKind},
        scheduling::{entity::booking_event, model::Happened},
        video::{
            closing,
            entity::{video_call_back, video_chat, video_guest, video_office, video_participant, video_room, video_signal},
            ice::IceSettings,
        },
    },
    features::messages::entity::message,
    people::{proxy_grant, relation::AdultLevel},
    record::visit::{
        entity::visit,
        model::{Kind, Status},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::{
    billing::{all, at},
    outgoing::outgoing as written_out,
    take_along::taken,
    world::{Answer, Somebody, World, on_every_engine},
};

/// The demo's visit by video of somebody: Sofia's is held in the portal, Noah's by a link.
fn video_of(world: &World, given_name: &str) -> visit::Model {
    let patient = world.patient(given_name);
    let found = all::<visit::Entity>(world).into_iter().filter(|visit| visit.patient_id == patient && visit.kind == Kind::Video);
    found.filter(|visit| visit.status == Status::Booked).max_by_key(|visit| visit.starts_at).expect("a visit by video")
}

fn read(world: &World, id: Uuid) -> visit::Model {
    world.wait(visit::Entity::find_by_id(id).one(&world.state.connection)).expect("a query").expect("the visit")
}

fn starts(visit: &visit::Model) -> DateTime<Utc> {
    visit.starts_at.expect("a time")
}

fn patients_room(visit: &visit::Model) -> String {
    format!("/p/{}/visits/{}/video", visit.patient_id, visit.id)
}

fn staff_room(visit: &visit::Model) -> String {
    format!("/staff/visits/{}/video", visit.id)
}

fn post(me: &Somebody<'_>, room: &str, act: &str, fields: &[(&str, &str)]) -> Answer {
    post_at(me, "", room, act, fields)
}

/// `origin` is another server's, or empty.
fn post_at(me: &Somebody<'_>, origin: &str, room: &str, act: &str, fields: &[(&str, &str)]) -> Answer {
    let me = if origin.is_empty() { me.clone() } else { me.at(origin) };
    me.post(&format!("{room}/{act}"), fields, &[("accept", "application/json"), ("sec-fetch-site", "same-origin")])
}

fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().unwrap_or_default().to_owned()
}

/// Somebody with a place.
struct Place<'w> {
    who: Somebody<'w>,
    room: String,
    ticket: String,
    me: String,
}

impl Place<'_> {
    fn post(&self, act: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_at("", act, fields)
    }

    fn post_at(&self, origin: &str, act: &str, fields: &[(&str, &str)]) -> Answer {
        post_at(&self.who, origin, &self.room, act, &[&[("ticket", self.ticket.as_str())][..], fields].concat())
    }

    fn inside(&self) {
        assert_eq!(self.post("state", &[("inside", "true"), ("mic", "true"), ("camera", "true"), ("screen", "false")]).status, 200);
    }

    fn hears(&self, origin: &str, after: i64) -> Receiver<Heard> {
        let (status, lines) = self.who.stream(origin, &format!("{}/events?ticket={}&after={after}", self.room, self.ticket));
        assert_eq!(status, 200);
        let (tell, heard) = channel();
        thread::spawn(move || {
            let mut event = Heard::default();
            for line in lines.lines().map_while(Result::ok) {
                if let Some(kind) = line.strip_prefix("event: ") {
                    event.kind = kind.to_owned();
                } else if let Some(id) = line.strip_prefix("id: ") {
                    event.id = id.parse().unwrap_or_default();
                } else if let Some(data) = line.strip_prefix("data: ") {
                    event.data = serde_json::from_str(data).unwrap_or_default();
                } else if line.is_empty() && !event.kind.is_empty() && tell.send(std::mem::take(&mut event)).is_err() {
                    return;
                }
            }
            let _ = tell.send(Heard { kind: "over".into(), ..Heard::default() });
        });
        heard
    }
}

#[derive(Debug, Default)]
struct Heard {
    id: i64,
    kind: String,
    data: Value,
}

/// The next event of a kind that fits, within some seconds.
fn next(heard: &Receiver<Heard>, kind: &str, fits: impl Fn(&Value) -> bool) -> Heard {
    for _ in 0..200 {
        let event = heard.recv_timeout(Duration::from_secs(8)).unwrap_or_else(|_| panic!("no {kind}"));
        if event.kind == kind && fits(&event.data) {
            return event;
        }
    }
    panic!("no {kind} that fits");
}

fn ends(heard: &Receiver<Heard>) -> String {
    next(heard, "end", |_| true).data["why"].as_str().unwrap_or_default().to_owned()
}

fn enter<'w>(who: &Somebody<'w>, room: &str) -> Place<'w> {
    let answer = post(who, room, "enter", &[]);
    assert_eq!(answer.status, 200, "{room}: {}", answer.body);
    let told = answer.json();
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    Place { who: who.clone(), room: room.to_owned(), ticket: text("ticket"), me: text("me") }
}

fn call(me: &Somebody<'_>, function: &str, visit: &visit::Model, fields: &[(&str, &str)]) -> Answer {
    let (patient, id) = (visit.patient_id.to_string(), visit.id.to_string());
    me.call(&format!("video/{function}"), &[&[("patient", patient.as_str()), ("visit", &id)][..], fields].concat())
}

/// The room of a guest whom Sofia invites and who has said their name.
fn guest_room(world: &World, visit: &visit::Model, name: &str) -> String {
    let sofia = world.sign_in("sofia");
    assert_eq!(call(&sofia, "invite", visit, &[("whom", "Intérprete")]).status, 200);
    let page = sofia.get(&format!("/p/{}/visits/{}/guests", visit.patient_id, visit.id)).body;
    let code = page.rsplit("/video/guest/").next().and_then(|rest| rest.split('"').next()).expect("a link").to_owned();
    assert_eq!(world.nobody().call("video/guest-name", &[("code", &code), ("name", name)]).status, 200);
    format!("/video/guest/{code}")
}

fn change(world: &World, id: Uuid, to: visit::ActiveModel) {
    let one = visit::Entity::update_many().set(to).filter(visit::Column::Id.eq(id));
    world.wait(one.exec(&world.state.connection)).expect("an update");
}

#[test]
fn nobody_comes_in_who_may_not_see_the_visit() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let (room, staff) = (patients_room(&visit), staff_room(&visit));
        assert_eq!(world.nobody().get(&room).status, 303);
        assert_eq!(world.nobody().get(&staff).status, 303);
        for place in [&room, &staff] {
            let refused = post(&world.nobody(), place, "enter", &[]);
            assert_eq!((refused.status, error(&refused).as_str()), (403, "not_allowed"), "{place}");
        }
        for who in ["maria", "daniel", "dana", "priya", "torres"] {
            let me = world.sign_in(who);
            assert_eq!(me.get(&room).status, 404, "{who}");
            assert_eq!(post(&me, &room, "enter", &[]).status, 403, "{who}");
        }
        // The clinician of another department, whoever keeps no calendars, and patients: not by the staff's door.
        for who in ["hale", "dana", "maria", "sofia"] {
            let me = world.sign_in(who);
            assert_eq!(me.get(&staff).status, 404, "{who}");
            assert_eq!(post(&me, &staff, "enter", &[]).status, 403, "{who}");
        }
        // The front desk sees who waits, and is in no visit.
        let priya = world.sign_in("priya");
        assert!(priya.get(&staff).status == 200 && !priya.get(&staff).body.contains("/video.js"));
        assert_eq!(post(&priya, &staff, "enter", &[]).status, 403);
        // Another's visit by one's own chart, and a visit that is none by video.
        let maria = world.sign_in("maria");
        let other = format!("/p/{}/visits/{}/video", world.patient("Maria"), visit.id);
        assert_eq!((maria.get(&other).status, post(&maria, &other, "enter", &[]).status), (404, 403));
        change(world, visit.id, visit::ActiveModel { kind: Set(Kind::Office), ..Default::default() });
        let sofia = world.sign_in("sofia");
        assert_eq!((sofia.get(&room).status, post(&sofia, &room, "enter", &[]).status), (404, 403));
        change(world, visit.id, visit::ActiveModel { kind: Set(Kind::Video), ..Default::default() });
        // Without a ticket, with another's, or one of another visit, nothing is said or heard.
        let place = enter(&sofia, &room);
        for ticket in ["", "0000", &"0".repeat(64)] {
            for act in ["signal", "state", "chat", "keep-chat", "leave", "ice", "admit", "remove", "end"] {
                assert_eq!(post(&sofia, &room, act, &[("ticket", ticket)]).status, 403, "{act} {ticket}");
            }
        }
        let torres = enter(&world.sign_in("torres"), &staff);
        assert_eq!(post(&sofia, &room, "state", &[("ticket", &torres.ticket)]).status, 403, "somebody else's ticket");
        assert_eq!(post(&torres.who, &staff, "state", &[("ticket", &place.ticket)]).status, 403, "somebody else's ticket");
        assert_eq!(post(&world.nobody(), &room, "state", &[("ticket", &place.ticket)]).status, 403, "a ticket without its session");
        let noah = video_of(world, "Noah");
        let elsewhere = format!("/p/{}/visits/{}/video", visit.patient_id, noah.id);
        assert_eq!(post(&sofia, &elsewhere, "state", &[("ticket", &place.ticket)]).status, 403, "a ticket of another visit");
        // Only a clinician ends or closes it, and only guests are sent away.
        for (act, fields) in [("end", vec![]), ("admit", vec![("more", "false")]), ("remove", vec![("who", torres.me.as_str())])] {
            assert_eq!(place.post(act, &fields).status, 403, "{act}");
        }
        assert_eq!(torres.post("remove", &[("who", &place.me)]).status, 403);
    });
}

/// The husband of the patient is shown her chart.
fn comes_along(world: &World, visit: &visit::Model) {
    let row = proxy_grant::ActiveModel { level: Set(Some(AdultLevel::AllButSensitive)), ..Default::default() };
    let his = proxy_grant::Entity::update_many().set(row).filter(proxy_grant::Column::PatientId.eq(visit.patient_id));
    world.wait(his.exec(&world.state.connection)).expect("an update");
}

#[test]
fn whoever_may_not_know_what_is_said_in_a_visit_stays_outside() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        // Carlos sees the schedule of his wife, and nothing that is said or found at a visit: he comes along as a guest, if at all.
        let carlos = world.sign_in("carlos");
        assert_eq!(post(&carlos, &patients_room(&visit), "enter", &[]).status, 403);
        assert_eq!(carlos.get(&patients_room(&visit)).status, 403);
        assert_eq!(call(&carlos, "invite", &visit, &[("whom", "x")]).status, 403);
        assert!(!carlos.get("/home").body.contains("/video\""));
        comes_along(world, &visit);
        let place = enter(&carlos, &patients_room(&visit));
        assert_eq!(all::<video_participant::Entity>(world).len(), 1);
        // A sensitive visit does not exist for him, and he is out at once.
        change(world, visit.id, visit::ActiveModel { sensitive: Set(true), ..Default::default() });
        assert_eq!(post(&carlos, &place.room, "enter", &[("ticket", &place.ticket)]).status, 403);
        assert_eq!(place.post("state", &[("inside", "true")]).status, 403);
        // Maria is the mother of a teen: the visit of Lucas is not hers.
        change(
            world,
            visit.id,
            visit::ActiveModel { patient_id: Set(world.patient("Lucas")), sensitive: Set(false), ..Default::default() },
        );
        let moved = read(world, visit.id);
        let maria = world.sign_in("maria");
        assert_eq!(maria.get(&patients_room(&moved)).status, 403);
        assert_eq!(post(&maria, &patients_room(&moved), "enter", &[]).status, 403);
        assert_eq!(call(&maria, "call-me", &moved, &[("phone", "860-555-0100")]).status, 403);
        assert_eq!(call(&maria, "invite", &moved, &[("whom", "x")]).status, 403);
    });
}

#[test]
fn a_room_opens_some_minutes_before_and_is_closed_when_its_time_is_over() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        let (sofia, torres) = (world.sign_in("sofia"), world.sign_in("torres"));
        let list = format!("/p/{}/visits", visit.patient_id);
        let mine = format!("{list}/{}", visit.id);
        at(world, starts(&visit) - TimeDelta::minutes(16));
        for (who, room) in [(&sofia, patients_room(&visit)), (&torres, staff_room(&visit))] {
            let early = post(who, &room, "enter", &[]);
            assert_eq!((early.status, error(&early).as_str()), (409, "early"));
        }
        // The tests are there, the time is said, and no list offers to join.
        let page = sofia.get(&patients_room(&visit)).body;
        assert!(page.contains("/video.js") && page.contains("Puede entrar desde: "), "{page}");
        assert!(!sofia.get(&list).body.contains("/video\"") && !sofia.get("/home").body.contains("/video\""));
        assert!(sofia.get(&mine).body.contains("Probar cámara y micrófono"));
        at(world, starts(&visit) - TimeDelta::minutes(14));
        for page in [list.as_str(), "/home", mine.as_str()] {
            let body = sofia.get(page).body;
            let link = body.split("/video\"").nth(1).unwrap_or_default();
            assert!(link.contains("rel=\"external\"") && link.contains("Entrar en la consulta por video"), "{page}: {body}");
        }
        assert!(all::<visit_arrival::Entity>(world).iter().all(|row| row.visit_id != visit.id));
        enter(&sofia, &patients_room(&visit));
        // Coming in is arriving: staff see since when, and other systems hear of it.
        assert_eq!(read(world, visit.id).status, Status::Arrived);
        let arrival = all::<visit_arrival::Entity>(world).into_iter().find(|row| row.visit_id == visit.id).expect("an arrival");
        assert!(arrival.author == "Sofia Morales" && (arrival.arrived_at - world.state.clock.now().instant).abs() < TimeDelta::minutes(1));
        at(world, starts(&visit) - TimeDelta::seconds(10 * 60 + 30));
        let day = torres.get("/staff/video").body;
        assert!(day.contains("Waits since") && day.contains("(3 minutes)") && day.contains("Start the visit"), "{day}");
        assert!(world.sign_in("nora").get("/staff/video").body.contains("Sofia Morales"));
        assert!(!world.sign_in("hale").get("/staff/video").body.contains("Sofia Morales"), "another department");
        assert!(!sofia.get(&format!("{mine}/arrive")).body.contains("sala de espera"), "nobody waits in a room at home");
        // Another time to open is a setting, of those who keep the department.
        let department = visit.department_id.expect("a department").to_string();
        let office = |who: &str, minutes: &str| {
            let fields = [("department", department.as_str()), ("held", "portal"), ("opens_minutes", minutes)];
            world.sign_in(who).call("video/office", &fields).status
        };
        assert_eq!((office("sofia", "5"), office("hale", "5"), office("torres", "5")), (404, 404, 403));
        assert_eq!((office("nora", "121"), office("nora", "x"), office("nora", "5")), (422, 422, 200));
        let early = post(&sofia, &patients_room(&visit), "enter", &[]);
        assert_eq!(error(&early), "early");
        // After its time nobody comes in; a call is still to be had.
        at(world, starts(&visit) + TimeDelta::minutes(61));
        for (who, room) in [(&sofia, patients_room(&visit)), (&torres, staff_room(&visit))] {
            assert_eq!(error(&post(who, &room, "enter", &[])), "late");
            assert!(!who.get(&room).body.contains("/video.js"));
        }
        let page = sofia.get(&patients_room(&visit)).body;
        assert!(page.contains("ya pasó") && page.contains("Prefiero que me llamen"), "{page}");
        for status in [Status::Cancelled, Status::NoShow] {
            change(world, visit.id, visit::ActiveModel { status: Set(status), ..Default::default() });
            assert_eq!(error(&post(&sofia, &patients_room(&visit), "enter", &[])), "not_allowed");
        }
    });
}

#[test]
fn four_are_in_a_visit_and_no_more_and_a_newer_device_takes_over() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let (room, staff) = (patients_room(&visit), staff_room(&visit));
        let sofia = enter(&world.sign_in("sofia"), &room);
        let torres = enter(&world.sign_in("torres"), &staff);
        let nora = enter(&world.sign_in("nora"), &staff);
        let guest = enter(&world.nobody(), &guest_room(world, &visit, "Ana"));
        comes_along(world, &visit);
        let carlos = world.sign_in("carlos");
        let full = post(&carlos, &room, "enter", &[]);
        assert_eq!((full.status, error(&full).as_str()), (409, "full"));
        // Whoever is there comes back with the same ticket, and is the same person.
        let again = post(&sofia.who, &room, "enter", &[("ticket", &sofia.ticket)]).json();
        assert_eq!((again["ticket"].as_str(), again["me"].as_str()), (Some(sofia.ticket.as_str()), Some(sofia.me.as_str())));
        // A place that was left is free.
        assert_eq!(nora.post("leave", &[]).status, 200);
        enter(&carlos, &room);
        assert_eq!(error(&post(&nora.who, &staff, "enter", &[("ticket", &nora.ticket)])), "full");
        // Another device of the same person takes the place, and the first one hears why.
        let heard = sofia.hears(&world.origin, 0);
        next(&heard, "people", |people| people.as_array().is_some_and(|people| people.len() == 4));
        let newer = enter(&sofia.who, &room);
        assert_eq!(newer.me, sofia.me);
        assert_eq!(ends(&heard), "elsewhere");
        assert_eq!(error(&sofia.post("state", &[("inside", "true")])), "elsewhere");
        assert_eq!(error(&post(&sofia.who, &room, "enter", &[("ticket", &sofia.ticket)])), "elsewhere");
        newer.inside();
        // A clinician admits nobody else.
        assert_eq!(torres.post("admit", &[("more", "false")]).status, 200);
        assert_eq!(guest.post("leave", &[]).status, 200);
        let late = guest_room(world, &visit, "Luis");
        assert_eq!(error(&post(&world.nobody(), &late, "enter", &[])), "not_allowed");
        assert_eq!(post(&guest.who, &guest.room, "enter", &[("ticket", &guest.ticket)]).status, 200, "who was there comes back");
    });
}

#[test]
fn what_is_said_comes_in_order_to_whom_it_is_for_and_none_is_missed() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let sofia = enter(&world.sign_in("sofia"), &patients_room(&visit));
        let torres = enter(&world.sign_in("torres"), &staff_room(&visit));
        let nora = enter(&world.sign_in("nora"), &staff_room(&visit));
        let heard = torres.hears(&world.origin, 0);
        let others = nora.hears(&world.origin, 0);
        let (first, second) = (world.origin.clone(), world.second_server());
        // Two speak at once, on two servers.
        thread::scope(|scope| {
            for (place, origin) in [(&sofia, &first), (&nora, &second)] {
                let (who, room, ticket, to) = (place.who.clone(), place.room.clone(), place.ticket.clone(), torres.me.clone());
                let origin = origin.clone();
                scope.spawn(move || {
                    for number in 0..25 {
                        let data = number.to_string();
                        let fields = [("ticket", ticket.as_str()), ("to", &to), ("data", &data)];
                        assert_eq!(post_at(&who, &origin, &room, "signal", &fields).status, 200);
                    }
                });
            }
        });
        let mut numbers = Vec::new();
        let mut of = [Vec::new(), Vec::new()];
        for _ in 0..50 {
            let event = next(&heard, "signal", |_| true);
            numbers.push(event.id);
            let from = event.data["from"].as_str().unwrap_or_default().to_owned();
            of[usize::from(from == nora.me)].push(event.data["data"].as_str().unwrap_or_default().to_owned());
        }
        assert!(numbers.is_sorted() && numbers.len() == 50, "{numbers:?}");
        let all_numbers: Vec<String> = (0..25).map(|number| number.to_string()).collect();
        assert_eq!(of, [all_numbers.clone(), all_numbers]);
        // A page that comes back goes on after the last that it heard, on another server.
        let rest = torres.hears(&second, numbers[39]);
        let again: Vec<i64> = (0..10).map(|_| next(&rest, "signal", |_| true).id).collect();
        assert_eq!(again, numbers[40..]);
        // What is for one person is for nobody else; chat is for all, and the same key is the same line.
        for _ in 0..2 {
            assert_eq!(sofia.post("chat", &[("text", "Hola"), ("key", "a-1")]).status, 200);
        }
        for (text, key) in [("", "a-2"), ("My card is 4111 1111 1111 1111", "a-3"), (&"x".repeat(2001), "a-4")] {
            assert_eq!(sofia.post("chat", &[("text", text), ("key", key)]).status, 422, "{text}");
        }
        let line = next(&others, "chat", |_| true).data;
        assert_eq!((line["name"].as_str(), line["text"].as_str()), (Some("Sofia Morales"), Some("Hola")));
        assert_eq!(all::<video_chat::Entity>(world).len(), 1);
        while let Ok(event) = others.recv_timeout(Duration::from_millis(900)) {
            assert!(event.kind != "signal", "{event:?}");
        }
        // Nothing goes out of the room, and nothing that is too much.
        for (to, data) in [(Uuid::now_v7().to_string(), "x".to_owned()), (sofia.me.clone(), "x".to_owned())] {
            assert_eq!(sofia.post("signal", &[("to", &to), ("data", &data)]).status, 403);
        }
        for (to, data) in [("x", "x".to_owned()), (torres.me.as_str(), "x".repeat(256 * 1024 + 1)), (torres.me.as_str(), String::new())] {
            assert_eq!(sofia.post("signal", &[("to", to), ("data", &data)]).status, 422);
        }
        assert_eq!(sofia.post("dance", &[]).status, 422);
    });
}

#[test]
fn a_visit_begins_goes_on_over_a_restart_and_ends_with_its_time() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let sofia = enter(&world.sign_in("sofia"), &patients_room(&visit));
        let torres = enter(&world.sign_in("torres"), &staff_room(&visit));
        torres.inside();
        assert_eq!(read(world, visit.id).status, Status::Arrived, "nobody has met");
        let acts =
            || all::<outgoing::Entity>(world).into_iter().filter(|act| act.kind == ActKind::Appointment && act.about == visit.id).count();
        let before = acts();
        sofia.inside();
        sofia.inside();
        assert_eq!(read(world, visit.id).status, Status::InProgress);
        assert_eq!(acts(), before + 1, "once");
        // Another server on the same database knows all of it; the clock is the world's.
        let clock = world.state.clock.clone();
        let second = world.second_server_with(|state| state.clock = clock);
        let heard = torres.hears(&second, 0);
        let people = next(&heard, "people", |people| people.as_array().is_some_and(|people| people.len() == 2)).data;
        assert!(people.as_array().expect("a list").iter().all(|one| one["inside"] == true), "{people}");
        assert_eq!(sofia.post_at(&second, "signal", &[("to", &torres.me), ("data", "[]")]).status, 200);
        assert_eq!(next(&heard, "signal", |_| true).data["data"], "[]");
        // Beyond its planned end it goes on.
        at(world, starts(&visit) + TimeDelta::minutes(100));
        assert_eq!(sofia.post("state", &[("inside", "true")]).status, 200);
        assert_eq!(
            world.wait(closing::close_over(&as_system(&world.state.db, "test"), world.state.clock.now().instant)).expect("looked"),
            0
        );
        at(world, starts(&visit) + TimeDelta::minutes(25));
        assert_eq!(torres.post("end", &[]).status, 200);
        assert_eq!(ends(&heard), "ended");
        let done = read(world, visit.id);
        assert_eq!(done.status, Status::Finished);
        let happened: Vec<Happened> =
            all::<booking_event::Entity>(world).into_iter().filter(|event| event.visit_id == visit.id).map(|event| event.what).collect();
        assert!([Happened::Arrived, Happened::Began, Happened::Ended].iter().all(|what| happened.contains(what)), "{happened:?}");
        for (place, room) in [(&sofia, patients_room(&visit)), (&torres, staff_room(&visit))] {
            assert_eq!(error(&place.post("state", &[("inside", "true")])), "ended");
            assert_eq!(error(&post(&place.who, &room, "enter", &[])), "ended");
            let lines = place.hears(&world.origin, 0);
            assert_eq!(ends(&lines), "ended");
        }
        assert!(all::<video_signal::Entity>(world).is_empty(), "nothing of it is kept");
        // How long it took stands on the visit.
        let page = sofia.who.get(&format!("/p/{}/visits/{}", visit.patient_id, visit.id)).body;
        assert!(page.contains("25 minutos") && page.contains("La consulta por video con"), "{page}");
        assert!(torres.who.get("/staff/video").body.contains("Over"));
    });
}

#[test]
fn a_room_that_nobody_ends_is_closed_by_itself() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let sofia = enter(&world.sign_in("sofia"), &patients_room(&visit));
        let torres = enter(&world.sign_in("torres"), &staff_room(&visit));
        sofia.inside();
        torres.inside();
        // The pages were not heard of for an hour.
        let ago = video_participant::ActiveModel { seen_at: Set(Utc::now() - TimeDelta::minutes(60)), ..Default::default() };
        world.wait(video_participant::Entity::update_many().set(ago).exec(&world.state.connection)).expect("an update");
        at(world, starts(&visit) + TimeDelta::minutes(70));
        let close =
            || world.wait(closing::close_over(&as_system(&world.state.db, "test"), world.state.clock.now().instant)).expect("closed");
        assert_eq!((close(), close()), (1, 0));
        let room = all::<video_room::Entity>(world).remove(0);
        let took = room.ended_at.expect("an end") - room.begun_at.expect("a beginning");
        assert!((9..=11).contains(&took.num_minutes()), "until they were last there: {took}");
        assert_eq!(read(world, visit.id).status, Status::Finished);
    });
}

#[test]
fn whose_access_ends_is_out_at_once() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        comes_along(world, &visit);
        let carlos = enter(&world.sign_in("carlos"), &patients_room(&visit));
        let sofia = enter(&world.sign_in("sofia"), &patients_room(&visit));
        let [his, hers] = [&carlos, &sofia].map(|place| place.hears(&world.origin, 0));
        next(&his, "people", |people| people.as_array().is_some_and(|people| people.len() == 2));
        let over = proxy_grant::ActiveModel { ended_at: Set(Some(Utc::now() - TimeDelta::days(1))), ..Default::default() };
        let of_hers = proxy_grant::Column::PatientId.eq(visit.patient_id);
        world.wait(proxy_grant::Entity::update_many().set(over).filter(of_hers).exec(&world.state.connection)).expect("an update");
        assert_eq!(carlos.post("chat", &[("text", "x"), ("key", "1")]).status, 403);
        assert_eq!(ends(&his), "removed");
        // Whoever signs out leaves no page behind that goes on.
        next(&hers, "people", |_| true);
        assert!(sofia.who.call("sign-in/sign-out", &[]).status < 400);
        assert_eq!(ends(&hers), "removed");
        assert_eq!(sofia.post("ice", &[]).status, 403);
        // A clinician who works elsewhere from now on.
        let torres = enter(&world.sign_in("torres"), &staff_room(&visit));
        let account =
            all::<video_participant::Entity>(world).into_iter().find(|row| row.id.to_string() == torres.me).and_then(|row| row.account_id);
        let posts = app::people::staff_office::Entity::delete_many()
            .filter(app::people::staff_office::Column::AccountId.eq(account))
            .exec(&world.state.connection);
        world.wait(posts).expect("deleted");
        assert_eq!(torres.post("end", &[]).status, 403);
        assert_eq!(read(world, visit.id).status, Status::Arrived);
    });
}

#[test]
fn a_guest_has_one_visit_and_either_side_ends_it() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let (sofia, torres, nobody) = (world.sign_in("sofia"), world.sign_in("torres"), world.nobody());
        for whom in ["", &"x".repeat(101)] {
            assert_eq!(call(&sofia, "invite", &visit, &[("whom", whom)]).status, 422);
        }
        for who in ["maria", "hale", "dana"] {
            let me = world.sign_in(who);
            assert_eq!(call(&me, "invite", &visit, &[("whom", "x")]).status, 404, "{who}");
            assert_eq!(call(&me, "staff-invite", &visit, &[("whom", "x")]).status, 404, "{who}");
        }
        let room = guest_room(world, &visit, "Ana Ruiz");
        // Both sides see the link; the database has neither the code nor anything to make it of without the server's secret.
        let (mine, theirs) = (format!("/p/{}/visits/{}/guests", visit.patient_id, visit.id), format!("/staff/visits/{}/guests", visit.id));
        for who in ["maria", "hale", "dana"] {
            assert_eq!((world.sign_in(who).get(&mine).status, world.sign_in(who).get(&theirs).status), (404, 404), "{who}");
        }
        for page in [sofia.get(&mine).body, torres.get(&theirs).body] {
            assert!(page.contains(&room) && page.contains("Ana Ruiz"), "{page}");
        }
        let row = all::<video_guest::Entity>(world).remove(0);
        let code = room.rsplit('/').next().expect("a code");
        assert!(code.len() == 32 && row.code_hash != code && !row.sealed_code.windows(8).any(|part| code.as_bytes().starts_with(part)));
        // The page says with whom and when, and nothing of the patient.
        let page = nobody.get(&room).body;
        assert!(page.contains("Torres") && page.contains("Guest: Ana Ruiz") && page.contains("/video.js"), "{page}");
        assert!(!page.contains("Sofia") && !page.contains("Morales") && !page.contains("Heartburn") && !page.contains("/p/"), "{page}");
        let guest = enter(&nobody, &room);
        let his = guest.hears(&world.origin, 0);
        next(&his, "people", |people| people.as_array().is_some_and(|people| people.len() == 1));
        // A guest does none of what the others may, and the ticket opens nothing else.
        for (act, fields) in [("end", vec![]), ("admit", vec![]), ("remove", vec![("who", guest.me.as_str())])] {
            assert_eq!(guest.post(act, &fields).status, 403, "{act}");
        }
        assert_eq!(
            post(&nobody, &patients_room(&visit), "state", &[("ticket", &guest.ticket)]).status,
            200,
            "the same visit by its ticket"
        );
        for path in [format!("/p/{}/visits", visit.patient_id), patients_room(&visit), format!("/files/photo/{}", visit.patient_id)] {
            assert_ne!(nobody.get(&path).status, 200, "{path}");
        }
        let place = enter(&sofia, &patients_room(&visit));
        let heard = place.hears(&world.origin, 0);
        let people = next(&heard, "people", |people| people.as_array().is_some_and(|people| people.len() == 2)).data;
        assert!(people.to_string().contains("Invitado: Ana Ruiz") || people.to_string().contains("Guest: Ana Ruiz"), "{people}");
        // Ended in the room by the patient.
        assert_eq!(place.post("remove", &[("who", &guest.me)]).status, 200);
        assert_eq!(ends(&his), "removed");
        assert_eq!(post(&nobody, &room, "enter", &[]).status, 403);
        assert!(nobody.get(&room).body.contains("does not work"));
        // Ended on the page by staff.
        let other = guest_room(world, &visit, "Luis");
        let luis = enter(&nobody, &other);
        let id = all::<video_guest::Entity>(world).into_iter().find(|row| row.ended_at.is_none()).expect("a guest").id.to_string();
        assert_eq!(call(&world.sign_in("hale"), "staff-end-guest", &visit, &[("guest", &id)]).status, 404);
        let noah = video_of(world, "Noah");
        assert_eq!(call(&world.sign_in("hale"), "staff-end-guest", &noah, &[("guest", &id)]).status, 404, "a link of another visit");
        assert_eq!(call(&torres, "staff-end-guest", &visit, &[("guest", &id)]).status, 200);
        assert_eq!(luis.post("state", &[("inside", "true")]).status, 403);
        // Two at a time, and none after the visit.
        guest_room(world, &visit, "A");
        let last = guest_room(world, &visit, "B");
        assert!(call(&sofia, "invite", &visit, &[("whom", "C")]).body.contains("video_why_too_many_guests"));
        let torres = enter(&torres, &staff_room(&visit));
        assert_eq!(torres.post("end", &[]).status, 200);
        assert_eq!(post(&nobody, &last, "enter", &[]).status, 403);
        assert!(call(&sofia, "invite", &visit, &[("whom", "D")]).body.contains("video_why_not_open"));
        // Links that lead nowhere are tried so often and no more.
        let tries: Vec<u16> = (0..25).map(|number| post(&nobody, &format!("/video/guest/{number:032x}"), "enter", &[]).status).collect();
        assert!(tries[0] == 403 && tries[24] == 429, "{tries:?}");
    });
}

#[test]
fn the_chat_is_kept_when_all_agreed_and_otherwise_gone() {
    on_every_engine(|world| {
        for (agreed, kept) in [([true, true], true), ([true, false], false), ([false, true], false)] {
            at(world, Utc::now());
            let visit = video_of_fresh(world);
            at(world, starts(&visit));
            let (sofia, torres) =
                (enter(&world.sign_in("sofia"), &patients_room(&visit)), enter(&world.sign_in("torres"), &staff_room(&visit)));
            sofia.inside();
            torres.inside();
            assert_eq!(torres.post("chat", &[("text", "Drink <b>water</b>"), ("key", "1")]).status, 200);
            for (place, agrees) in [(&sofia, agreed[0]), (&torres, agreed[1])] {
                assert_eq!(place.post("keep-chat", &[("agree", if agrees { "true" } else { "false" })]).status, 200);
            }
            assert_eq!(torres.post("end", &[]).status, 200);
            let lines = all::<video_chat::Entity>(world).into_iter().filter(|row| row.visit_id == visit.id).count();
            let path = format!("/p/{}/visits/{}/chat", visit.patient_id, visit.id);
            let page = sofia.who.get(&path);
            assert_eq!((lines, page.status == 200), (usize::from(kept), kept), "{agreed:?}");
            assert_eq!(sofia.who.get(&format!("/p/{}/visits/{}", visit.patient_id, visit.id)).body.contains("/chat\""), kept);
            if kept {
                assert!(page.body.contains("Drink &lt;b&gt;water") && page.body.contains("Torres"), "{}", page.body);
                let file = taken(world, &sofia.who, &visit.patient_id.to_string(), &["visits"]);
                assert!(file.contains("Drink &lt;b&gt;water&lt;/b&gt;"), "{file}");
                // The visit goes out with its time and what was written, and is no message when it comes back.
                let (written, _) = written_out(world, 0);
                let of = |kind: &str| {
                    let mut all = written.iter().filter(|found| {
                        found["resourceType"] == kind && found["id"].as_str().is_some_and(|id| id.ends_with(&visit.id.simple().to_string()))
                    });
                    all.next_back().unwrap_or_else(|| panic!("no {kind}: {written:?}")).clone()
                };
                let (encounter, chat) = (of("Encounter"), of("Communication"));
                assert_eq!((&encounter["status"], &encounter["class"]["code"]), (&json!("finished"), &json!("VR")));
                assert!(encounter["period"]["start"].is_string() && encounter["period"]["end"].is_string(), "{encounter}");
                assert_eq!(chat["encounter"]["reference"], format!("Encounter/{}", encounter["id"].as_str().expect("an id")));
                assert!(chat["payload"][0]["contentString"].as_str().is_some_and(|said| said.ends_with(": Drink <b>water</b>")), "{chat}");
                let messages = all::<message::Entity>(world).len();
                let back = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": chat}]});
                world.wait(import_bundle(&as_system(&world.state.db, "test"), "ehr", back)).expect("imported");
                assert_eq!(all::<message::Entity>(world).len(), messages);
                // The schedule alone does not show what was said.
                assert_eq!(world.sign_in("carlos").get(&path).status, 404);
                assert_eq!(world.sign_in("maria").get(&path).status, 404);
            }
        }
    });
}

/// A copy of Sofia's visit that has not begun.
fn video_of_fresh(world: &World) -> visit::Model {
    let first = all::<visit::Entity>(world)
        .into_iter()
        .find(|visit| visit.patient_id == world.patient("Sofia") && visit.kind == Kind::Video)
        .expect("a visit by video");
    let id = Uuid::now_v7();
    let row = visit::ActiveModel { id: Set(id), status: Set(Status::Booked), ..first.into() };
    world.wait(visit::Entity::insert(row).exec_without_returning(&world.state.connection)).expect("another visit");
    read(world, id)
}

#[test]
fn being_called_instead_always_works_and_is_a_task_of_the_office() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        let (sofia, priya) = (world.sign_in("sofia"), world.sign_in("priya"));
        for minutes in [-120, 0, 90] {
            at(world, starts(&visit) + TimeDelta::minutes(minutes));
            assert!(sofia.get(&patients_room(&visit)).body.contains("Prefiero que me llamen"), "{minutes}");
        }
        for phone in ["", "x", "123"] {
            assert!(call(&sofia, "call-me", &visit, &[("phone", phone)]).body.contains("phone"), "{phone}");
        }
        for who in ["maria", "hale", "priya"] {
            assert_eq!(call(&world.sign_in(who), "call-me", &visit, &[("phone", "860-555-0100")]).status, 404, "{who}");
        }
        // Without a script: the form leads back to its page, which says so.
        let (patient, id) = (visit.patient_id.to_string(), visit.id.to_string());
        let fields = [("patient", patient.as_str()), ("visit", &id), ("phone", "860-555-0123")];
        let sent = sofia.submit(&format!("/api/video/call-me?again={}", patients_room(&visit)), &fields);
        assert_eq!((sent.status, sent.header("location")), (303, format!("{}?done=call", patients_room(&visit)).as_str()));
        assert!(sofia.get(&patients_room(&visit)).body.contains("860-555-0123"));
        for who in ["priya", "torres", "nora"] {
            let page = world.sign_in(who).get("/staff/video").body;
            assert!(
                page.contains("860-555-0123") && page.contains("Sofia Morales") && page.contains("Asked by Sofia Morales"),
                "{who}: {page}"
            );
        }
        assert!(!world.sign_in("hale").get("/staff/video").body.contains("860-555-0123"));
        for who in ["sofia", "hale", "dana"] {
            assert_eq!(call(&world.sign_in(who), "called", &visit, &[]).status, 404, "{who}");
        }
        assert_eq!(call(&priya, "called", &visit, &[]).status, 200);
        let row = all::<video_call_back::Entity>(world).remove(0);
        assert!(row.called_at.is_some() && row.called_by.as_deref() == Some("Priya Shah"));
        assert!(priya.get("/staff/video").body.contains("Called by Priya Shah"));
        assert!(sofia.get(&patients_room(&visit)).body.contains("El consultorio llamó"));
        assert_eq!(call(&priya, "called", &visit, &[("undo", "true")]).status, 200);
        // Asked again, the newest number counts.
        assert_eq!(call(&sofia, "call-me", &visit, &[("phone", "860-555-0199")]).status, 200);
        assert_eq!(all::<video_call_back::Entity>(world).remove(0).phone, "860-555-0199");
        change(world, visit.id, visit::ActiveModel { status: Set(Status::Cancelled), ..Default::default() });
        assert!(call(&sofia, "call-me", &visit, &[("phone", "860-555-0100")]).body.contains("video_why_not_open"));
    });
}

#[test]
fn a_link_outside_is_shown_to_whoever_says_that_they_are_ready_and_to_nobody_before() {
    on_every_engine(|world| {
        let visit = video_of(world, "Noah");
        let daniel = world.sign_in("daniel");
        let (room, list) = (patients_room(&visit), format!("/p/{}/visits", visit.patient_id));
        let url = visit.join_url.clone().expect("a link");
        let shows = |me: &Somebody<'_>| {
            [list.clone(), room.clone(), format!("{list}/{}", visit.id), "/home".into()].iter().any(|page| me.get(page).body.contains(&url))
        };
        at(world, starts(&visit) - TimeDelta::minutes(30));
        assert!(!shows(&daniel) && call(&daniel, "ready", &visit, &[]).body.contains("video_why_not_open"));
        at(world, starts(&visit) - TimeDelta::minutes(10));
        assert!(!shows(&daniel) && daniel.get(&room).body.contains("I’m ready") && daniel.get(&list).body.contains("/video\""));
        assert!(daniel.get(&room).body.contains("data-outside"), "the same tests");
        assert_eq!(error(&post(&daniel, &room, "enter", &[])), "not_allowed", "there is no room here");
        assert_eq!(call(&world.sign_in("maria"), "ready", &visit, &[]).status, 404);
        assert_eq!(call(&daniel, "ready", &visit, &[]).status, 200);
        assert_eq!(call(&daniel, "ready", &visit, &[]).status, 200, "twice is once");
        assert_eq!(read(world, visit.id).status, Status::Arrived);
        let page = daniel.get(&room).body;
        assert!(page.contains(&format!("href=\"{url}\"")) && page.contains("noreferrer"), "{page}");
        let hale = world.sign_in("hale");
        assert!(hale.get("/staff/video").body.contains("Waits since") && hale.get(&staff_room(&visit)).body.contains(&url));
        // A department that holds its visits here takes no notice of a link.
        let department = visit.department_id.expect("a department");
        let here = video_office::ActiveModel { in_portal: Set(true), ..Default::default() };
        let one = video_office::Entity::update_many().set(here).filter(video_office::Column::DepartmentId.eq(department));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        assert!(!shows(&daniel));
        enter(&daniel, &room);
        // There is no link to be ready for any more.
        assert_eq!(call(&daniel, "ready", &visit, &[]).status, 404);
    });
}

#[test]
fn links_come_with_appointments_only_when_they_can_be_used() {
    on_every_engine(|world| {
        let appointment = |id: &str, more: Value| {
            let mut value = json!({"resourceType": "Appointment", "id": id, "status": "booked", "start": "2027-01-12T14:00:00Z", "end": "2027-01-12T14:20:00Z",
                "serviceType": [{"text": "Video visit"}],
                "participant": [{"actor": {"reference": format!("Patient/{}", world.reference("Sofia"))}, "status": "accepted"}]});
            value.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            json!({"resource": value})
        };
        let service = |url: &str| {
            json!({"extension": [{"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService",
                "extension": [{"url": "address", "valueUrl": url}]}]})
        };
        let zoom = "https://us02web.zoom.us/j/86012345678?pwd=abc";
        let long = format!("https://zoom.us/j/{}", "1".repeat(3000));
        let cases = [
            ("v1", service(zoom), Some(zoom)),
            ("v2", service("javascript:alert(1)"), None),
            ("v3", service("http://zoom.us/j/1"), None),
            ("v4", service(&long), None),
            ("v5", json!({"patientInstruction": format!("Please open {zoom}.")}), Some(zoom)),
            ("v6", json!({"patientInstruction": "Read https://middlesexhealth.example/prepare"}), None),
            ("v7", json!({"virtualService": [{"addressUrl": zoom}], "serviceType": [{"text": "Follow-up"}]}), Some(zoom)),
            ("v8", json!({"patientInstruction": format!("Or watch {zoom}"), "serviceType": [{"text": "Office visit"}]}), None),
        ];
        let entries: Vec<Value> = cases.iter().map(|(id, more, _)| appointment(id, more.clone())).collect();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
        world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
        let found: Vec<visit::Model> = all::<visit::Entity>(world)
            .into_iter()
            .filter(|visit| visit.starts_at == Some("2027-01-12T14:00:00Z".parse().expect("an instant")))
            .collect();
        assert_eq!(found.len(), cases.len());
        let links = |title: &str, kind: Kind| {
            let mut links: Vec<Option<String>> =
                found.iter().filter(|visit| visit.title == title && visit.kind == kind).map(|visit| visit.join_url.clone()).collect();
            links.sort();
            links
        };
        assert_eq!(links("Video visit", Kind::Video), [None, None, None, None, Some(zoom.to_owned()), Some(zoom.to_owned())]);
        assert_eq!(links("Follow-up", Kind::Video), [Some(zoom.to_owned())], "whoever has such a link comes by video");
        assert_eq!(links("Office visit", Kind::Office), [None]);
        // An Encounter that tells of the same visit keeps the link.
        let joined = json!({"resource": {"resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": "VR"},
            "subject": {"reference": format!("Patient/{}", world.reference("Sofia"))},
            "appointment": [{"reference": "Appointment/v1"}], "period": {"start": "2027-01-12T14:01:00Z"}}});
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [joined]});
        world.wait(import_bundle(&as_system(&world.state.db, "test"), "test", bundle)).expect("imported");
        let kept = all::<visit::Entity>(world)
            .into_iter()
            .find(|visit| visit.starts_at == Some("2027-01-12T14:01:00Z".parse().expect("an instant")));
        assert_eq!(kept.and_then(|visit| visit.join_url).as_deref(), Some(zoom));
    });
}

#[test]
fn only_the_pages_of_rooms_may_use_camera_and_microphone_and_credentials_are_for_a_time() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        let (sofia, torres) = (world.sign_in("sofia"), world.sign_in("torres"));
        let guest = guest_room(world, &visit, "Ana");
        for page in [sofia.get(&patients_room(&visit)), torres.get(&staff_room(&visit)), world.nobody().get(&guest)] {
            let policy = page.header("permissions-policy");
            assert!(policy.contains("microphone=(self)") && policy.contains("display-capture=(self)"), "{policy}");
            let content = page.header("content-security-policy");
            assert!(content.contains("script-src 'self' 'nonce-") && content.contains("connect-src 'self'"), "{content}");
            assert!(page.body.contains("<script type=\"module\" src=\"/video.js\"></script>"));
            assert_eq!(page.header("cache-control"), "no-store");
        }
        for other in ["/home".to_owned(), format!("/p/{}/visits", visit.patient_id), format!("/p/{}/visits/{}", visit.patient_id, visit.id)]
        {
            let page = sofia.get(&other);
            assert!(page.header("permissions-policy").contains("microphone=()") && !page.body.contains("/video.js"), "{other}");
        }
        let plain = post(&sofia, &patients_room(&visit), "enter", &[]).json();
        assert_eq!((&plain["ice"], &plain["relayOnly"]), (&json!([]), &json!(false)));
        let ice = IceSettings {
            stun: vec!["stun:turn.example:3478".into()],
            turn: vec!["turn:turn.example:3478?transport=udp".into()],
            secret: "north".into(),
            relay_only: true,
        };
        let clock = world.state.clock.clone();
        let second = world.second_server_with(|state| {
            state.ice = ice;
            state.clock = clock;
        });
        let place = enter(&sofia, &patients_room(&visit));
        let told = place.post_at(&second, "ice", &[]).json();
        assert_eq!((&told["relayOnly"], &told["ice"][0]["urls"][0]), (&json!(true), &json!("stun:turn.example:3478")));
        let turn = &told["ice"][1];
        let until: i64 = turn["username"].as_str().and_then(|name| name.split(':').next()?.parse().ok()).expect("a second");
        assert!((until - Utc::now().timestamp() - told["iceSeconds"].as_i64().expect("seconds")).abs() < 60);
        // HMAC-SHA1 is 20 bytes; another name has another password.
        assert_eq!(turn["credential"].as_str().map(str::len), Some(28));
        assert_ne!(place.post_at(&second, "ice", &[]).json()["ice"][1]["credential"], turn["credential"]);
        // Cross-site pages say nothing in a room.
        let foreign = sofia.post(&format!("{}/enter", patients_room(&visit)), &[], &[("sec-fetch-site", "cross-site")]);
        assert_eq!(foreign.status, 403);
        assert!(!foreign.body.contains("ticket"));
    });
}

#[test]
fn a_level_is_decided_anew_when_it_changes() {
    on_every_engine(|world| {
        let visit = video_of(world, "Sofia");
        at(world, starts(&visit));
        change(world, visit.id, visit::ActiveModel { sensitive: Set(true), ..Default::default() });
        let carlos = world.sign_in("carlos");
        assert_eq!(post(&carlos, &patients_room(&visit), "enter", &[]).status, 403);
        let all_of_it = proxy_grant::ActiveModel { level: Set(Some(AdultLevel::All)), ..Default::default() };
        let hers = proxy_grant::Column::PatientId.eq(visit.patient_id);
        world
            .wait(proxy_grant::Entity::update_many().set(all_of_it).filter(hers.clone()).exec(&world.state.connection))
            .expect("an update");
        let place = enter(&carlos, &patients_room(&visit));
        let less = proxy_grant::ActiveModel { level: Set(Some(AdultLevel::AllButSensitive)), ..Default::default() };
        world.wait(proxy_grant::Entity::update_many().set(less).filter(hers).exec(&world.state.connection)).expect("an update");
        assert_eq!(place.post("ice", &[]).status, 403);
    });
}
