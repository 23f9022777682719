//! The portal as an app: what it says of itself, what may be kept on a phone and for how long, and files from other apps.

use app::{
    access::entity::account_session,
    features::messages::entity::{message_draft, message_file},
    people::proxy_grant,
    platform::push::entity::phone_device,
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    billing::all,
    world::{Answer, Somebody, World, on_every_engine},
};

fn keep(me: &Somebody<'_>, id: &str) -> Answer {
    me.call("phone/keep", &[("id", id)])
}

fn still(me: &Somebody<'_>, ids: &[&str]) -> Value {
    me.call("phone/still", &[("ids", &ids.join(","))]).json()
}

fn emergency(world: &World, name: &str) -> String {
    format!("emergency:{}", world.patient(name))
}

#[test]
fn the_app_says_what_it_is_in_the_readers_language() {
    on_every_engine(|world| {
        let answer = world.nobody().get("/manifest.webmanifest");
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/manifest+json"));
        let told = answer.json();
        assert_eq!(
            (told["short_name"].as_str(), told["lang"].as_str(), told["display"].as_str()),
            (Some("MyChart"), Some("en"), Some("standalone"))
        );
        let shortcuts: Vec<&str> = told["shortcuts"].as_array().expect("a list").iter().filter_map(|way| way["url"].as_str()).collect();
        assert_eq!(shortcuts, ["/go/visits", "/go/messages", "/go/cards"]);
        assert_eq!(told["share_target"]["action"], "/api/messages/share");
        assert!(told["icons"].as_array().is_some_and(|icons| icons.iter().any(|icon| icon["purpose"] == "maskable")));
        assert!(!answer.body.contains("__"), "everything is filled in: {}", answer.body);
        let spanish = world.nobody().get_with("/manifest.webmanifest", &[("accept-language", "es")]).json();
        assert_eq!((spanish["lang"].as_str(), spanish["shortcuts"][2]["name"].as_str()), (Some("es"), Some("Tarjetas")));
        let page = world.nobody().get("/sign-in");
        assert!(page.body.contains("rel=\"manifest\"") && page.body.contains("apple-touch-icon"));
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.contains("worker-src 'self'") && policy.contains("manifest-src 'self'"), "{policy}");
    });
}

#[test]
fn the_service_worker_and_its_page_are_nobodys() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let worker = maria.get("/sw.js");
        assert_eq!(
            (worker.status, worker.header("cache-control"), worker.header("content-type")),
            (200, "no-cache", "text/javascript; charset=utf-8")
        );
        assert_eq!(worker.body, world.nobody().get("/sw.js").body);
        assert!(!worker.body.contains("__") && worker.body.contains("const FILES = []"), "a server of tests has no files");
        let page = maria.get("/offline");
        assert_eq!((page.status, page.header("cache-control")), (200, "no-cache"));
        assert_eq!(page.body, world.nobody().get("/offline").body);
        let names = ["__STYLE__", "__PRODUCT__", "__ORGANISATION__", "__PHONE__", "Maria"];
        assert!(page.body.contains("860-358-4111") && !names.iter().any(|name| page.body.contains(name)));
    });
}

#[test]
fn the_icon_of_the_app_leads_to_ones_own_chart() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for (place, page) in [("visits", "visits"), ("messages", "messages"), ("cards", "health/credentials")] {
            let answer = maria.get(&format!("/go/{place}"));
            assert_eq!(answer.header("location"), format!("/p/{}/{page}", world.patient("Maria")));
            let first = world.nobody().get(&format!("/go/{place}"));
            assert_eq!(first.header("location"), format!("/sign-in?next=/go/{place}"));
        }
        assert_eq!(world.sign_in("carlos").get("/go/visits").header("location"), format!("/p/{}/visits", world.patient("Sofia")));
        assert_eq!(world.sign_in("carlos").get("/go/cards").header("location"), "/home", "he sees none");
        assert_eq!(maria.get("/go/nowhere").status, 404);
    });
}

