//! Every registered server function and every page, called as nobody and as a stranger. One that is missing here fails.

use std::collections::BTreeMap;

use app::routes::{App, PUBLIC_PAGES, PUBLIC_SERVER_FUNCTIONS};

use crate::world::{World, on_every_engine};

/// What a stranger (who has an account, but nothing to do with the chart in question) gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stranger {
    /// Only what is their own.
    Own,
    /// As if it did not exist.
    NotFound,
}

/// One line of the table.
type Row = (&'static str, &'static [(&'static str, &'static str)], Stranger);

/// Path, arguments, and what a stranger gets. `{p}` is Lucas, `{v}` a visit of his.
const TABLE: &[Row] = &[
    ("/api/account/choose-language", &[("language", "en"), ("back", "/")], Stranger::Own),
    ("/api/account/session", &[], Stranger::Own),
    ("/api/demo/desk", &[], Stranger::Own),
    ("/api/home/needs-you", &[], Stranger::Own),
    ("/api/notes/read", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/personal-information/read", &[("patient", "{p}")], Stranger::NotFound),
    ("/api/sign-in/sign-in", &[("username", "nobody"), ("password", "wrong")], Stranger::Own),
    ("/api/sign-in/sign-out", &[], Stranger::Own),
    ("/api/sign-in/sign-out-everywhere", &[], Stranger::Own),
    ("/api/sign-in/stay", &[], Stranger::Own),
    ("/api/staff/find-patients", &[("query", "rivera")], Stranger::NotFound),
    ("/api/summaries/read", &[("patient", "{p}"), ("visit", "{v}")], Stranger::NotFound),
    ("/api/visits/list", &[("patient", "{p}")], Stranger::NotFound),
];

/// Every page, and the status that a stranger gets.
const PAGES: &[(&str, u16)] = &[
    ("/", 302),
    ("/account", 200),
    ("/help", 200),
    ("/home", 200),
    ("/p/{p}/personal-information", 404),
    ("/p/{p}/visits", 404),
    ("/p/{p}/visits/{v}/notes", 404),
    ("/p/{p}/visits/{v}/summary", 404),
    ("/people", 200),
    ("/sign-in", 200),
    ("/staff/patients", 404),
    ("/support", 200),
];

#[test]
fn the_tables_are_complete() {
    let registered: Vec<String> = registered();
    let listed: Vec<&str> = TABLE.iter().map(|(path, ..)| *path).collect();
    assert_eq!(registered, listed, "every server function stands in the table, in order");
    assert!(registered.len() > 5, "the server functions are linked in");
    let mut pages: Vec<String> = leptos_axum::generate_route_list(App)
        .iter()
        .map(|page| page.path().replace(":patient", "{p}").replace("{patient}", "{p}").replace(":visit", "{v}").replace("{visit}", "{v}"))
        .collect();
    pages.sort();
    pages.dedup();
    assert_eq!(pages, PAGES.iter().map(|(path, _)| *path).collect::<Vec<_>>(), "every page stands in the table, in order");
}

#[test]
fn nobody_gets_in() {
    on_every_engine(|world| {
        for (path, arguments, _) in TABLE.iter().filter(|(path, ..)| !PUBLIC_SERVER_FUNCTIONS.contains(path)) {
            let answer = world.nobody().call(path.trim_start_matches("/api/"), &fill(world, arguments));
            assert_eq!((answer.status, answer.body.as_str()), (401, "\"SignInNeeded\""), "{path}");
        }
        for (page, _) in PAGES.iter().filter(|(page, _)| !PUBLIC_PAGES.contains(page)) {
            let answer = world.nobody().get(&fill_path(world, page));
            assert_eq!(answer.status, 303, "{page}");
            assert!(answer.header("location").starts_with("/sign-in"), "{page}");
            assert!(answer.body.is_empty(), "{page}");
        }
    });
}

#[test]
fn a_stranger_gets_nothing_of_somebody_elses() {
    on_every_engine(|world| {
        for (path, arguments, wanted) in TABLE {
            // Signing out ends the session, so everybody comes anew.
            let stranger = world.sign_in("grace");
            let answer = stranger.call(path.trim_start_matches("/api/"), &fill(world, arguments));
            match wanted {
                Stranger::NotFound => assert_eq!(answer.body, "\"NotFound\"", "{path}"),
                Stranger::Own => assert!(!answer.body.contains("NotFound"), "{path}: {}", answer.body),
            }
            for name in ["Lucas", "Emma"] {
                assert!(!answer.body.contains(name) || *path == "/api/demo/desk", "{path} names {name}");
            }
        }
        let stranger = world.sign_in("grace");
        for (page, status) in PAGES {
            let answer = stranger.get(&fill_path(world, page));
            assert_eq!(answer.status, *status, "{page}");
            assert!(!answer.body.contains("Lucas") || *page == "/sign-in", "{page} names Lucas");
        }
    });
}

#[test]
fn a_visit_of_one_chart_is_not_found_in_another() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let (emma, visit) = (world.patient("Emma").to_string(), a_visit(world, "Maria"));
        for function in ["notes/read", "summaries/read"] {
            let answer = maria.call(function, &[("patient", &emma), ("visit", &visit)]);
            assert_eq!(answer.body, "\"NotFound\"", "{function}");
        }
    });
}

#[test]
fn nonsense_is_refused_without_a_word_of_it() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        for (path, arguments, _) in TABLE.iter().filter(|(_, arguments, _)| arguments.iter().any(|(name, _)| *name == "patient")) {
            let nonsense: BTreeMap<&str, &str> = arguments.iter().map(|(name, _)| (*name, "x' OR 1=1 --<script>")).collect();
            let answer = maria.call(path.trim_start_matches("/api/"), &nonsense.into_iter().collect::<Vec<_>>());
            assert_eq!(answer.body, "\"NotFound\"", "{path}");
        }
        for page in ["/p/1/visits", "/p/%3Cscript%3E/visits", "/nothing/here"] {
            let answer = maria.get(page);
            assert_eq!(answer.status, 404, "{page}");
            assert!(!answer.body.contains("<script>alert"), "{page}");
        }
    });
}

fn registered() -> Vec<String> {
    let mut paths: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.sort();
    paths
}

fn fill<'a>(world: &World, arguments: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    arguments.iter().map(|(name, value)| (*name, &*fill_path(world, value).leak())).collect()
}

fn fill_path(world: &World, path: &str) -> String {
    let mut path = path.replace("{p}", &world.patient("Lucas").to_string());
    if path.contains("{v}") {
        path = path.replace("{v}", &a_visit(world, "Lucas"));
    }
    path
}

/// A past visit of somebody.
pub fn a_visit(world: &World, given_name: &str) -> String {
    use app::visits::{entity::visit, model::Status};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let find = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(world.patient(given_name)))
        .filter(visit::Column::Status.eq(Status::Finished));
    world.wait(find.one(&world.state.connection)).expect("a query").expect("a visit").id.to_string()
}
