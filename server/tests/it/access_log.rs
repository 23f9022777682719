//! Who opened a chart: all of it, page by page, with the staff who read what its owner asked.

use std::collections::BTreeSet;

use app::{access::entity::audit_event, base::ids::new_id, people::account};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::world::{Somebody, World, on_every_engine};

const LINES: i64 = 450;

/// Maria opened Ernesto's visits many times, the oldest of them long ago; some at one and the same moment.
fn fill(world: &World) -> Vec<uuid::Uuid> {
    let patient = world.patient("Ernesto");
    world.wait(async {
        let db = &world.state.connection;
        let maria = account::Entity::find().filter(account::Column::Username.eq("maria")).one(db).await.expect("a query").expect("Maria");
        let rows: Vec<audit_event::ActiveModel> = (0..LINES)
            .map(|number| audit_event::ActiveModel {
                id: Set(new_id()),
                at: Set(Utc::now() - TimeDelta::days(1) - TimeDelta::seconds(number / 150)),
                account_id: Set(Some(maria.id)),
                patient_id: Set(Some(patient)),
                actor: Set("proxy".into()),
                permission: Set("ViewVisits".into()),
                outcome: Set("allowed".into()),
                device: Set(Some(format!("line {number}"))),
            })
            .collect();
        let ids = rows.iter().filter_map(|row| row.id.try_as_ref().copied()).collect();
        audit_event::Entity::insert_many(rows).exec_without_returning(db).await.expect("inserted");
        ids
    })
}

/// The ids of the lines of a page, and the address of the page before it.
fn lines(who: &Somebody, path: &str) -> (Vec<String>, Option<String>) {
    let body = who.get(path).body;
    let ids = body.split("name=\"event\" value=\"").skip(1).filter_map(|part| Some(part.split('"').next()?.to_owned())).collect();
    let older = body.split("href=\"").filter_map(|part| part.split('"').next()).find(|address| address.contains("before="));
    (ids, older.map(|address| address.replace("&amp;", "&")))
}

#[test]
fn every_line_is_on_a_page_once_and_in_the_file() {
    on_every_engine(|world| {
        let all = fill(world);
        let (ernesto, patient) = (world.sign_in("ernesto"), world.patient("Ernesto").to_string());
        let mut found = Vec::new();
        let mut next = Some(format!("/p/{patient}/access-log?who=proxies"));
        let mut pages = 0;
        while let Some(path) = next {
            let (ids, older) = lines(&ernesto, &path);
            found.extend(ids);
            next = older;
            pages += 1;
        }
        let once: BTreeSet<&String> = found.iter().collect();
        assert_eq!(once.len(), found.len(), "no line twice");
        assert!(all.iter().all(|id| once.contains(&id.to_string())), "{} of {LINES}", found.len());
        assert_eq!(pages, 3);
        let (_, csv) = ernesto.get_bytes(&format!("/files/access-log/{patient}"));
        let csv = String::from_utf8(csv).expect("UTF-8");
        assert!((0..LINES).all(|number| csv.contains(&format!("line {number}"))));
        assert_eq!(csv.matches(",line 449").count() + csv.matches("\"line 449\"").count(), 1, "once");
        // A line of another chart leads nowhere.
        let other = world.sign_in("sofia").get(&format!("/p/{}/access-log?before={}", world.patient("Sofia"), all[0]));
        assert_eq!(other.status, 404);
    });
}

#[test]
fn this_was_not_me_is_said_of_any_line() {
    on_every_engine(|world| {
        let all = fill(world);
        let (ernesto, patient) = (world.sign_in("ernesto"), world.patient("Ernesto").to_string());
        let oldest = all[all.len() - 1].to_string();
        assert_eq!(ernesto.call("requests/report-access", &[("patient", &patient), ("event", &oldest)]).status, 200);
        assert!(world.sign_in("marcus").get("/staff/queue?kind=not_me").body.contains("Ernesto"));
        let strange =
            world.sign_in("sofia").call("requests/report-access", &[("patient", &world.patient("Sofia").to_string()), ("event", &oldest)]);
        assert_eq!(strange.body, "\"NotFound\"", "another chart's line");
    });
}

