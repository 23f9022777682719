//! "Something is wrong here": who may say so, where, what staff do with it, and what stands in the record afterwards.

use app::desk::requests::{entity::request, model::RequestState};
use sea_orm::EntityTrait;

use crate::{
    accounts::letters,
    world::{Somebody, World, on_every_engine},
};

/// The first place of a kind that a page lets somebody correct, such as `item:…`.
fn place(somebody: &Somebody, page: &str) -> String {
    let html = somebody.get(page).body;
    let found = html.split("/correction?about=").nth(1).unwrap_or_else(|| panic!("{page} has no place to correct: {html}"));
    found.split(['"', '\\']).next().unwrap_or_default().to_owned()
}

fn only_request(world: &World) -> request::Model {
    world.wait(request::Entity::find().one(&world.state.connection)).expect("a query").expect("a request")
}

#[test]
fn only_who_reads_the_record_asks_for_a_correction_and_only_of_that_record() {
    on_every_engine(|world| {
        let (maria, emma, lucas) = (world.sign_in("maria"), world.patient("Emma").to_string(), world.patient("Lucas").to_string());
        let about = place(&maria, &format!("/p/{emma}/health/conditions"));
        let ask = |who: &Somebody, patient: &str, about: &str| {
            who.call("corrections/ask", &[("patient", patient), ("about", about), ("wrong", "It is the left ear")]).body
        };
        assert_eq!(ask(&world.nobody(), &emma, &about), "\"SignInNeeded\"");
        for stranger in ["tanya", "daniel", "priya", "ruth"] {
            assert_eq!(ask(&world.sign_in(stranger), &emma, &about), "\"NotFound\"");
        }
        // A place of one chart is no place of another, and a teen's chart has none for a parent.
        let own = world.patient("Maria").to_string();
        assert_eq!(ask(&maria, &own, &about), "\"NotFound\"");
        assert_eq!(ask(&maria, &lucas, &about), "\"NotFound\"");
        for nowhere in
            ["", "item", "item:x", "visit:1", "item:00000000-0000-0000-0000-000000000000", "note:00000000-0000-0000-0000-000000000000:9"]
        {
            assert_eq!(ask(&maria, &emma, nowhere), "\"NotFound\"", "{nowhere}");
        }
        let empty = maria.call("corrections/ask", &[("patient", &emma), ("about", &about), ("wrong", " ")]);
        assert!(empty.body.contains("why_missing") && empty.body.contains("wrong"), "{}", empty.body);
        assert_eq!(world.sign_in("carlos").get(&format!("/p/{}/correction?about={about}", world.patient("Sofia"))).status, 404);
    });
}

#[test]
fn an_accepted_correction_stands_beside_the_words() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma").to_string());
        let visits = maria.get(&format!("/p/{emma}/visits")).body;
        let mut links = visits.split("href=\"").filter_map(|part| part.split('"').next());
        let notes = links.find(|href| href.starts_with("visits/") && href.ends_with("/notes")).expect("a visit with a note");
        let page = format!("/p/{emma}/{notes}");
        let about = place(&maria, &page);
        assert!(about.starts_with("note:") && about.matches(':').count() == 2, "a paragraph: {about}");
        assert_eq!(maria.get(&format!("/p/{emma}/correction?about={about}")).status, 200);
        let asked =
            maria.submit("/api/corrections/ask", &[("patient", &emma), ("about", &about), ("wrong", "It was the left ear"), ("right", "")]);
        assert!(asked.header("location").starts_with("/requests?sent=W-"), "{}", asked.body);
        let row = only_request(world);
        assert_eq!(row.due_on, world.state.clock.now().today + chrono::Days::new(60));
        let (ruth, id) = (world.sign_in("ruth"), row.id.to_string());
        for other in ["priya", "marcus", "maria"] {
            let decided = world.sign_in(other).call("corrections/decide", &[("id", &id), ("decision", "accept"), ("words", "x")]);
            assert_eq!(decided.body, "\"NotFound\"", "{other}");
        }
        assert!(ruth.get("/staff/queue").body.contains(&row.number));
        assert!(ruth.get(&format!("/staff/requests/{id}")).body.contains("It was the left ear"));
        assert_eq!(ruth.call("corrections/review", &[("id", &id)]).status, 200);
        assert_eq!(only_request(world).state, RequestState::Review);
        assert!(maria.get("/requests").body.contains("Under review"));
        assert!(ruth.call("corrections/decide", &[("id", &id), ("words", "x")]).body.contains("decision"));
        assert!(ruth.call("corrections/decide", &[("id", &id), ("decision", "accept"), ("words", "")]).body.contains("why_missing"));
        let words = "The complaint was about the left ear.";
        assert_eq!(ruth.call("corrections/decide", &[("id", &id), ("decision", "accept"), ("words", words)]).status, 200);
        assert!(ruth.call("corrections/decide", &[("id", &id), ("decision", "decline"), ("words", "x")]).body.contains("why_already_done"));
        let after = maria.get(&page).body;
        assert!(after.contains(words) && after.contains("Ruth Adler"), "{after}");
        let told = letters(world, "maria@example.org");
        assert!(told.iter().all(|letter| !letter.text.contains("left ear")), "a letter says that there is an answer, not which");
    });
}

#[test]
fn who_disagrees_with_a_refusal_is_heard_once() {
    on_every_engine(|world| {
        let (maria, me) = (world.sign_in("maria"), world.patient("Maria").to_string());
        let page = format!("/p/{me}/health/conditions");
        let about = place(&maria, &page);
        assert_eq!(maria.call("corrections/ask", &[("patient", &me), ("about", &about), ("wrong", "I never had this")]).status, 200);
        let id = only_request(world).id.to_string();
        let disagree =
            |who: &Somebody| who.call("corrections/disagree", &[("patient", &me), ("id", &id), ("words", "I still never had it")]);
        assert!(disagree(&maria).body.contains("why_already_done"), "nothing was declined yet");
        assert_eq!(
            world
                .sign_in("ruth")
                .call("corrections/decide", &[("id", &id), ("decision", "decline"), ("words", "Two tests show it")])
                .status,
            200
        );
        let own = maria.get("/requests").body;
        assert!(own.contains("Two tests show it") && own.contains("hhs.gov"), "{own}");
        assert_eq!(disagree(&world.sign_in("daniel")).body, "\"NotFound\"");
        assert_eq!(disagree(&maria).status, 200);
        assert!(disagree(&maria).body.contains("why_already_done"));
        assert!(maria.get(&page).body.contains("I still never had it"));
    });
}

/// A parent who asked when the child was 12 reads no word of it when the child is 13.
#[test]
fn the_wall_of_the_thirteenth_birthday_stands_in_ones_own_requests_too() {
    on_every_engine(|world| {
        let (daniel, noah) = (world.sign_in("daniel"), world.patient("Noah").to_string());
        let about = place(&daniel, &format!("/p/{noah}/health/immunizations"));
        assert_eq!(daniel.call("corrections/ask", &[("patient", &noah), ("about", &about), ("wrong", "Another lot number")]).status, 200);
        assert!(daniel.get("/requests").body.contains("Another lot number"));
        world.move_clock(app::access::proxy::birthday(world.birth_date("Noah"), 13), 0);
        let after = daniel.get("/requests").body;
        assert!(after.contains("W-") && !after.contains("Another lot number"), "{after}");
    });
}
