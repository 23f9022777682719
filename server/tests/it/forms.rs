//! What becomes of what was typed: into a form that is refused, that comes too late, that holds what nobody sees.

use app::access::entity::account_session;
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::world::{Answer, Somebody, World, on_every_engine};

/// The browser that holds no more than one cookie of an answer.
fn only<'w>(world: &'w World, answer: &Answer, name: &str) -> Somebody<'w> {
    Somebody::with_cookies(world, answer.cookie(name).unwrap_or_else(|| panic!("no cookie {name}: {}", answer.body)))
}

#[test]
fn a_refused_form_keeps_what_was_typed_in_this_browser() {
    on_every_engine(|world| {
        let typed = [("activation_code", "ABCDE-FGHJK"), ("birth_date", "1950-02-03"), ("zip", "06457-TYPED")];
        let refused = world.nobody().submit("/api/sign-up/enter-code?again=/sign-up", &typed);
        assert_eq!((refused.status, refused.header("location")), (303, "/sign-up?again=1#problem"));
        let browser = only(world, &refused, "draft");
        let elsewhere = world.nobody().submit("/api/sign-up/enter-code?again=/sign-up%3Fa%3Db%23middle", &typed);
        assert_eq!(elsewhere.header("location"), "/sign-up?a=b&again=1#problem", "one place on the page, after the query");
        let page = browser.get("/sign-up?again=1");
        assert!(page.body.contains("06457-TYPED") && page.body.contains("1950-02-03"), "{}", page.body);
        assert!(page.body.contains("We do not know this code"));
        assert!(page.body.contains("ABCDE-FGHJK"), "nobody types a code from a letter twice");
        assert!(!browser.get("/sign-up").body.contains("06457-TYPED"), "only where it was refused");
        assert!(!world.nobody().get("/sign-up?again=1").body.contains("06457-TYPED"), "and only in this browser");
        let evil = world.nobody().submit("/api/sign-up/enter-code?again=https://evil.example/", &typed);
        assert!(!evil.header("location").contains("evil.example"), "{}", evil.header("location"));
    });
}

#[test]
fn a_refused_form_is_shown_to_nobody_else_at_the_same_browser() {
    on_every_engine(|world| {
        let typed = [("email", "typed-by-maria@"), ("password", "x")];
        let maria = world.sign_in("maria");
        let refused = maria.submit("/api/account/change-email?again=/account/email", &typed);
        assert_eq!((refused.status, refused.header("location")), (303, "/account/email?again=1#problem"));
        let shows = |somebody: &Somebody| somebody.with_cookies_of(&refused).get("/account/email?again=1").body.contains("typed-by-maria@");
        assert!(shows(&maria), "she does not type it twice");
        assert!(!shows(&world.sign_in("ernesto")), "whoever signs in after her");
        let nobody = only(world, &refused, "draft");
        assert!(!nobody.get("/sign-in?again=1").body.contains("typed-by-maria@"), "whoever comes when her session is over");
    });
}

#[test]
fn a_form_that_comes_after_its_session_waits_for_whoever_signs_in_again() {
    on_every_engine(|world| {
        let emma = world.patient("Emma").to_string();
        let (action, page) = ("/api/requests/change-details", format!("/p/{emma}/personal-information/change"));
        let typed = [("patient", &*emma), ("city", "Typed-before-the-end"), ("password", "hunter2-secret")];
        let maria = world.sign_in("maria");
        world.wait(async {
            let over = account_session::ActiveModel { last_seen_at: Set(Utc::now() - TimeDelta::hours(2)), ..Default::default() };
            let db = &world.state.connection;
            account_session::Entity::update_many().set(over).exec(db).await.expect("the sessions are over");
        });
        let late = maria.submit(&format!("{action}?again={page}"), &typed);
        let next = format!("/sign-in?left=unsent&next={page}%3Fagain%3D1");
        assert_eq!((late.status, late.header("location")), (303, &*next));
        let asked = world.nobody().get(&next).body;
        assert!(asked.contains("what you typed is kept") && !asked.contains("Typed-before-the-end"), "{asked}");

        // A wrong password first leaves it alone, and so does whoever else signs in.
        let browser = only(world, &late, "unsent");
        let wrong = [("username", "maria"), ("password", "wrong"), ("next", &*page)];
        let browser = browser.with_cookies_of(&browser.submit("/api/sign-in/sign-in?again=/sign-in", &wrong));
        let signed_in = |name: &str| {
            let session = world.sign_in(name).cookie.expect("a session");
            Somebody::with_cookies(world, format!("{session}; {}", browser.cookie.clone().unwrap_or_default()))
        };
        let back = signed_in("maria").get(&format!("{page}?again=1")).body;
        assert!(back.contains("Typed-before-the-end") && back.contains("signed out for safety"), "{back}");
        assert!(!back.contains("hunter2-secret"));
        assert!(!signed_in("ernesto").get("/account/email?again=1").body.contains("Typed-before-the-end"));
        let stranger = signed_in("ernesto").get(&format!("{page}?again=1"));
        assert!(stranger.status == 404 && !stranger.body.contains("Typed-before-the-end"), "{}", stranger.status);

        // Of a session that is not known, nothing is kept.
        let unknown = Somebody::with_cookies(world, "session=unknown".into()).submit(&format!("{action}?again={page}"), &typed);
        assert_eq!((unknown.status, unknown.cookie("unsent")), (303, None));
        assert!(unknown.header("location").starts_with("/sign-in?next=/p/"), "{}", unknown.header("location"));
    });
}

