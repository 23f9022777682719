//! What the billing office is asked: estimates, insurances, questions; and what of it other systems hear.

use app::{
    access::as_system,
    desk::{
        billing::entity::{coverage, estimate},
        requests::entity::request,
        scheduling::{entity::booking_event, model::Happened},
    },
    record::visit::{entity::visit, model::Status},
};
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use server::fhir::import_bundle;
use uuid::Uuid;

use crate::{
    billing::{all, bill_numbered},
    billing_leaks::resources,
    outgoing::outgoing,
    world::{World, on_every_engine},
};

fn open_requests(world: &World, kind: &str) -> Vec<request::Model> {
    all::<request::Entity>(world).into_iter().filter(|row| row.kind == kind && row.answered_at.is_none()).collect()
}

/// A visit of somebody that is to come.
fn to_come(world: &World, given_name: &str) -> visit::Model {
    let of = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(world.patient(given_name)))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::StartsAt.gt(world.state.clock.now().instant + TimeDelta::days(1)));
    world.wait(of.one(&world.state.connection)).expect("a query").expect("a visit")
}

/// The newest of the resources of a kind that went out.
fn last_out(world: &World, resource_type: &str) -> Value {
    outgoing(world, 0)
        .0
        .into_iter()
        .rev()
        .find(|value| value["resourceType"] == resource_type)
        .unwrap_or_else(|| panic!("a {resource_type} went out"))
}

#[test]
fn an_estimate_is_asked_for_written_kept_in_versions_and_answers_whoever_asked() {
    on_every_engine(|world| {
        let (maria, carlos, dana, priya) = (world.sign_in("maria"), world.sign_in("carlos"), world.sign_in("dana"), world.sign_in("priya"));
        let (own, sofia) = (world.patient("Maria").to_string(), world.patient("Sofia"));
        let next = to_come(world, "Maria");
        // Neither nobody, nor somebody with the schedule alone, nor other staff.
        assert_eq!(world.nobody().call("billing/ask-estimate", &[("patient", &own), ("words", "x")]).status, 401);
        assert_eq!(carlos.get(&format!("/p/{sofia}/estimates")).status, 404);
        assert_eq!(
            carlos.call("billing/ask-estimate", &[("patient", &sofia.to_string()), ("words", "x")]).status,
            403,
            "the schedule alone"
        );
        let ask = |visit: &str, words: &str| maria.call("billing/ask-estimate", &[("patient", &own), ("visit", visit), ("words", words)]);
        assert!(ask("", " ").body.contains("words"));
        assert!(ask(&to_come(world, "Lucas").id.to_string(), "").body.contains("visit"), "a visit of somebody else");
        assert!(ask("", &"x".repeat(1001)).body.contains("too_long"));
        assert_eq!(ask("", "A crown, as Dr. Torres said").status, 200);
        assert_eq!(ask(&next.id.to_string(), "").status, 200);
        let open = open_requests(world, "estimate");
        assert_eq!(open.len(), 2);
        let today = world.state.clock.now().today;
        assert!(open.iter().all(|row| row.due_on > today && row.due_on <= today + chrono::Days::new(7)), "{open:?}");
        assert_eq!(last_out(world, "Task")["status"], "requested");
        // The office writes it from the request.
        let crown = open.iter().find(|row| row.body.contains("crown")).expect("asked").id.to_string();
        let page = format!("/staff/billing/requests/{crown}/estimate");
        assert_eq!(priya.get(&page).status, 404);
        assert!(dana.get(&page).body.contains("A crown, as Dr. Torres said"));
        let write = |about: (&str, &str), lines: &str| {
            dana.call("ledgers/estimate", &[about, ("title", "A crown"), ("lines", lines), ("note", "Without a root canal")])
        };
        assert!(write(("request", &crown), "Crown").body.contains("lines"));
        assert_eq!(priya.call("ledgers/estimate", &[("request", &crown), ("title", "x"), ("lines", "x 1")]).status, 404);
        assert_eq!(write(("request", &crown), "Crown: $1,200.00\nX-ray $85").status, 200);
        assert!(write(("request", &crown), "Crown 1").body.contains("already_done"), "answered once");
        // Written for the visit, it answers who asked for that one.
        let visit = next.id.to_string();
        assert!(dana.get(&format!("/staff/billing/visits/{visit}/estimate")).body.contains(&next.title));
        assert_eq!(write(("visit", &visit), "Office visit 185.00").status, 200);
        assert_eq!(write(("visit", &visit), "Office visit 195.00").status, 200);
        assert_eq!(open_requests(world, "estimate").len(), 0);
        let page = maria.get(&format!("/p/{own}/estimates")).body;
        for words in ["$1,285.00", "Without a root canal", "X-ray", "$195.00", "Version 2"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("$185.00"), "{page}");
        assert!(maria.get("/requests").body.contains("Your estimate is ready"));
        let task = last_out(world, "Task");
        assert_eq!(
            (&task["status"], &task["output"][0]["valueString"]),
            (&json!("completed"), &json!("Your estimate is ready: see Billing, Estimates."))
        );
        assert_eq!(all::<estimate::Entity>(world).iter().filter(|row| row.visit_id == Some(next.id)).count(), 2, "versions are kept");
    });
}

