//! Notices on phones: who gets which, what they say, and when they end; with a push service of the tests' own that opens them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use aes_gcm::{Aes128Gcm, KeyInit, aead::Aead};
use app::{
    access::entity::account_session,
    people::{account, proxy_grant},
    platform::{
        mail::{
            model::State,
            store::{organization, post},
        },
        push::entity::{phone_device, push_notice, push_subscription},
    },
    record::news,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use chrono::{NaiveDate, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use p256::{
    PublicKey, SecretKey,
    ecdh::diffie_hellman,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
    elliptic_curve::sec1::ToEncodedPoint,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use server::push::Push;
use sha2::Sha256;

use crate::{
    accounts::letters,
    billing::all,
    world::{Answer, Somebody, World, on_every_engine_with},
};

/// The browser's keys, the same in each test.
const PRIVATE: [u8; 32] = [7; 32];
const SECRET: [u8; 16] = [9; 16];
const MARIA: &str = "maria@example.org";

/// A message that reached the push service.
#[derive(Clone)]
struct Taken {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Taken {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// What the browser reads. Source: RFC 8291, 3.4, written apart from the code that encrypts.
    fn opened(&self) -> Value {
        let mac = |key: &[u8], text: &[u8]| -> Vec<u8> {
            <Hmac<Sha256> as Mac>::new_from_slice(key).expect("a key").chain_update(text).finalize().into_bytes().to_vec()
        };
        let (salt, rest) = self.body.split_at(16);
        assert_eq!(rest[..5], [0, 0, 16, 0, 65], "records of 4096 bytes, and a key of 65");
        let (sender, sealed) = rest[5..].split_at(65);
        let own = SecretKey::from_slice(&PRIVATE).expect("a key");
        let shared = diffie_hellman(own.to_nonzero_scalar(), PublicKey::from_sec1_bytes(sender).expect("a point").as_affine());
        let own_public = own.public_key().to_encoded_point(false);
        let info = [b"WebPush: info\0", own_public.as_bytes(), sender, &[1]].concat();
        let key = mac(salt, &mac(&mac(&SECRET, shared.raw_secret_bytes()), &info));
        let content_key = mac(&key, b"Content-Encoding: aes128gcm\0\x01");
        let nonce = mac(&key, b"Content-Encoding: nonce\0\x01");
        let plain = Aes128Gcm::new_from_slice(&content_key[..16]).expect("a key").decrypt(nonce[..12].into(), sealed).expect("it opens");
        let (end, text) = plain.split_last().expect("a record");
        assert_eq!(*end, 2, "the last record");
        serde_json::from_slice(text).expect("JSON")
    }
}

/// A push service on a port of its own. It answers with what it is told to.
#[derive(Clone)]
struct Service {
    origin: String,
    answer: Arc<Mutex<&'static str>>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
        let service = Self { origin, answer: Arc::new(Mutex::new("201 Created\r\n")), taken: Arc::default() };
        let its = service.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| its.take(stream)));
        service
    }

    fn take(&self, stream: TcpStream) {
        let mut reader = BufReader::new(&stream);
        let (mut line, mut headers) = (String::new(), Vec::new());
        reader.read_line(&mut line).expect("a request");
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).expect("a header");
            let Some((name, value)) = header.trim().split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut taken = Taken { path: line.split(' ').nth(1).unwrap_or_default().to_owned(), headers, body: Vec::new() };
        taken.body = vec![0; taken.header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut taken.body).expect("a body");
        self.taken.lock().expect("no panic").push(taken);
        let answer = *self.answer.lock().expect("no panic");
        let _ = (&stream).write_all(format!("HTTP/1.1 {answer}Content-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
    }

    fn says(&self, answer: &'static str) {
        *self.answer.lock().expect("no panic") = answer;
    }

    /// What came since the last time.
    fn came(&self) -> Vec<Taken> {
        std::mem::take(&mut self.taken.lock().expect("no panic"))
    }

    fn on_every_engine(story: impl Fn(&World, &Service)) {
        let service = Service::start();
        let change = |state: &mut server::State| {
            state.push = Push::new(std::slice::from_ref(&service.origin), "mailto:it@hospital.example").expect("a way to push services");
        };
        on_every_engine_with(change, |world| {
            service.says("201 Created\r\n");
            service.came();
            story(world, &service);
        });
    }
}

fn keys() -> (String, String) {
    let public = SecretKey::from_slice(&PRIVATE).expect("a key").public_key().to_encoded_point(false);
    (BASE64.encode(public.as_bytes()), BASE64.encode(SECRET))
}

fn subscribe(me: &Somebody<'_>, endpoint: &str) -> Answer {
    let (public, secret) = keys();
    me.call("phone/subscribe", &[("endpoint", endpoint), ("p256dh", &public), ("auth", &secret)])
}

/// Somebody with a browser in which notices are on.
fn with_notices<'w>(world: &'w World, service: &Service, username: &str, name: &str) -> Somebody<'w> {
    let me = world.sign_in(username);
    let answer = subscribe(&me, &format!("{}/{name}", service.origin));
    assert_eq!(answer.status, 200, "{}", answer.body);
    me.with_cookies_of(&answer)
}