#[test]
fn what_is_kept_is_what_its_page_shows() {
    on_every_engine(|world| {
        let stranger = world.sign_in("grace");
        for id in [&*emergency(world, "Maria"), "emergency:", "x", "card:x:y", ""] {
            assert_eq!(keep(&stranger, id).status, 404, "{id}");
        }
        assert_eq!(world.nobody().call("phone/keep", &[("id", &emergency(world, "Maria"))]).status, 401);
        assert!(all::<phone_device::Entity>(world).is_empty());
        let maria = world.sign_in("maria");
        let answer = keep(&maria, &emergency(world, "Maria"));
        let kept = answer.json();
        assert!(kept["title"].as_str().is_some_and(|title| title.starts_with("Maria Rivera: ")), "{kept}");
        let page = maria.get(&format!("/p/{}/health/emergency", world.patient("Maria"))).body;
        let html = kept["html"].as_str().expect("HTML");
        assert!(html.contains("<h2>Allergies</h2>") && !html.contains("<button") && !html.contains("<script"), "{html}");
        let first = html.split("<li>").nth(1).and_then(|line| line.split('<').next()).expect("a line");
        assert!(page.contains(first), "{first}");
        assert!(page.contains(&format!("data-keep-offline=\"{}\"", emergency(world, "Maria"))));
        assert_eq!(kept["until"], Value::Null, "her own is hers");
        let cookie = answer.headers.get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert!(cookie.starts_with("phone=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        // A parent's access shrinks by itself, also on a phone that is never online again.
        let until: DateTime<Utc> = serde_json::from_value(keep(&maria, &emergency(world, "Emma")).json()["until"].clone()).expect("a time");
        let thirteen = app::access::proxy::birthday(world.birth_date("Emma"), 13);
        assert_eq!(until.with_timezone(&chrono_tz::America::New_York).date_naive(), thirteen);
        assert_eq!(keep(&maria, &emergency(world, "Lucas")).status, 404, "of a teen, a parent sees nothing of it");
        // What is sensitive is kept when its owner wants it to be.
        let all = maria.call("phone/keep", &[("id", &emergency(world, "Maria")), ("sensitive", "true")]).json();
        let more = all["html"].as_str().expect("HTML").split("<li>").find(|line| !html.contains(*line)).map(str::to_owned);
        assert!(more.is_some(), "{all}");
    });
}

#[test]
fn what_is_kept_is_open_as_long_as_it_may_be_seen() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let (own, emma) = (emergency(world, "Maria"), emergency(world, "Emma"));
        let ids = [&*own, &*emma, "card:x:y", &emergency(world, "Sofia")];
        assert_eq!(still(&maria, &ids), json!([]), "a browser that keeps nothing");
        let maria = maria.with_cookies_of(&keep(&maria, &own));
        assert_eq!(still(&maria, &ids), json!([own, emma]));
        // A health card, until it is taken back.
        let patient = world.patient("Maria").to_string();
        assert_eq!(maria.call("credentials/issue", &[("patient", &patient), ("subject", "covid_vaccines")]).status, 200);
        let card = all::<app::features::credentials::entity::health_card::Entity>(world)[0].id.to_string();
        let id = format!("card:{patient}:{card}");
        let kept = keep(&maria, &id).json();
        assert!(kept["images"][0].as_str().is_some_and(|image| image.starts_with("data:image/svg+xml,")), "{kept}");
        assert_eq!(still(&maria, &[&id]), json!([id]));
        assert_eq!(maria.call("credentials/revoke", &[("patient", &patient), ("card", &card)]).status, 200);
        assert_eq!(still(&maria, &[&id]), json!([]));
        // Access that was ended.
        let ended = proxy_grant::ActiveModel { ended_at: Set(Some(Utc::now() - TimeDelta::days(400))), ..Default::default() };
        let of_emma = proxy_grant::Entity::update_many().set(ended).filter(proxy_grant::Column::PatientId.eq(world.patient("Emma")));
        world.wait(of_emma.exec(&world.state.connection)).expect("an update");
        assert_eq!(still(&maria, &ids), json!([own]));
        // A session that ends by itself changes nothing.
        let long_ago = account_session::ActiveModel { last_seen_at: Set(Utc::now() - TimeDelta::hours(2)), ..Default::default() };
        world.wait(account_session::Entity::update_many().set(long_ago).exec(&world.state.connection)).expect("an update");
        assert_eq!(still(&maria, &ids), json!([own]));
        assert_eq!(maria.get("/home").status, 303, "though nobody is signed in");
        // Somebody ended it elsewhere.
        assert_eq!(world.sign_in("maria").call("sign-in/sign-out-everywhere", &[]).status, 200);
        assert_eq!(still(&maria, &ids), json!([]));
        // Somebody else signs in here.
        let maria = world.sign_in("maria");
        let maria = maria.with_cookies_of(&keep(&maria, &own));
        assert_eq!(still(&maria, &[&own]), json!([own]));
        maria.call("sign-in/sign-in", &[("username", "ernesto"), ("password", server::demo::PASSWORD)]);
        assert_eq!(still(&maria, &[&own]), json!([]));
    });
}

