//! Getting in, staying in, getting out.

use app::access::{entity::account_session, session};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, EntityTrait};
use server::demo::PASSWORD;

use crate::world::on_every_engine;

#[test]
fn an_unknown_name_and_a_wrong_password_say_the_same() {
    on_every_engine(|world| {
        let wrong = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", "wrong")]);
        let unknown = world.nobody().call("sign-in/sign-in", &[("username", "mariah"), ("password", "wrong")]);
        assert_eq!((wrong.status, wrong.body.as_str()), (unknown.status, unknown.body.as_str()));
        assert_eq!(wrong.body, "\"WrongCredentials\"");
        assert!(wrong.session_cookie().is_none() && unknown.session_cookie().is_none());
    });
}

#[test]
fn five_failures_lock_known_and_unknown_names_alike() {
    on_every_engine(|world| {
        for username in ["Maria", "no such person"] {
            for round in 1..=5 {
                let answer = world.nobody().call("sign-in/sign-in", &[("username", username), ("password", "wrong")]);
                let wanted = if round < 5 { "\"WrongCredentials\"" } else { "{\"Locked\":{\"minutes\":15}}" };
                assert_eq!(answer.body, wanted, "{username}, round {round}");
            }
            let right = world.nobody().call("sign-in/sign-in", &[("username", username), ("password", PASSWORD)]);
            assert_eq!(right.body, "{\"Locked\":{\"minutes\":15}}", "{username}: the right password does not open a lock");
        }
        // Others are not locked, and a success forgets the failures before it.
        for _ in 0..3 {
            for _ in 0..4 {
                world.nobody().call("sign-in/sign-in", &[("username", "ernesto"), ("password", "wrong")]);
            }
            world.sign_in("ernesto");
        }
    });
}

#[test]
fn many_tries_at_once_do_not_pass_the_limit() {
    on_every_engine(|world| {
        let answers: Vec<String> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..20)
                .map(|_| scope.spawn(|| world.nobody().call("sign-in/sign-in", &[("username", "sofia"), ("password", "wrong")]).body))
                .collect();
            tries.into_iter().map(|tried| tried.join().expect("an answer")).collect()
        });
        let verified = answers.iter().filter(|body| *body == "\"WrongCredentials\"").count();
        assert_eq!(verified, 4, "the fifth locks: {answers:?}");
    });
}

#[test]
fn the_cookie_is_for_the_server_alone() {
    on_every_engine(|world| {
        let answer = world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", PASSWORD), ("next", "/account")]);
        assert_eq!(answer.body, "\"/account\"");
        let cookie = answer.header("set-cookie");
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        let token = answer.session_cookie().expect("a cookie").split_once('=').expect("a value").1.to_owned();
        assert_eq!(token.len(), 64);
        let stored = world.wait(account_session::Entity::find().all(&world.state.connection)).expect("sessions");
        assert!(stored.iter().all(|session| session.token_hash != token), "only a hash is stored");
        let secure = session::SessionRules { secure: true, ..world.state.rules };
        assert!(secure.cookie("x").starts_with("__Host-session=x; Path=/; HttpOnly; SameSite=Lax; Secure"));
    });
}

#[test]
fn without_javascript_the_form_leads_on_and_an_error_leads_back() {
    on_every_engine(|world| {
        let right = world.nobody().submit("/api/sign-in/sign-in", &[("username", "maria"), ("password", PASSWORD), ("next", "/people")]);
        assert_eq!((right.status, right.header("location")), (303, "/people"));
        assert!(right.session_cookie().is_some());
        let typed = [("username", "maria"), ("password", "wrong one"), ("next", "/people")];
        let wrong = world.nobody().submit("/api/sign-in/sign-in?again=/sign-in%3Fnext%3D%2Fpeople", &typed);
        assert_eq!((wrong.status, wrong.header("location")), (303, "/sign-in?next=/people&again=1#problem"));
        let page = world.nobody().with_cookies_of(&wrong).get("/sign-in?next=/people&again=1").body;
        assert!(page.contains("User name or password is wrong") && page.contains("value=\"maria\""), "{page}");
        assert!(page.contains("name=\"next\" value=\"/people\"") && !page.contains("wrong one"), "{page}");
    });
}

