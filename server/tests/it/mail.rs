//! E-mail against a real SMTP conversation: one that takes, refuses, stalls and drops.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use app::{
    base::i18n::Locale,
    features::account::email,
    platform::mail::{
        entity::outbox_mail,
        model::State,
        store::{Recipient, organization, post},
    },
    record::news,
};
use sea_orm::EntityTrait;
use server::jobs::mail::{Sender, once};

use crate::world::{World, on_every_engine};

/// How the mail server behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Takes,
    RefusesForGood,
    AsksToTryLater,
    Drops,
    Stalls,
}

/// A mail server on a port of its own; what it took is in the list.
struct Sink {
    url: String,
    mood: Arc<Mutex<Mood>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://127.0.0.1:{}", listener.local_addr().expect("an address").port());
        let (mood, taken) = (Arc::new(Mutex::new(Mood::Takes)), Arc::new(Mutex::new(Vec::new())));
        let (its_mood, its_taken) = (mood.clone(), taken.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (mood, taken) = (its_mood.clone(), its_taken.clone());
                thread::spawn(move || converse(stream, &mood, &taken));
            }
        });
        Self { url, mood, taken }
    }

    fn be(&self, mood: Mood) {
        *self.mood.lock().expect("no panic") = mood;
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("no panic").clone()
    }
}

fn converse(mut stream: TcpStream, mood: &Mutex<Mood>, taken: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut say = move |line: &str| stream.write_all(format!("{line}\r\n").as_bytes()).is_ok();
    say("220 sink");
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        let command = line.trim_end().to_uppercase();
        line.clear();
        let mood = *mood.lock().expect("no panic");
        let going_on = match command.get(..4).unwrap_or_default() {
            "EHLO" | "HELO" => say("250 sink"),
            "MAIL" | "RSET" | "NOOP" => say("250 fine"),
            "RCPT" => match mood {
                Mood::RefusesForGood => say("550 nobody here"),
                Mood::AsksToTryLater => say("451 later, please"),
                Mood::Drops => return,
                Mood::Stalls => {
                    thread::sleep(Duration::from_secs(25));
                    return;
                }
                Mood::Takes => say("250 fine"),
            },
            "DATA" => {
                say("354 go on");
                let mut letter = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line != ".\r\n" {
                    letter.push_str(&line);
                    line.clear();
                }
                line.clear();
                taken.lock().expect("no panic").push(letter);
                say("250 taken")
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("500 what?"),
        };
        if !going_on {
            return;
        }
    }
}

fn write(world: &World, count: usize) {
    world.wait(async {
        let (now, zone) = (world.state.clock.now().instant, world.state.clock.zone());
        for number in 0..count {
            let to = Recipient::address(&format!("somebody{number}@example.org"), Locale::Es);
            let message = news::email(format!("{}/home", world.origin));
            post(&world.state.connection, &to, message, &organization(&world.state.brand), now, zone).await.expect("posted");
        }
    });
}

fn rows(world: &World) -> Vec<outbox_mail::Model> {
    world.wait(outbox_mail::Entity::find().all(&world.state.connection)).expect("letters")
}

fn later(world: &World, minutes: i64) {
    world.state.clock.move_to(Some(world.state.clock.now().instant + chrono::TimeDelta::minutes(minutes)));
}

#[test]
fn letters_are_sent_once_by_two_servers() {
    on_every_engine(|world| {
        let sink = Sink::start();
        write(world, 20);
        let sender = Sender::new(&sink.url, "MyChart <no-reply@example.org>").expect("a sender");
        world.wait(async {
            let run = || {
                let (state, sender) = (world.state.clone(), sender.clone());
                tokio::spawn(async move { once(&state, &sender).await.expect("sent") })
            };
            let (one, other) = (run(), run());
            assert_eq!(one.await.expect("no panic") + other.await.expect("no panic"), 20);
        });
        let taken = sink.taken();
        assert_eq!(taken.len(), 20, "once each");
        assert!(rows(world).iter().all(|row| row.state == State::Sent && row.sent_at.is_some()));
        assert!(taken[0].contains("Auto-Submitted: auto-generated") && taken[0].contains("multipart/alternative"));
        assert!(taken[0].contains("lang=3D\"es\"") || taken[0].contains("lang=\"es\""), "{}", taken[0]);
    });
}

#[test]
fn what_may_pass_is_tried_again_and_what_may_not_is_given_up() {
    on_every_engine(|world| {
        let sink = Sink::start();
        let sender = Sender::new(&sink.url, "no-reply@example.org").expect("a sender");
        let send = || world.wait(once(&world.state, &sender)).expect("tried");
        write(world, 1);
        for (mood, minutes) in [(Mood::AsksToTryLater, 1), (Mood::Drops, 2)] {
            sink.be(mood);
            assert_eq!(send(), 1);
            assert_eq!(send(), 0, "not again at once");
            assert_eq!(rows(world)[0].state, State::Waiting);
            later(world, minutes);
        }
        sink.be(Mood::Takes);
        assert_eq!(send(), 1);
        assert_eq!(rows(world)[0].state, State::Sent);
        write(world, 1);
        sink.be(Mood::RefusesForGood);
        assert_eq!(send(), 1);
        let refused = rows(world).into_iter().find(|row| row.state != State::Sent).expect("a letter");
        assert_eq!((refused.state, refused.tries), (State::Failed, 1));
        assert_eq!(sink.taken().len(), 1);
    });
}