#[test]
fn first_estimates_written_at_the_same_moment_are_versions_of_one() {
    on_every_engine(|world| {
        let dana = world.sign_in("dana");
        let next = to_come(world, "Maria");
        let visit = next.id.to_string();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let fields = [("visit", visit.as_str()), ("title", "Office visit"), ("lines", "Office visit 185.00")];
                    assert_eq!(dana.call("ledgers/estimate", &fields).status, 200);
                });
            }
        });
        let mut written: Vec<_> = all::<estimate::Entity>(world).into_iter().filter(|row| row.visit_id == Some(next.id)).collect();
        written.sort_by_key(|row| row.version);
        assert!(written.iter().all(|row| row.series == written[0].series), "{written:?}");
        assert_eq!(written.iter().map(|row| row.version).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(written.iter().filter(|row| row.newest).count(), 1);
    });
}

#[test]
fn the_office_sees_which_estimates_the_law_asks_for_and_by_when() {
    on_every_engine(|world| {
        let dana = world.sign_in("dana");
        let next = to_come(world, "Maria");
        let page = || dana.get("/staff/billing").body;
        let starts = world.state.clock.now().instant + TimeDelta::days(30);
        let later =
            visit::Entity::update_many().col_expr(visit::Column::StartsAt, Expr::value(starts)).filter(visit::Column::Id.eq(next.id));
        world.wait(later.exec(&world.state.connection)).expect("written");
        let booked = booking_event::ActiveModel {
            id: Set(Uuid::now_v7()),
            visit_id: Set(next.id),
            at: Set(world.state.clock.now().instant - TimeDelta::days(20)),
            what: Set(Happened::Booked),
            by: Set("Maria Rivera".into()),
            role: Set(None),
            from_at: Set(None),
            to_at: Set(Some(starts)),
            words: Set(None),
        };
        world.wait(booking_event::Entity::insert(booked).exec_without_returning(&world.state.connection)).expect("written");
        let link = format!("/staff/billing/visits/{}/estimate", next.id);
        assert!(!page().contains(&link), "the plan pays for her");
        let uninsured = coverage::Entity::update_many()
            .col_expr(coverage::Column::Active, Expr::value(false))
            .filter(coverage::Column::PatientId.eq(next.patient_id));
        world.wait(uninsured.exec(&world.state.connection)).expect("written");
        assert!(page().contains(&link) && page().contains("Estimates to write"), "{}", page());
        let written = dana.call("ledgers/estimate", &[("visit", &next.id.to_string()), ("title", "Visit"), ("lines", "Visit 100.00")]);
        assert_eq!(written.status, 200, "{}", written.body);
        assert!(!page().contains(&link));
    });
}

