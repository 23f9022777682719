//! Open pages hear that something changed: whoever may know it, on every server, and nobody longer than their session.

use std::{
    io::BufRead,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use app::features::messages::entity::message_thread;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    messages::recipient,
    world::{Somebody, World, on_every_engine},
};

/// What somebody hears, as it comes: the kind of an event and its data.
fn hears(who: &Somebody<'_>, origin: &str) -> Receiver<(String, String)> {
    let (status, lines) = who.stream(origin, "/live");
    assert_eq!(status, 200);
    let (tell, heard) = channel();
    thread::spawn(move || {
        let (mut kind, mut data) = (String::new(), String::new());
        for line in lines.lines().map_while(Result::ok) {
            if let Some(found) = line.strip_prefix("event: ") {
                kind = found.to_owned();
            } else if let Some(found) = line.strip_prefix("data: ") {
                data = found.to_owned();
            } else if line.is_empty() && !kind.is_empty() {
                let _ = tell.send((std::mem::take(&mut kind), std::mem::take(&mut data)));
            }
        }
        let _ = tell.send(("over".into(), String::new()));
    });
    heard
}

/// The next event of a kind, within some seconds.
fn next(heard: &Receiver<(String, String)>, wanted: &str) -> Option<String> {
    loop {
        let (kind, data) = heard.recv_timeout(Duration::from_secs(4)).ok()?;
        if kind == wanted {
            return Some(data);
        }
    }
}

fn nothing(heard: &Receiver<(String, String)>) {
    while let Ok((kind, data)) = heard.recv_timeout(Duration::from_millis(600)) {
        assert!(kind != "change", "heard {kind} {data}");
    }
}

fn write(world: &World, body: &str) -> Uuid {
    let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
    let to = recipient(&maria, emma, "Susan Hale");
    let (patient, key) = (emma.to_string(), Uuid::now_v7().to_string());
    let fields =
        [("patient", &*patient), ("sending_key", &key), ("topic", "question"), ("to", &to), ("subject", "A cough"), ("body", body)];
    assert_eq!(maria.call("messages/send", &fields).status, 200);
    let threads = world.wait(message_thread::Entity::find().all(&world.state.connection)).expect("threads");
    threads.into_iter().max_by_key(|thread| thread.created_at).expect("a thread").id
}

fn as_staff(world: &World, who: &Somebody<'_>, function: &str, thread: Uuid, field: &str) {
    let (patient, id, key) = (world.patient("Emma").to_string(), thread.to_string(), Uuid::now_v7().to_string());
    let fields = [("patient", &*patient), ("thread", &*id), ("sending_key", &*key), (field, "Warm tea")];
    assert_eq!(who.call(&format!("messages/{function}"), &fields).status, 200);
}

#[test]
fn whoever_may_read_a_thread_hears_of_it_and_nobody_else() {
    on_every_engine(|world| {
        assert_eq!(world.nobody().get("/live").status, 401);
        let (maria, hale) = (world.sign_in("maria"), world.sign_in("hale"));
        let [parent, doctor] = [&maria, &hale].map(|who| hears(who, &world.origin));
        let strangers = ["carlos", "daniel", "torres", "priya", "ernesto"].map(|name| hears(&world.sign_in(name), &world.origin));
        let first: serde_json::Value = serde_json::from_str(&next(&parent, "count").expect("counts")).expect("JSON");
        let emma = format!("/p/{}/messages", world.patient("Emma"));
        assert_eq!(first[&emma], 0, "{first}");
        assert!(first.get(format!("/p/{}/messages", world.patient("Lucas"))).is_none(), "a teen's parent: {first}");

        let thread = write(world, "She coughs at night.");
        assert_eq!(next(&doctor, "change"), Some(thread.to_string()));
        assert_eq!(next(&parent, "change"), Some(thread.to_string()), "their other pages show it too");
        while parent.recv_timeout(Duration::from_millis(300)).is_ok() {}
        // A note is the staff's alone: that there is one, too.
        as_staff(world, &hale, "add-note", thread, "note");
        assert_eq!(next(&doctor, "change"), Some(thread.to_string()));
        nothing(&parent);
        as_staff(world, &hale, "answer-as-staff", thread, "reply");
        let (count, change) = {
            let (mut count, mut change) = (None, None);
            while count.is_none() || change.is_none() {
                match parent.recv_timeout(Duration::from_secs(4)).expect("an event") {
                    (kind, data) if kind == "count" => count = Some(data),
                    (kind, data) if kind == "change" => change = Some(data),
                    _ => {}
                }
            }
            (count.expect("counts"), change.expect("a change"))
        };
        assert_eq!(change, thread.to_string());
        let count: serde_json::Value = serde_json::from_str(&count).expect("JSON");
        assert_eq!((&count[&emma], &count["/home"].as_u64().is_some_and(|all| all >= 1)), (&1.into(), &true), "{count}");
        assert!(!format!("{change}{count}").contains("tea"), "no data goes this way");
        for stranger in &strangers {
            nothing(stranger);
        }
        // Who has opened it hears that it is opened: the doctor's page shows that.
        while doctor.recv_timeout(Duration::from_millis(300)).is_ok() {}
        maria.get(&format!("{emma}/{thread}"));
        assert_eq!(next(&doctor, "change"), Some(thread.to_string()));
    });
}

#[test]
fn two_servers_on_one_database_tell_each_other() {
    on_every_engine(|world| {
        let is_postgres = world.state.connection.get_database_backend() == sea_orm::DbBackend::Postgres;
        if !is_postgres {
            return;
        }
        let second = world.second_server();
        let hale = hears(&world.sign_in("hale"), &second);
        next(&hale, "count").expect("counts");
        let thread = write(world, "Over there");
        assert_eq!(next(&hale, "change"), Some(thread.to_string()));
    });
}

#[test]
fn a_stream_ends_with_the_session_and_with_the_server_and_makes_no_session_longer() {
    on_every_engine(|world| {
        use app::access::entity::account_session;
        let maria = world.sign_in("maria");
        let heard = hears(&maria, &world.second_server_with(|state| state.live.beat = Duration::from_millis(200)));
        next(&heard, "count").expect("counts");
        let long_ago = chrono::Utc::now() - chrono::TimeDelta::seconds(90);
        let old = account_session::ActiveModel { last_seen_at: sea_orm::ActiveValue::Set(long_ago), ..Default::default() };
        let seen = |world: &World| {
            let sessions = world.wait(account_session::Entity::find().all(&world.state.connection)).expect("sessions");
            sessions.iter().map(|session| session.last_seen_at.timestamp()).max()
        };
        world.wait(account_session::Entity::update_many().set(old).exec(&world.state.connection)).expect("done");
        thread::sleep(Duration::from_millis(700));
        assert_eq!(seen(world), Some(long_ago.timestamp()), "listening is no use of it");
        world.wait(account_session::Entity::delete_many().exec(&world.state.connection)).expect("signed out");
        assert_eq!(next(&heard, "ended").as_deref(), Some(""));
        assert_eq!(next(&heard, "over").as_deref(), Some(""));

        let heard = hears(&world.sign_in("maria"), &world.origin);
        next(&heard, "count").expect("counts");
        world.state.live.stop();
        assert_eq!(next(&heard, "over").as_deref(), Some(""));
    });
}