#[test]
fn a_mail_server_that_stalls_stops_nobody_for_long() {
    // One engine is enough: it is the conversation that is slow.
    let tested = std::sync::atomic::AtomicBool::new(false);
    on_every_engine(|world| {
        if tested.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        let sink = Sink::start();
        sink.be(Mood::Stalls);
        let sender = Sender::new(&sink.url, "no-reply@example.org").expect("a sender");
        write(world, 1);
        assert_eq!(world.wait(once(&world.state, &sender)).expect("tried"), 1);
        let row = &rows(world)[0];
        assert_eq!(row.state, State::Waiting);
        assert!(row.locked_until.is_none() && row.refusal.is_some());
    });
}

#[test]
fn a_wave_of_notices_does_not_delay_a_sign_in_code() {
    on_every_engine(|world| {
        let sink = Sink::start();
        write(world, 40);
        let code = email::sign_in_code("123456".into());
        let to = Recipient::address("waits@example.org", Locale::En);
        let (now, zone) = (world.state.clock.now().instant + chrono::TimeDelta::seconds(1), world.state.clock.zone());
        world.wait(post(&world.state.connection, &to, code, &organization(&world.state.brand), now, zone)).expect("posted");
        later(world, 1);
        let sender = Sender::new(&sink.url, "no-reply@example.org").expect("a sender");
        assert_eq!(world.wait(once(&world.state, &sender)).expect("sent"), 41);
        let place = sink.taken().iter().position(|letter| letter.contains("waits@example.org")).expect("the code");
        assert!(place < 4, "among the first of four senders, not number {place}");
    });
}

#[test]
fn what_a_letter_said_is_forgotten_when_it_is_sent_or_given_up() {
    on_every_engine(|world| {
        let sink = Sink::start();
        let sender = Sender::new(&sink.url, "no-reply@example.org").expect("a sender");
        for mood in [Mood::Takes, Mood::RefusesForGood] {
            sink.be(mood);
            write(world, 1);
            assert!(rows(world).iter().any(|row| row.text.contains("/home")), "it waits with its link");
            assert_eq!(world.wait(once(&world.state, &sender)).expect("tried"), 1);
            assert!(rows(world).iter().all(|row| row.text.is_empty() && row.html.is_empty()));
        }
    });
}

#[test]
fn no_letter_names_anything_clinical_or_a_family_name() {
    on_every_engine(|world| {
        // What the portal itself writes in a busy hour.
        let ernesto = world.sign_in("ernesto");
        ernesto.call("requests/ask-help", &[("topic", "page"), ("text", "My blood pressure page is white")]);
        for _ in 0..5 {
            world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", "wrong")]);
        }
        world.wait(server::jobs::midnight::once(&world.state)).expect("a night");
        let letters = rows(world);
        assert!(letters.len() >= 3);
        for letter in letters {
            for word in ["blood", "Rivera", "Bennett", "Cardiology", "visit note", "Lisinopril"] {
                assert!(!letter.text.contains(word) && !letter.html.contains(word), "{word}: {}", letter.text);
            }
        }
    });
}

#[test]
fn something_new_is_told_once_to_those_who_may_read_it_and_not_what() {
    on_every_engine(|world| {
        let news = |until| world.wait(server::jobs::news::once(&world.state, until)).expect("told");
        assert_eq!(news(chrono::Utc::now()), 0, "what was there before is no news");
        let note = |id: &str, patient: &str| {
            serde_json::json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": {
                "resourceType": "Observation", "id": id, "status": "final",
                "code": { "text": "Lead in blood" }, "subject": { "reference": format!("Patient/{patient}") },
                "effectiveDateTime": "2026-11-01", "valueQuantity": { "value": 2, "unit": "ug/dL" },
            } }] })
        };
        let system = app::access::as_system(&world.state.db, "test");
        for (id, given_name) in [("new-1", "Emma"), ("new-2", "Lucas")] {
            let bundle = note(id, &world.reference(given_name));
            world.wait(server::fhir::import_bundle(&system, "test", bundle)).expect("imported");
        }
        assert_eq!(news(chrono::Utc::now()), 1, "Emma's mother; nobody is told of a teen's record but the teen");
        assert_eq!(news(chrono::Utc::now()), 0, "once");
        let letter = &crate::accounts::letters(world, "maria@example.org")[0];
        assert!(letter.subject.contains("something new") && !letter.text.contains("Emma") && !letter.text.contains("blood"));
        // Who does not want such news gets none.
        let maria = world.sign_in("maria");
        assert_eq!(maria.call("account/choose-notices", &[("family", "true"), ("answers", "true")]).status, 200);
        world.wait(server::fhir::import_bundle(&system, "test", note("new-3", &world.reference("Emma")))).expect("imported");
        let before = crate::accounts::letters(world, "maria@example.org").len();
        news(chrono::Utc::now());
        assert_eq!(crate::accounts::letters(world, "maria@example.org").len(), before);
    });
}