#[test]
fn what_was_told_of_an_insurance_lasts_until_the_hospitals_system_says_something_new() {
    on_every_engine(|world| {
        let (maria, priya) = (world.sign_in("maria"), world.sign_in("priya"));
        let own = world.patient("Maria");
        let mut coverage = resources()
            .into_iter()
            .find(|value| value["resourceType"] == "Coverage" && value["subscriberId"] == "MH-55120")
            .expect("her insurance");
        coverage["beneficiary"]["reference"] = json!(format!("Patient/{}", world.reference("Maria")));
        let arrives = |change: &dyn Fn(&mut Value)| {
            let mut value = coverage.clone();
            change(&mut value);
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": value}]});
            world.wait(import_bundle(&as_system(&world.state.db, "test"), "demo", bundle)).expect("imported");
        };
        let known = || -> Vec<(String, bool, bool)> {
            let mut rows: Vec<_> = all::<coverage::Entity>(world).into_iter().filter(|row| row.patient_id == own).collect();
            rows.sort_by_key(|row| row.made_at);
            rows.into_iter().map(|row| (row.member_id.unwrap_or_default(), row.active, row.from_record)).collect()
        };
        let before = all::<coverage::Entity>(world).into_iter().find(|row| row.patient_id == own && row.active).expect("one");
        let number = before.member_id.clone().unwrap_or_default();
        let told = maria.upload(
            "billing/insurance",
            &[
                ("patient", &own.to_string()),
                ("what", "correct"),
                ("coverage", &before.id.to_string()),
                ("insurer", "Shore Plan"),
                ("member_id", "S-2"),
            ],
            "file",
            "",
            b"",
        );
        assert_eq!(told.status, 200, "{}", told.body);
        let draft = last_out(world, "Coverage");
        assert_eq!((&draft["status"], &draft["subscriberId"]), (&json!("draft"), &json!("S-2")));
        assert!(last_out(world, "Task")["focus"]["reference"].as_str().is_some_and(|found| found.contains("Coverage/")));
        let row = open_requests(world, "insurance").pop().expect("a request");
        let taken = priya.call("requests/decide", &[("id", &row.id.to_string()), ("decision", "accept"), ("reason", "Checked")]);
        assert_eq!(taken.status, 200, "{}", taken.body);
        assert_eq!(last_out(world, "Coverage")["status"], "active");
        let corrected = vec![(number.clone(), false, true), ("S-2".to_owned(), true, false)];
        assert_eq!(known(), corrected);
        // The record comes again as it was: what was told holds. Twice, too.
        arrives(&|_| ());
        arrives(&|_| ());
        assert_eq!(known(), corrected);
        // It comes with something new: its word holds.
        arrives(&|value| value["subscriberId"] = json!("S-3"));
        assert_eq!(known(), [("S-3".to_owned(), true, true), ("S-2".to_owned(), false, false)]);
        // What went out comes back as the hospital's own.
        let own_again = maria.upload(
            "billing/insurance",
            &[("patient", &own.to_string()), ("what", "new"), ("insurer", "Third Plan"), ("member_id", "T-1")],
            "file",
            "",
            b"",
        );
        assert_eq!(own_again.status, 200, "{}", own_again.body);
        let row = open_requests(world, "insurance").pop().expect("a request");
        assert_eq!(priya.call("requests/decide", &[("id", &row.id.to_string()), ("decision", "accept"), ("reason", "x")]).status, 200);
        let out = last_out(world, "Coverage");
        arrives(&|value| {
            value["id"] = json!("third-plan");
            value["identifier"] = out["identifier"].clone();
            value["subscriberId"] = json!("T-1");
        });
        let third: Vec<_> = known().into_iter().filter(|(number, ..)| number == "T-1").collect();
        assert_eq!(third, [("T-1".to_owned(), false, false), ("T-1".to_owned(), true, true)], "once");
    });
}

#[test]
fn a_question_about_a_bill_goes_out_as_a_task_about_its_invoice() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let bill = bill_numbered(world, "B-26-00117").id.to_string();
        assert_eq!(maria.call("billing/ask", &[("bill", &bill), ("topic", "amount"), ("words", "Why so much?")]).status, 200);
        let task = last_out(world, "Task");
        assert_eq!((&task["status"], &task["description"]), (&json!("requested"), &json!("Why so much?")));
        assert!(task["focus"]["reference"].as_str().is_some_and(|found| found.contains("Invoice/")), "{task}");
        let row = open_requests(world, "bill_question").pop().expect("a request");
        assert_eq!(maria.call("requests/withdraw", &[("id", &row.id.to_string())]).status, 200);
        assert_eq!(last_out(world, "Task")["status"], "cancelled");
    });
}
