//! What stands before every page: origin, headers, health.

use sea_orm::ConnectionTrait;
use server::demo::PASSWORD;

use crate::world::on_every_engine;

#[test]
fn another_site_cannot_post_for_somebody() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("origin", world.origin.as_str())],
            &[("origin", "https://evil.example")],
            &[],
        ] {
            let answer = maria.post("/api/sign-in/sign-out-everywhere", &[], headers);
            assert_eq!(answer.status, 403, "{headers:?}");
        }
        assert_eq!(maria.call("account/session", &[]).status, 200, "nothing was done");
        let login = world.nobody().post(
            "/api/sign-in/sign-in",
            &[("username", "maria"), ("password", PASSWORD)],
            &[("sec-fetch-site", "cross-site")],
        );
        assert_eq!(login.status, 403);
    });
}

#[test]
fn pages_have_the_headers_that_a_scanner_expects() {
    on_every_engine(|world| {
        let page = world.sign_in("maria").get("/home");
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "'wasm-unsafe-eval'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
        assert!(page.body.contains(&format!("nonce=\"{nonce}\"")), "the page bears the nonce of its header");
        assert!(!world.sign_in("maria").get("/home").header("content-security-policy").contains(nonce), "a nonce is used once");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(page.header(name), value, "{name}");
        }
        assert!(page.header("permissions-policy").contains("camera=(self)"));
        let answer = world.sign_in("maria").call("account/session", &[]);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").contains("script-src 'none'"));
    });
}

#[test]
fn health_is_told_to_anybody() {
    on_every_engine(|world| {
        assert_eq!(world.nobody().get("/healthz").body, "ok");
        assert_eq!(world.nobody().get("/readyz").body, "ready");
        world.wait(world.state.connection.clone().close()).expect("closed");
        assert_eq!(world.nobody().get("/healthz").status, 200);
        assert_eq!(world.nobody().get("/readyz").status, 503);
    });
}

#[test]
fn a_document_bears_the_mark_of_its_session() {
    on_every_engine(|world| {
        let mark = |page: String| {
            page.split(r#"<meta name="session" content=""#).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
        };
        let maria = world.sign_in("maria");
        let first = mark(maria.get("/home").body).expect("a mark");
        assert_eq!(first.len(), 16);
        assert_eq!(mark(maria.get("/account").body), Some(first.clone()), "one session, one mark");
        assert_ne!(mark(world.sign_in("maria").get("/home").body), Some(first.clone()), "another session, another mark");
        assert!(!maria.cookie.clone().expect("a cookie").contains(&first));
        assert_eq!(mark(world.nobody().get("/sign-in").body), Some(String::new()));
        let page = maria.get("/home").body;
        assert!(page.contains(r#"<meta name="format-detection" content="telephone=no"#), "{page}");
    });
}

#[test]
fn pages_and_files_are_only_read() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for path in ["/home", "/robots.txt", "/nothing/here"] {
            let answer = maria.post(path, &[], &[("origin", &world.origin)]);
            assert_eq!(answer.status, 405, "{path}");
            assert!(answer.header("allow").contains("GET") && answer.header("allow").contains("HEAD"), "{path}");
        }
        // Functions answer to their own method, and what is none is not there.
        for (path, status) in [("/api/medications/request", 405), ("/api/nothing/here", 404), ("/api/home/needs-you", 405)] {
            let answer = maria.get(path);
            assert!(answer.status == status && answer.body.is_empty(), "{path}: {} {}", answer.status, answer.body);
        }
    });
}

#[test]
fn a_large_body_is_refused() {
    on_every_engine(|world| {
        let long = "x".repeat(2 * 1024 * 1024);
        // The server may hang up before all of it is sent.
        if let Ok(answer) = world.nobody().try_post("/api/sign-in/sign-in", &[("username", &long)], &[("origin", &world.origin)]) {
            assert_ne!(answer.status, 200);
            assert!(!answer.body.contains("xxxxxxxx"));
        }
        assert_eq!(world.nobody().get("/healthz").body, "ok", "and goes on");
    });
}

#[test]
fn a_refusal_is_no_fault_of_the_server() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let harold = world.patient("Harold").to_string();
        assert_eq!(maria.call("account/change-email", &[("email", "no address"), ("password", PASSWORD)]).status, 422);
        assert_eq!(world.sign_in("priya").call("visits/list", &[("patient", &harold)]).status, 404);
        assert_eq!(world.nobody().call("sign-in/sign-in", &[("username", "maria"), ("password", "wrong")]).status, 401);
        // A fault of the server stays one.
        world.wait(world.state.connection.execute_unprepared("ALTER TABLE visit RENAME TO away")).expect("renamed");
        let visits = maria.call("visits/list", &[("patient", &world.patient("Maria").to_string())]);
        assert!(visits.status == 500 && visits.body.contains("Unexpected"), "{}", visits.body);
    });
}

#[test]
fn a_wrong_password_keeps_the_user_name() {
    on_every_engine(|world| {
        let refused = world.nobody().submit("/api/sign-in/sign-in?again=/sign-in", &[("username", "maria"), ("password", "wrong-one")]);
        let page = world.nobody().with_cookies_of(&refused).get("/sign-in?again=1").body;
        assert!(page.contains(r#"value="maria""#) && !page.contains("wrong-one"), "{page}");
    });
}
