//! The demo desk is the demo's alone.

use app::{access::entity::audit_event, people::account};
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::world::{on_a_real_portal, on_every_engine};

#[test]
fn a_real_portal_has_no_desk_and_no_clock() {
    on_a_real_portal(|world| {
        for (path, arguments) in
            [("/demo/sign-in", &[("username", "maria")][..]), ("/demo/clock", &[("at", "2030-01-01T00:00")]), ("/demo/start-over", &[])]
        {
            let answer = world.nobody().submit(path, arguments);
            assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
            assert!(answer.session_cookie().is_none());
        }
        let page = world.nobody().get("/sign-in");
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("/demo/") && !page.body.contains("Emma"), "no trace of the desk");
        assert!(!world.state.clock.is_moved());
        assert!(
            world.wait(account::Entity::find().count(&world.state.connection)).expect("accounts") > 0,
            "there is somebody to sign in as"
        );
    });
}

#[test]
fn one_tap_signs_in_as_anybody_on_the_desk() {
    on_every_engine(|world| {
        let people = &world.state.demo.as_ref().expect("a demo").desks.en.people;
        assert!(people.len() >= 10);
        for username in people.iter().filter_map(|person| person.username.as_deref()) {
            let answer = world.nobody().submit("/demo/sign-in", &[("username", username)]);
            assert_eq!((answer.status, answer.header("location")), (303, "/home"), "{username}");
            let mut somebody = world.nobody();
            somebody.cookie = answer.session_cookie();
            assert_eq!(somebody.get("/home").status, 200, "{username}");
        }
        let page = world.nobody().get("/sign-in").body;
        for person in people {
            assert!(page.contains(person.name.as_str()), "{person:?}");
        }
    });
}

#[test]
fn the_clock_moves_and_comes_back_and_the_household_starts_over() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        // A form leads back to the page on which it stood.
        let from = |page: &str, at: &str| {
            let headers = [("accept", "text/html"), ("origin", world.origin.as_str()), ("referer", page)];
            maria.post("/demo/clock", &[("at", at)], &headers).header("location").to_owned()
        };
        assert_eq!(from(&format!("{}/help", world.origin), "2031-05-06T23:59"), "/help");
        assert!(maria.get("/help").body.contains("Tuesday, May 6, 2031"));
        assert_eq!(from("https://evil.example/help", ""), "/home");
        assert!(!world.state.clock.is_moved());
        assert_eq!(maria.submit("/demo/start-over", &[]).status, 303);
        assert_eq!(maria.call("account/session", &[]).status, 401, "starting over ends every session");
        world.sign_in("maria");
    });
}

#[test]
fn every_decision_leaves_a_row_in_the_audit_log() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let emma = world.patient("Emma").to_string();
        let stranger = world.sign_in("sofia");
        maria.call("visits/list", &[("patient", &emma)]);
        stranger.call("visits/list", &[("patient", &emma)]);
        let rows = world.wait(audit_event::Entity::find().all(&world.state.connection)).expect("rows");
        let told: Vec<(&str, &str)> = rows
            .iter()
            .filter(|row| row.permission == "ViewVisits" && row.patient_id == Some(world.patient("Emma")))
            .map(|row| (row.actor.as_str(), row.outcome.as_str()))
            .collect();
        assert_eq!(told, [("proxy", "allowed"), ("stranger", "not_found")]);
    });
}

#[test]
fn marias_amended_value_stands_with_what_it_said_first() {
    on_every_engine(|world| {
        let (me, maria) = (world.sign_in("maria"), world.patient("Maria"));
        let list = me.get(&format!("/p/{maria}/results")).body;
        let pages: Vec<String> = list
            .split(&format!("href=\"/p/{maria}/results/"))
            .skip(1)
            .filter_map(|part| part.get(..36).filter(|id| id.parse::<uuid::Uuid>().is_ok()).map(str::to_owned))
            .collect();
        let amended = pages.iter().map(|id| me.get(&format!("/p/{maria}/results/{id}")).body).find(|page| page.contains("both are shown"));
        let page = amended.expect("the amended result");
        assert!(page.contains("5.9 %") && page.contains("5.7 %"), "{page}");
        assert!(page.contains("Before the amendment"), "{page}");
    });
}