fn account(world: &World, username: &str) -> account::Model {
    let find = account::Entity::find().filter(account::Column::Username.eq(username));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("an account")
}

/// Something is new in these charts.
fn tell(world: &World, username: &str, about: &[&str]) {
    let to = account(world, username).recipient().expect("an account that is open");
    let to = to.about(about.iter().map(|name| world.patient(name)));
    let message = news::email(format!("{}/home", world.origin));
    let (organization, clock) = (organization(&world.state.brand), &world.state.clock);
    world.wait(post(&world.state.connection, &to, message, &organization, clock.now().instant, clock.zone())).expect("told");
}

/// Sends what is due; returns what reached the service.
fn sent(world: &World, service: &Service) -> Vec<Taken> {
    world.wait(server::jobs::push::once(&world.state)).expect("sent");
    service.came()
}

fn choose(me: &Somebody<'_>, fields: &[(&str, &str)]) {
    let answer = me.call("phone/choose", fields);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Every kind, of these people.
fn choices<'a>(people: &'a [String], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kinds = ["kinds[record]", "kinds[family]", "kinds[answers]", "kinds[visits]", "kinds[bills]"].map(|kind| (kind, "true"));
    kinds.into_iter().chain(people.iter().map(|name| (name.as_str(), "true"))).chain(more.iter().copied()).collect()
}

fn boxes(world: &World, people: &[&str]) -> Vec<String> {
    people.iter().map(|name| format!("people[p{}]", world.patient(name))).collect()
}

/// Everybody whom Maria may see.
const ALL_OF_MARIA: [&str; 4] = ["Maria", "Emma", "Lucas", "Ernesto"];

fn count(world: &World) -> (usize, usize, usize) {
    (all::<phone_device::Entity>(world).len(), all::<push_subscription::Entity>(world).len(), all::<push_notice::Entity>(world).len())
}

#[test]
fn what_is_no_push_service_or_no_key_is_refused() {
    Service::on_every_engine(|world, service| {
        let maria = world.sign_in("maria");
        for address in [
            "https://evil.example/x",
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com.evil.example/x",
            "https://fcm.googleapis.com@127.0.0.1/x",
            "https://127.0.0.1/x",
            "http://169.254.169.254/latest/meta-data",
            &world.origin,
            "",
        ] {
            let answer = subscribe(&maria, address);
            assert_eq!(answer.status, 422, "{address}: {}", answer.body);
        }
        let good = format!("{}/x", service.origin);
        for (public, secret) in [("", ""), ("AAAA", &*keys().1), (&*keys().0, "AAAA"), ("not a key", "nor this")] {
            let answer = maria.call("phone/subscribe", &[("endpoint", &good), ("p256dh", public), ("auth", secret)]);
            assert_eq!(answer.status, 422, "{public}: {}", answer.body);
        }
        assert_eq!(maria.call("phone/choose", &[]).status, 422, "notices are off in this browser");
        assert_eq!(world.nobody().call("phone/renew", &[("endpoint", &good), ("p256dh", "x"), ("auth", "x")]).status, 404);
        assert_eq!(count(world).1, 0);
    });
}