#[test]
fn a_file_of_another_app_goes_into_a_new_message() {
    on_every_engine(|world| {
        let first = world.nobody().upload("messages/share?again=/home", &[("title", "x")], "files", "letter.pdf", b"%PDF-1.7 letter");
        assert_eq!(first.header("location"), "/sign-in?left=share", "{}", first.body);
        assert!(world.nobody().get("/sign-in?left=share").body.contains("share the file once more"));
        assert!(all::<message_file::Entity>(world).iter().all(|file| file.name != "letter.pdf"), "nothing of somebody unknown is kept");
        let maria = world.sign_in("maria");
        let fields = [("title", "From the school"), ("text", "Please sign"), ("url", "https://school.example/")];
        let answer = maria.upload("messages/share?again=/home", &fields, "files", "letter.pdf", b"%PDF-1.7 letter");
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = maria.get(answer.header("location"));
        assert_eq!(page.status, 200);
        assert!(page.body.contains("letter.pdf") && page.body.contains("A message about Maria"), "{}", page.body);
        let (own, emma) = (world.patient("Maria"), world.patient("Emma"));
        let compose = |patient| maria.get(&format!("/p/{patient}/messages/new")).body;
        assert!(compose(own).contains("letter.pdf") && compose(own).contains("From the school") && !compose(emma).contains("letter.pdf"));
        let file = all::<message_file::Entity>(world).into_iter().find(|file| file.name == "letter.pdf").expect("a file").id.to_string();
        let moved = |me: &Somebody<'_>, from: uuid::Uuid, to: uuid::Uuid| {
            let (from, to) = (from.to_string(), to.to_string());
            me.call("messages/move-shared", &[("from", &from), ("to", &to), ("files", &file), ("text", "true")]).status
        };
        // Not to whom one does not write about, nor what is somebody else's.
        assert_eq!(moved(&maria, own, world.patient("Sofia")), 404);
        assert_eq!(moved(&maria, own, world.patient("Lucas")), 403);
        assert_eq!(moved(&world.sign_in("grace"), own, emma), 404);
        assert_eq!(moved(&maria, own, emma), 200);
        assert!(compose(emma).contains("letter.pdf") && compose(emma).contains("Please sign") && !compose(own).contains("letter.pdf"));
        // What was begun is not written over; what no message takes is said.
        let again = maria.upload("messages/share?again=/home", &[("text", "Another")], "files", "virus.exe", b"MZ\x90\x00");
        assert!(maria.get(again.header("location")).body.contains("could not be taken"));
        maria.upload("messages/share?again=/home", &[("text", "A third")], "files", "b.pdf", b"%PDF-1.7 b");
        let draft = message_draft::Entity::find().filter(message_draft::Column::PatientId.eq(own));
        let draft = world.wait(draft.one(&world.state.connection)).expect("a query").expect("a draft");
        assert_eq!(draft.body, "Another");
        // A page elsewhere cannot put anything into a message.
        let from_elsewhere = maria.post("/api/messages/share", &[], &[("sec-fetch-site", "cross-site"), ("accept", "text/html")]);
        assert_eq!(from_elsewhere.status, 403);
    });
}