#[test]
fn after_signing_in_nobody_is_sent_to_another_site() {
    on_every_engine(|world| {
        for evil in ["https://evil.example/", "//evil.example/", "/\\evil.example"] {
            let answer = world.nobody().submit("/api/sign-in/sign-in", &[("username", "maria"), ("password", PASSWORD), ("next", evil)]);
            assert_eq!(answer.header("location"), "/home", "{evil}");
        }
    });
}

#[test]
fn signing_out_ends_one_session_or_all() {
    on_every_engine(|world| {
        let (phone, desk, tablet) = (world.sign_in("maria"), world.sign_in("maria"), world.sign_in("maria"));
        assert_eq!(phone.submit("/api/sign-in/sign-out", &[]).header("location"), "/sign-in?left=here");
        assert_eq!(phone.call("account/session", &[]).status, 401);
        assert_eq!(desk.call("account/session", &[]).status, 200);
        assert_eq!(desk.submit("/api/sign-in/sign-out-everywhere", &[]).header("location"), "/sign-in?left=everywhere");
        assert_eq!(desk.call("account/session", &[]).status, 401);
        assert_eq!(tablet.call("account/session", &[]).status, 401);
    });
}

#[test]
fn a_session_ends_when_idle_and_after_its_hours() {
    on_every_engine(|world| {
        for (idle_minutes, age_hours, status) in [(19, 0, 200), (20, 0, 401), (0, 11, 200), (0, 12, 401)] {
            let maria = world.sign_in("maria");
            let now = Utc::now();
            let aged = account_session::ActiveModel {
                last_seen_at: Set(now - TimeDelta::minutes(idle_minutes)),
                created_at: Set(now - TimeDelta::hours(age_hours) - TimeDelta::minutes(idle_minutes)),
                ..Default::default()
            };
            world.wait(account_session::Entity::update_many().set(aged).exec(&world.state.connection)).expect("aged");
            assert_eq!(maria.call("account/session", &[]).status, status, "idle {idle_minutes} min, {age_hours} h old");
            // Whoever is there stays: the request itself was a sign of life.
            if status == 200 {
                assert_eq!(maria.call("sign-in/stay", &[]).status, 200);
                let rows = world.wait(account_session::Entity::find().all(&world.state.connection)).expect("sessions");
                assert!(rows.iter().all(|row| Utc::now() - row.last_seen_at < TimeDelta::minutes(1)));
            }
            world.wait(account_session::Entity::delete_many().exec(&world.state.connection)).expect("cleared");
        }
    });
}

#[test]
fn the_language_is_kept_with_the_account() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        assert!(maria.get("/account").body.contains("<html lang=\"en\""));
        let chosen = maria.submit("/api/account/choose-language", &[("language", "es"), ("back", "/account")]);
        assert_eq!((chosen.status, chosen.header("location")), (303, "/account"));
        assert!(chosen.header("set-cookie").starts_with("language=es;"));
        assert!(world.sign_in("maria").get("/account").body.contains("<html lang=\"es\""));
        assert_eq!(maria.call("account/choose-language", &[("language", "xx"), ("back", "/")]).body, "\"NotFound\"");
    });
}

#[test]
fn two_servers_on_one_database_share_sessions_and_their_end() {
    on_every_engine(|world| {
        let second = world.second_server();
        let maria = world.sign_in("maria");
        assert_eq!(maria.get_at(&second, "/account").status, 200);
        assert_eq!(maria.submit("/api/sign-in/sign-out", &[]).status, 303);
        assert_eq!(maria.get_at(&second, "/account").status, 303);
    });
}