#[test]
fn a_notice_says_that_something_is_new_and_nothing_else() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "maria");
        tell(world, "maria", &["Emma"]);
        let came = sent(world, service);
        let [notice] = &came[..] else { panic!("{} notices", came.len()) };
        assert_eq!(notice.path, "/maria");
        for (name, value) in [("ttl", "172800"), ("urgency", "normal"), ("topic", "news"), ("content-encoding", "aes128gcm")] {
            assert_eq!(notice.header(name), value, "{name}");
        }
        let told = notice.opened();
        assert_eq!((told["title"].as_str(), told["body"].as_str()), (Some("MyChart"), Some("There is something new in MyChart.")));
        assert_eq!((told["url"].as_str(), told["tag"].as_str()), (Some("/home"), Some("news")));
        // The same number as on the page.
        let (_, stream) = maria.stream(&world.origin, "/live");
        let counts = stream.lines().map_while(Result::ok).find(|line| line.contains("/home")).expect("counts");
        assert!(counts.contains(&format!("\"/home\":{}", told["badge"])), "{counts}: {told}");
        for secret in ["Emma", "Maria", "Rivera", "Lead", "Hale", "@", "/p/"] {
            assert!(!told.to_string().contains(secret), "{secret}: {told}");
        }
        // In the account's language.
        with_notices(world, service, "ernesto", "ernesto");
        tell(world, "ernesto", &["Ernesto"]);
        assert_eq!(sent(world, service)[0].opened()["body"], "Hay una novedad en MyChart.");
        assert_eq!(letters(world, MARIA)[0].state, State::Waiting, "an e-mail too, unless somebody wants none");
        assert_eq!(sent(world, service).len(), 0, "once");
    });
}

#[test]
fn services_know_who_writes_to_them() {
    Service::on_every_engine(|world, service| {
        with_notices(world, service, "maria", "maria");
        tell(world, "maria", &[]);
        let came = sent(world, service);
        let (token, key) =
            came[0].header("authorization").strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("a proof");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let key = BASE64.decode(key).expect("a key");
        let signature = Signature::from_slice(&BASE64.decode(signature).expect("base64")).expect("64 bytes");
        VerifyingKey::from_sec1_bytes(&key).expect("a point").verify(signed.as_bytes(), &signature).expect("signed with it");
        let (head, body) = signed.split_once('.').expect("two parts");
        let read = |part: &str| serde_json::from_slice::<Value>(&BASE64.decode(part).expect("base64")).expect("JSON");
        assert_eq!((read(head)["alg"].as_str(), read(head)["typ"].as_str()), (Some("ES256"), Some("JWT")));
        let body = read(body);
        assert_eq!((body["aud"].as_str(), body["sub"].as_str()), (Some(&*service.origin), Some("mailto:it@hospital.example")));
        let ends = body["exp"].as_i64().expect("a time") - Utc::now().timestamp();
        assert!((1..=24 * 60 * 60).contains(&ends), "{ends}");
        // The page hands out the same key.
        let page = world.sign_in("maria").get("/phone").body;
        assert!(page.contains(&format!("data-key=\"{}\"", BASE64.encode(key))));
    });
}