#[test]
fn staff_who_read_what_somebody_asked_are_in_their_log() {
    on_every_engine(|world| {
        let (maria, me) = (world.sign_in("maria"), world.patient("Maria").to_string());
        assert_eq!(maria.call("requests/ask-help", &[("topic", "page"), ("text", "A page is white")]).status, 200);
        let born = world.birth_date("Harold").to_string();
        let fields =
            [("given_name", "Harold"), ("family_name", "Kim"), ("birth_date", born.as_str()), ("kind", "guardianship"), ("until", "")];
        assert_eq!(maria.upload("family/bring-papers", &fields, "file", "papers.pdf", b"%PDF-1.7 a paper").status, 200);
        let (priya, marcus) = (world.sign_in("priya"), world.sign_in("marcus"));
        let log = |language: &str| {
            maria.call("account/choose-language", &[("language", language), ("back", "/")]);
            world.sign_in("maria").get(&format!("/p/{me}/access-log?who=staff")).body
        };
        let before = log("en");
        assert!(!before.contains("Marcus") && !before.contains("Priya"), "{before}");
        let first = |who: &Somebody| {
            let queue = who.get("/staff/queue").body;
            queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned()
        };
        assert_eq!(marcus.get(&format!("/staff/requests/{}", first(&marcus))).status, 200);
        let after = log("en");
        assert!(after.contains("Marcus") && after.contains("read what was asked of us"), "{after}");
        assert!(!after.contains("opened papers"), "{after}");
        let page = priya.get(&format!("/staff/requests/{}", first(&priya))).body;
        let file = page.split("/files/attachment/").nth(1).expect("a file").split('"').next().expect("an id").to_owned();
        assert_eq!(priya.get_bytes(&format!("/files/attachment/{file}")).0, 200);
        let after = log("en");
        assert!(after.contains("Priya Shah (front desk)") && after.contains("opened papers that came with a request"), "{after}");
        let spanish = log("es");
        assert!(spanish.contains("leyó lo que se nos pidió") && spanish.contains("abrió documentos"), "{spanish}");
        // Who has nothing to do with the queue opens nothing, and nothing is logged as opened.
        assert_eq!(marcus.get_bytes(&format!("/files/attachment/{file}")).0, 404);
        assert!(!log("en").contains("Marcus Webb opened papers"));
    });
}

#[test]
fn a_page_that_was_opened_is_not_told_as_done() {
    on_every_engine(|world| {
        let (maria, me) = (world.sign_in("maria"), world.patient("Maria").to_string());
        for page in ["share", "take-along", "personal-information/change", "results/timing", "health/credentials"] {
            assert_eq!(maria.get(&format!("/p/{me}/{page}")).status, 200, "{page}");
        }
        assert_eq!(maria.get("/sharing").status, 200);
        let log = || maria.get(&format!("/p/{me}/access-log?who=me")).body;
        let opened = log();
        for seen in ["looked at the form for a change", "looked at the health cards"] {
            assert!(opened.contains(seen), "{seen}");
        }
        let doings =
            ["shared the record", "made or took a file", "asked for a change", "chose when results", "made, showed", "changed who has"];
        for done in doings {
            assert!(!opened.contains(done), "{done}");
        }
        // What was refused for another reason is told as not done.
        let empty = maria.call("messages/send", &[("patient", &me), ("sending_key", &new_id().to_string())]);
        assert_eq!(empty.status, 422, "{}", empty.body);
        let told = log();
        let line = told.split("wrote a message").nth(1).expect("a line");
        assert!(line.split("</article>").next().is_some_and(|line| line.contains("Not done")), "{line}");
        assert_eq!(
            maria
                .call(
                    "results/choose-timing",
                    &[("patient", &me), ("laboratory", "now"), ("imaging", "now"), ("pathology", "now"), ("other", "now")]
                )
                .status,
            200
        );
        assert!(log().contains("chose when results"));
    });
}
