//! Who may open whose chart, and until when.

use crate::{
    every_server_fn::a_visit,
    world::{Somebody, on_every_engine},
};

fn given_names(somebody: &Somebody) -> Vec<String> {
    let session = somebody.call("account/session", &[]).json();
    let people = session["people"].as_array().expect("people");
    people.iter().map(|person| person["given_name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn each_account_sees_its_own_people_only() {
    on_every_engine(|world| {
        for (username, people) in [
            ("maria", &["Maria", "Emma", "Lucas", "Ernesto"][..]),
            ("ernesto", &["Ernesto"]),
            ("sofia", &["Sofia"]),
            ("carlos", &["Sofia"]),
            ("daniel", &["Noah", "Olivia"]),
            ("grace", &["Harold"]),
            ("tanya", &[]),
            ("priya", &[]),
        ] {
            assert_eq!(given_names(&world.sign_in(username)), people, "{username}");
        }
    });
}

#[test]
fn at_midnight_of_the_18th_birthday_the_chart_closes_without_a_job() {
    on_every_engine(|world| {
        let daniel = world.sign_in("daniel");
        let olivia = world.patient("Olivia").to_string();
        let page = format!("/p/{olivia}/personal-information");
        let eighteen = app::access::proxy::birthday(world.birth_date("Olivia"), 18);
        world.move_clock(eighteen, -1);
        assert_eq!(daniel.get(&page).status, 200);
        world.move_clock(eighteen, 0);
        let closed = daniel.get(&page);
        assert_eq!(closed.status, 404);
        assert!(closed.body.contains("Your access ended at midnight of the 18th birthday"));
        let born = world.birth_date("Olivia").format("%Y").to_string();
        assert!(!closed.body.contains(&born), "an explanation and no data");
        assert_eq!(daniel.call("pages/read", &[("path", &page)]).body, "{\"AccessEnded\":\"turned_eighteen\"}");
        assert_eq!(given_names(&daniel), ["Noah"]);
        assert!(daniel.get("/home").body.contains("You can no longer open Olivia"));
    });
}

#[test]
fn an_emancipated_minors_parent_is_told_why_and_sees_nothing() {
    on_every_engine(|world| {
        let tanya = world.sign_in("tanya");
        let jayden = world.patient("Jayden").to_string();
        for page in ["visits", "personal-information"] {
            let answer = tanya.get(&format!("/p/{jayden}/{page}"));
            assert_eq!(answer.status, 404);
            assert!(answer.body.contains("emancipated minor"), "{page}");
        }
        assert!(tanya.get("/home").body.contains("emancipated minor"));
    });
}

#[test]
fn who_may_see_the_schedule_sees_no_reason_note_or_summary() {
    on_every_engine(|world| {
        let (carlos, sofia) = (world.sign_in("carlos"), world.sign_in("sofia"));
        let patient = world.patient("Sofia").to_string();
        let visit = a_visit(world, "Sofia");
        let (his, hers) =
            (carlos.call("visits/list", &[("patient", &patient)]).json(), sofia.call("visits/list", &[("patient", &patient)]).json());
        let reasons = |list: &serde_json::Value| {
            let visits = list["past"].as_array().expect("visits").iter().chain(list["upcoming"].as_array().expect("visits"));
            visits.filter(|visit| !visit["reason"].is_null() || visit["has_notes"] == true || visit["has_summary"] == true).count()
        };
        assert!(reasons(&hers) > 0);
        assert_eq!(reasons(&his), 0);
        for function in ["notes/read", "summaries/read"] {
            assert_eq!(carlos.call(function, &[("patient", &patient), ("visit", &visit)]).body, "\"NotFound\"", "{function}");
        }
    });
}

#[test]
fn sensitive_parts_are_for_the_patient_alone() {
    use app::record::note::{entity::note, model::Disclosure};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    on_every_engine(|world| {
        let ernesto = world.patient("Ernesto");
        let find = note::Entity::find()
            .filter(note::Column::PatientId.eq(ernesto))
            .filter(note::Column::Sensitive.eq(true))
            .filter(note::Column::Disclosure.eq(Disclosure::Shown));
        let sensitive = world.wait(find.one(&world.state.connection)).expect("a query").expect("a sensitive note");
        let visit = sensitive.visit_id.expect("of a visit").to_string();
        let patient = ernesto.to_string();
        let own = world.sign_in("ernesto").call("notes/read", &[("patient", &patient), ("visit", &visit)]);
        assert_eq!(own.status, 200, "{}", own.body);
        let words: String = sensitive.body.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        let daughter = world.sign_in("maria");
        for answer in [
            daughter.call("notes/read", &[("patient", &patient), ("visit", &visit)]),
            daughter.call("summaries/read", &[("patient", &patient), ("visit", &visit)]),
            daughter.call("visits/list", &[("patient", &patient)]),
            daughter.get("/home"),
        ] {
            assert!(!answer.body.contains(&words), "a limited proxy reads {words:?}");
        }
    });
}

#[test]
fn access_that_was_given_until_a_day_ends_then() {
    on_every_engine(|world| {
        let grace = world.sign_in("grace");
        let harold = world.patient("Harold").to_string();
        assert_eq!(grace.call("visits/list", &[("patient", &harold)]).status, 200);
        assert!(grace.get("/home").body.contains("Your access to Harold"));
        world.state.clock.move_to(Some(chrono::Utc::now() + chrono::TimeDelta::days(11)));
        assert_eq!(grace.call("visits/list", &[("patient", &harold)]).body, "{\"AccessEnded\":\"expired\"}");
    });
}