#[test]
fn each_browser_gets_what_was_chosen_for_it() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "phone");
        with_notices(world, service, "maria", "tablet");
        let me = boxes(world, &["Maria", "Lucas", "Ernesto"]);
        choose(&maria, &choices(&me, &[]));
        tell(world, "maria", &["Emma"]);
        assert_eq!(sent(world, service).into_iter().map(|taken| taken.path).collect::<Vec<_>>(), ["/tablet"], "not of Emma on the phone");
        tell(world, "maria", &["Emma", "Maria"]);
        assert_eq!(sent(world, service).len(), 2, "of several, one is enough");
        tell(world, "maria", &[]);
        assert_eq!(sent(world, service).len(), 2, "about the account itself");
        let record_off: Vec<_> = choices(&me, &[]).into_iter().filter(|(name, _)| *name != "kinds[record]").collect();
        choose(&maria, &record_off);
        tell(world, "maria", &["Maria"]);
        assert_eq!(sent(world, service).into_iter().map(|taken| taken.path).collect::<Vec<_>>(), ["/tablet"], "no such news on the phone");
        let stranger = boxes(world, &["Harold"]);
        assert_eq!(maria.call("phone/choose", &choices(&stranger, &[])).status, 404);
        // What was chosen stays when the browser says its address once more.
        let answer = subscribe(&maria, &format!("{}/phone", service.origin));
        assert_eq!((answer.status, count(world).1), (200, 2));
        tell(world, "maria", &["Maria"]);
        assert_eq!(sent(world, service).len(), 1);
        assert_eq!(maria.call("phone/unsubscribe", &[("endpoint", &format!("{}/tablet", service.origin))]).status, 200);
        tell(world, "maria", &["Maria"]);
        assert_eq!(sent(world, service).len(), 0);
        let ernesto = world.sign_in("ernesto");
        assert_eq!(ernesto.call("phone/unsubscribe", &[("endpoint", &format!("{}/phone", service.origin))]).status, 200);
        assert_eq!(count(world).1, 1, "nobody turns off what is somebody else's");
    });
}

#[test]
fn quiet_hours_reach_over_midnight() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "maria");
        let people = boxes(world, &ALL_OF_MARIA);
        choose(&maria, &choices(&people, &[("quiet_from", "22"), ("quiet_until", "7")]));
        // The night in which clocks go back, and one in which they do not: 11:30 pm, and at 7 am it is sent.
        for day in ["2027-11-06", "2027-12-06"] {
            let day: NaiveDate = day.parse().expect("a day");
            world.move_clock(day, 23 * 3600 + 1800);
            tell(world, "maria", &["Maria"]);
            assert_eq!(sent(world, service).len(), 0, "in the night");
            world.move_clock(day.succ_opt().expect("a day"), 5 * 3600);
            assert_eq!(sent(world, service).len(), 0, "in the morning");
            let next = all::<push_notice::Entity>(world)[0].next_try_at.with_timezone(&chrono_tz::America::New_York);
            assert_eq!(next.format("%H:%M").to_string(), "07:00");
            world.state.clock.move_to(Some(next.with_timezone(&Utc)));
            assert_eq!(sent(world, service).len(), 1, "when they are over");
        }
    });
}

#[test]
fn a_notice_in_the_place_of_an_email() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "maria");
        choose(&maria, &choices(&boxes(world, &ALL_OF_MARIA), &[("instead_of_mail", "true")]));
        tell(world, "maria", &["Maria"]);
        assert_eq!(letters(world, MARIA)[0].state, State::Held);
        assert_eq!(sent(world, service).len(), 1);
        let letter = &letters(world, MARIA)[0];
        assert_eq!((letter.state, &*letter.text, &*letter.html), (State::Pushed, "", ""), "it is not sent, and says nothing any more");
        // The service does not know the address any more: the e-mail is sent after all.
        for gone in ["410 Gone\r\n", "404 Not Found\r\n"] {
            let maria = with_notices(world, service, "maria", "again");
            choose(&maria, &choices(&boxes(world, &ALL_OF_MARIA), &[("instead_of_mail", "true")]));
            service.says(gone);
            // The first browser is gone too.
            tell(world, "maria", &["Maria"]);
            assert!(!sent(world, service).is_empty());
            let letter = &letters(world, MARIA)[0];
            assert_eq!((letter.state, count(world).1, count(world).2), (State::Waiting, 0, 0), "{gone}");
            assert!(letter.text.contains("/home"));
            service.says("201 Created\r\n");
        }
    });
}