#[test]
fn a_refusal_comes_back_without_a_referer_too() {
    on_every_engine(|world| {
        let typed = [("email", "typed-by-maria@"), ("password", "x")];
        let headers = [("accept", "text/html"), ("origin", &*world.origin)];
        let refused = world.sign_in("maria").post("/api/account/change-email?again=/account/email", &typed, &headers);
        assert_eq!((refused.status, refused.header("location")), (303, "/account/email?again=1#problem"));
        for path in ["/x%0b", "/x%00y", "//evil.example", "/\\evil.example"] {
            let odd = world.nobody().post(&format!("/api/account/change-email?again={path}"), &typed, &headers);
            assert!(odd.status < 500 && !odd.header("location").contains("evil"), "{path}: {} {}", odd.status, odd.header("location"));
        }
    });
}

#[test]
fn a_refused_form_with_a_file_keeps_what_was_typed_beside_it() {
    on_every_engine(|world| {
        let tanya = world.sign_in("tanya");
        let fields = [("given_name", "Typed-beside"), ("family_name", "Cole"), ("birth_date", "1940-05-03"), ("papers", "guardianship")];
        let refused = tanya.upload("family/bring-papers?again=/sharing/papers", &fields, "file", "papers.pdf", b"no PDF");
        assert_eq!((refused.status, refused.header("location")), (303, "/sharing/papers?again=1#problem"));
        let page = tanya.with_cookies_of(&refused).get("/sharing/papers?again=1").body;
        assert!(page.contains("Typed-beside") && page.contains("1940-05-03"), "{page}");
    });
}

#[test]
fn what_nobody_sees_is_not_stored() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma").to_string());
        let typed = [("patient", &*emma), ("city", "Dur\0ham\u{1b}[2J\u{202e}")];
        assert_eq!(maria.call("requests/change-details", &typed).status, 200);
        let asked = world.sign_in("priya").get("/staff/queue?kind=details").body;
        let id = asked.split("/staff/requests/").nth(1).and_then(|rest| rest.split('"').next()).expect("a request");
        let shown = world.sign_in("priya").get(&format!("/staff/requests/{id}")).body;
        assert!(shown.contains("Durham[2J") && !shown.contains(['\0', '\u{1b}', '\u{202e}']), "{shown}");
        for path in ["/help?q=%00", "/staff/patients?q=%00%1b"] {
            let found = world.sign_in("priya").get(path);
            assert!(found.status < 500, "{path}: {}", found.status);
        }
    });
}

#[test]
fn what_is_shown_once_is_shown_by_its_own_page() {
    on_every_engine(|world| {
        let (ernesto, patient) = (world.sign_in("ernesto"), world.patient("Ernesto").to_string());
        let share = |recipient: &str| {
            let typed = [("patient", &*patient), ("recipient", recipient), ("sections[allergies]", "true"), ("minutes", "15")];
            ernesto.submit(&format!("/api/portable/share?again=/p/{patient}/share/code"), &typed)
        };
        let (first, second) = (share("Dr. First"), share("Dr. Second"));
        assert!(first.header("location").contains("/share/"), "{}", first.header("location"));
        let code = first.cookie("once").expect("a code").rsplit_once('=').expect("a code").1.to_owned();
        let browser = ernesto.with_cookies_of(&first);
        let other = browser.get(second.header("location"));
        assert!(other.body.contains("Dr. Second") && !other.body.contains(&code) && other.cookie("once").is_none());
        let own = browser.get(first.header("location"));
        assert!(own.body.contains(&code) && own.cookie("once").is_some_and(|emptied| emptied == "once="), "{}", own.body);
    });
}