#[test]
fn one_browser_is_enough_and_the_letter_waits_for_the_last() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "phone");
        let people = boxes(world, &ALL_OF_MARIA);
        let chosen = choices(&people, &[("instead_of_mail", "true")]);
        choose(&maria, &chosen);
        let tablet = with_notices(world, service, "maria", "tablet");
        choose(&tablet, &[chosen, vec![("quiet_from", "0"), ("quiet_until", "23")]].concat());
        world.move_clock("2027-12-06".parse().expect("a day"), 12 * 3600);
        service.says("410 Gone\r\n");
        tell(world, "maria", &["Maria"]);
        assert_eq!(sent(world, service).len(), 1, "the tablet is quiet");
        assert_eq!(letters(world, MARIA)[0].state, State::Held, "the tablet may still tell it");
        assert_eq!(tablet.call("sign-in/sign-out", &[]).status, 200);
        assert_eq!(sent(world, service).len(), 0);
        assert_eq!(letters(world, MARIA)[0].state, State::Waiting, "nobody can any more");
    });
}

#[test]
fn what_may_pass_is_tried_again() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "maria");
        choose(&maria, &choices(&boxes(world, &ALL_OF_MARIA), &[("instead_of_mail", "true")]));
        let start = world.state.clock.now().instant;
        let wait = |minutes| world.state.clock.move_to(Some(start + TimeDelta::minutes(minutes)));
        wait(0);
        service.says("429 Too Many Requests\r\nRetry-After: 600\r\n");
        tell(world, "maria", &["Maria"]);
        assert_eq!(sent(world, service).len(), 1);
        wait(9);
        assert_eq!(sent(world, service).len(), 0, "not before the service wants it");
        wait(11);
        service.says("503 Service Unavailable\r\n");
        assert_eq!(sent(world, service).len(), 1);
        assert_eq!(sent(world, service).len(), 0, "later");
        wait(15);
        service.says("201 Created\r\n");
        assert_eq!((sent(world, service).len(), letters(world, MARIA)[0].state), (1, State::Pushed));
        // Not for ever.
        service.says("500 Internal Server Error\r\n");
        tell(world, "maria", &["Maria"]);
        for day in 1..=8 {
            wait(day * 24 * 60);
            assert_eq!(sent(world, service).len(), 1, "{day}");
        }
        assert_eq!((count(world).2, letters(world, MARIA)[0].state), (0, State::Waiting), "by e-mail");
        // An address that always refuses is given up; a redirection is followed nowhere.
        service.says("307 Temporary Redirect\r\nLocation: /elsewhere\r\n");
        for _ in 0..4 {
            assert_eq!(count(world).1, 1);
            tell(world, "maria", &["Maria"]);
            assert_eq!(sent(world, service).len(), 1, "once, and not again");
            assert_eq!(letters(world, MARIA)[0].state, State::Waiting);
        }
        assert_eq!(count(world).1, 0);
    });
}

#[test]
fn notices_end_with_sign_out_and_not_with_a_session_that_ends_by_itself() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "maria");
        let out = maria.submit("/api/sign-in/sign-out", &[]);
        assert_eq!((out.status, count(world)), (303, (0, 0, 0)));
        assert_eq!(out.header("clear-site-data"), "\"cache\"");
        assert_eq!(out.cookie("phone").as_deref(), Some("phone="));
        // Ended by itself: notices go on, and the same browser has them with its next session.
        let maria = with_notices(world, service, "maria", "maria");
        let long_ago = account_session::ActiveModel { last_seen_at: Set(Utc::now() - TimeDelta::hours(2)), ..Default::default() };
        world.wait(account_session::Entity::update_many().set(long_ago).exec(&world.state.connection)).expect("an update");
        assert_eq!(maria.get("/home").status, 303, "the session is over");
        assert_eq!(all::<account_session::Entity>(world).len(), 0);
        tell(world, "maria", &["Maria"]);
        assert_eq!((sent(world, service).len(), count(world).1), (1, 1));
        let old = account_session::ActiveModel { created_at: Set(Utc::now() - TimeDelta::hours(30)), ..Default::default() };
        let again = sign_in_with(world, &maria, "maria");
        assert!(all::<phone_device::Entity>(world)[0].session_id.is_some());
        world.wait(account_session::Entity::update_many().set(old).exec(&world.state.connection)).expect("an update");
        world.wait(server::jobs::tidy::once(&world.state)).expect("tidied");
        assert_eq!((all::<account_session::Entity>(world).len(), count(world).1), (0, 1), "nor when it is cleared away");
        drop(again);
        // Ended everywhere: also where no session is open.
        assert_eq!(world.sign_in("maria").call("sign-in/sign-out-everywhere", &[]).status, 200);
        assert_eq!(count(world), (0, 0, 0));
    });
}

/// Signs in with a browser that has cookies already.
fn sign_in_with<'w>(world: &'w World, browser: &Somebody<'w>, username: &str) -> Somebody<'w> {
    let answer = browser.call("sign-in/sign-in", &[("username", username), ("password", server::demo::PASSWORD)]);
    let phone = browser.cookie.iter().flat_map(|all| all.split("; ")).find(|pair| pair.starts_with("phone=")).expect("a cookie").to_owned();
    Somebody::with_cookies(world, format!("{}; {phone}", answer.session_cookie().expect("a session")))
}

#[test]
fn notices_end_with_a_session_that_is_ended_elsewhere_another_password_and_the_account() {
    Service::on_every_engine(|world, service| {
        with_notices(world, service, "maria", "lost");
        let lost = all::<account_session::Entity>(world)[0].id.to_string();
        let maria = world.sign_in("maria");
        let page = maria.get("/phone").body;
        assert!(page.contains("Notices are on"), "the page says which devices have them");
        let stranger = world.sign_in("ernesto");
        assert_eq!(stranger.call("second-step/revoke-device", &[("id", &lost)]).status, 404);
        assert_eq!(count(world).1, 1);
        assert_eq!(maria.call("second-step/revoke-device", &[("id", &lost)]).status, 200);
        assert_eq!(count(world), (0, 0, 0));
        // From the page of phones, whatever became of its session.
        with_notices(world, service, "maria", "lost");
        let phone = all::<phone_device::Entity>(world)[0].id.to_string();
        assert_eq!(stranger.call("phone/end", &[("id", &phone)]).status, 404);
        assert_eq!(maria.call("phone/end", &[("id", &phone)]).status, 200);
        assert_eq!(count(world), (0, 0, 0));
        // Another password ends those of all browsers but the one it was chosen in.
        with_notices(world, service, "maria", "other");
        let here = with_notices(world, service, "maria", "here");
        let fields = [("password", server::demo::PASSWORD), ("new_password", "plum river toast 9"), ("repeat", "plum river toast 9")];
        assert_eq!(here.call("account/change-password", &fields).status, 200);
        let left: Vec<String> = all::<push_subscription::Entity>(world).into_iter().map(|found| found.endpoint).collect();
        assert_eq!(left, [format!("{}/here", service.origin)]);
        assert_eq!(here.call("account/close", &[("password", "plum river toast 9"), ("sure", "true")]).status, 200);
        assert_eq!(count(world), (0, 0, 0));
    });
}

#[test]
fn notices_end_when_somebody_else_signs_in() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "family-tablet");
        tell(world, "maria", &["Maria"]);
        sign_in_with(world, &maria, "ernesto");
        assert_eq!(count(world), (0, 0, 0));
        assert_eq!(sent(world, service).len(), 0, "nor what was on its way");
        // The demo's desk signs in too.
        let maria = with_notices(world, service, "maria", "family-tablet");
        assert_eq!(maria.submit("/demo/sign-in", &[("username", "maria")]).status, 303);
        assert_eq!(count(world).1, 1, "the same person");
        assert_eq!(maria.submit("/demo/sign-in", &[("username", "ernesto")]).status, 303);
        assert_eq!(count(world).1, 0);
        // A browser has one address: it is whoever's turned notices on last.
        with_notices(world, service, "maria", "one");
        with_notices(world, service, "ernesto", "one");
        let all = all::<push_subscription::Entity>(world);
        assert_eq!(all.iter().map(|found| found.account_id).collect::<Vec<_>>(), [account(world, "ernesto").id]);
    });
}

#[test]
fn nothing_is_told_of_a_chart_that_is_closed_to_somebody_now() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "maria");
        choose(&maria, &choices(&boxes(world, &ALL_OF_MARIA), &[("instead_of_mail", "true")]));
        tell(world, "maria", &["Emma"]);
        let ended = proxy_grant::ActiveModel { ended_at: Set(Some(Utc::now() - TimeDelta::days(400))), ..Default::default() };
        let of_emma = proxy_grant::Entity::update_many().set(ended).filter(proxy_grant::Column::PatientId.eq(world.patient("Emma")));
        world.wait(of_emma.exec(&world.state.connection)).expect("an update");
        assert_eq!(sent(world, service).len(), 0);
        let letter = &letters(world, MARIA)[0];
        assert_eq!((letter.state, &*letter.text), (State::Failed, ""), "nor by e-mail");
        let page = maria.get("/phone").body;
        assert!(!page.contains("Emma") && page.contains("Lucas"), "nobody is offered whom one does not see");
        assert_eq!(maria.call("phone/choose", &choices(&boxes(world, &["Emma"]), &[])).status, 404);
        tell(world, "maria", &["Emma", "Maria"]);
        assert_eq!(sent(world, service).len(), 1, "of others");
    });
}

#[test]
fn a_browser_that_gets_another_address_keeps_its_notices() {
    Service::on_every_engine(|world, service| {
        let maria = with_notices(world, service, "maria", "old");
        let (public, secret) = keys();
        let renew = |who: &Somebody<'_>, old: &str, new: &str| {
            let (old, new) = (format!("{}/{old}", service.origin), format!("{}/{new}", service.origin));
            who.call("phone/renew", &[("old", &old), ("endpoint", &new), ("p256dh", &public), ("auth", &secret)]).status
        };
        // The service worker asks also when nobody is signed in.
        let phone =
            maria.cookie.iter().flat_map(|all| all.split("; ")).find(|pair| pair.starts_with("phone=")).expect("a cookie").to_owned();
        let worker = Somebody::with_cookies(world, phone);
        assert_eq!(renew(&worker, "another", "new"), 404);
        assert_eq!(renew(&world.nobody(), "old", "new"), 404);
        assert_eq!(renew(&world.sign_in("ernesto"), "old", "new"), 404);
        let evil = worker.call("phone/renew", &[("endpoint", "https://evil.example/"), ("p256dh", &public), ("auth", &secret)]);
        assert_eq!(evil.status, 422);
        assert_eq!(renew(&worker, "old", "new"), 200);
        tell(world, "maria", &["Maria"]);
        assert_eq!(sent(world, service).into_iter().map(|taken| taken.path).collect::<Vec<_>>(), ["/new"]);
    });
}

#[test]
fn the_key_is_made_once_and_stays() {
    Service::on_every_engine(|world, _| {
        let key = |somebody: &Somebody<'_>| {
            let page = somebody.get("/phone").body;
            page.split_once("data-key=\"").and_then(|(_, rest)| rest.split_once('"')).expect("a key").0.to_owned()
        };
        let maria = world.sign_in("maria");
        let first = key(&maria);
        assert_eq!(key(&maria.at(&world.second_server())), first, "on every server of the database");
        assert_eq!(BASE64.decode(&first).expect("base64").len(), 65);
        let sealed = all::<app::platform::push::entity::push_key::Entity>(world);
        assert_eq!(sealed.len(), 1);
        assert!(SecretKey::from_slice(&sealed[0].sealed).is_err(), "sealed");
    });
}
