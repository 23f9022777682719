//! Checking in for a visit before it begins, saying that one is there, and what the office sees and does.

use app::{
    desk::{
        check_in::{
            entity::{check_in_office, check_in_step, visit_arrival},
            model::Step,
        },
        outgoing::{entity as outgoing, model::ActKind},
        requests::entity::request,
        scheduling::entity::{booking, scheduling_office},
    },
    features::medications::entity::medicine_proposal,
    people::{proxy_grant, relation::AdultLevel},
    record::visit::{
        entity::visit,
        model::{Kind, Status},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    accounts::letters,
    billing::{all, at},
    world::{Answer, Somebody, World, on_every_engine},
};

/// The next booked visit of somebody at a department whose calendar is kept here.
fn next_visit(world: &World, patient: Uuid) -> visit::Model {
    let offices: Vec<Uuid> = all::<scheduling_office::Entity>(world).into_iter().map(|office| office.department_id).collect();
    let booked = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(patient))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::DepartmentId.is_in(offices))
        .filter(visit::Column::StartsAt.gt(world.state.clock.now().instant))
        .order_by_asc(visit::Column::StartsAt);
    let found = world.wait(booked.one(&world.state.connection)).expect("a query").expect("a visit to come");
    // Questionnaires, documents and payment have tests of their own.
    let usual = Step::ALL.iter().filter(|step| !step.has_parts() && **step != Step::Payment).map(|step| step.as_str());
    let usual = usual.collect::<Vec<_>>().join(" ");
    let asks = check_in_office::ActiveModel { steps: Set(usual), ..Default::default() };
    world.wait(check_in_office::Entity::update_many().set(asks).exec(&world.state.connection)).expect("an update");
    let in_person = visit::ActiveModel { kind: Set(Kind::Office), ..Default::default() };
    let one = visit::Entity::update_many().set(in_person).filter(visit::Column::Id.eq(found.id));
    world.wait(one.exec(&world.state.connection)).expect("an update");
    read(world, found.id)
}

fn read(world: &World, id: Uuid) -> visit::Model {
    world.wait(visit::Entity::find_by_id(id).one(&world.state.connection)).expect("a query").expect("the visit")
}

fn starts(visit: &visit::Model) -> DateTime<Utc> {
    visit.starts_at.expect("a time")
}

fn page(me: &Somebody<'_>, visit: &visit::Model, rest: &str) -> Answer {
    me.get(&format!("/p/{}/visits/{}/{rest}", visit.patient_id, visit.id))
}

fn call(me: &Somebody<'_>, function: &str, visit: &visit::Model, fields: &[(&str, &str)]) -> Answer {
    let (patient, id) = (visit.patient_id.to_string(), visit.id.to_string());
    let mut all = vec![("patient", patient.as_str()), ("visit", id.as_str())];
    all.extend_from_slice(fields);
    me.call(&format!("check-in/{function}"), &all)
}

fn steps(world: &World, visit: Uuid) -> Vec<(Step, bool)> {
    let mut rows: Vec<_> = all::<check_in_step::Entity>(world)
        .into_iter()
        .filter(|row| row.visit_id == visit && row.done_at.is_some())
        .map(|row| (row.step, row.told))
        .collect();
    rows.sort();
    rows
}

/// Answers for every medicine, or every allergy, on the page of a step: all right, but what `other` says.
fn answers(page: &str, other: impl Fn(usize) -> (&'static str, &'static str)) -> Vec<(String, String)> {
    let mut names: Vec<String> = page.split("name=\"said[").skip(1).filter_map(|rest| Some(rest.split(']').next()?.to_owned())).collect();
    names.dedup();
    let mut fields = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        let (said, words) = other(number);
        fields.push((format!("said[{name}]"), said.to_owned()));
        fields.push((format!("words[{name}]"), words.to_owned()));
    }
    fields
}

fn medicines(me: &Somebody<'_>, visit: &visit::Model, step: &str, other: impl Fn(usize) -> (&'static str, &'static str)) -> Answer {
    let shown = page(me, visit, &format!("check-in/{step}"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    let fields = answers(&shown.body, other);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("step", step));
    call(me, "medicines", visit, &fields)
}

fn same(_: usize) -> (&'static str, &'static str) {
    ("same", "")
}

#[test]
fn somebody_checks_in_step_by_step_and_it_is_done_everywhere_at_once() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let visit = next_visit(world, world.patient("Maria"));
        // Before it opens nothing is asked, and the page says when it opens.
        at(world, starts(&visit) - TimeDelta::days(9));
        let early = page(&maria, &visit, "check-in");
        assert!(early.status == 200 && early.body.contains("You can check in from") && !early.body.contains(">Begin<"), "{}", early.body);
        assert!(call(&maria, "plan", &visit, &[("phone", "860-555-0100")]).body.contains("check_in_why_not_open"));
        assert!(!maria.get(&format!("/p/{}/visits", visit.patient_id)).body.contains("/check-in"));
        at(world, starts(&visit) - TimeDelta::days(3));
        let lists = [format!("/p/{}/visits", visit.patient_id), "/home".into(), format!("/p/{}/visits/{}", visit.patient_id, visit.id)];
        for list in &lists {
            let body = maria.get(list).body;
            assert!(body.contains("/check-in\""), "{list}: {body}");
        }
        assert!(page(&maria, &visit, "check-in").body.contains("Not begun"));
        // Address and phone: as they are.
        let form = page(&maria, &visit, "check-in/personal").body;
        assert!(form.contains("Step 1 of 5"), "{form}");
        let value = |name: &str| {
            let rest = form.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_default();
            rest.split('>')
                .next()
                .and_then(|tag| tag.split("value=\"").nth(1))
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default()
                .to_owned()
        };
        let names = ["address_line", "city", "state", "postal_code", "phone_mobile", "phone_home"];
        let known: Vec<(&str, String)> = names.iter().map(|name| (*name, value(name))).collect();
        let fields: Vec<(&str, &str)> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let before = all::<request::Entity>(world).len();
        assert_eq!(call(&maria, "personal", &visit, &fields).status, 200);
        assert_eq!(all::<request::Entity>(world).len(), before, "nothing is different");
        assert!(page(&maria, &visit, "check-in").body.contains("1 of 5 steps done"));
        // Something that cannot be right is refused at its field, and the step is as it was.
        let wrong: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, if *name == "postal_code" { "abc" } else { *value })).collect();
        assert!(call(&maria, "personal", &visit, &wrong).body.contains("postal_code"));
        // Another phone number is asked for at the front desk.
        let other: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, if *name == "phone_mobile" { "860-555-0177" } else { *value })).collect();
        assert_eq!(call(&maria, "personal", &visit, &other).status, 200);
        assert_eq!(all::<request::Entity>(world).len(), before + 1);
        assert_eq!(call(&maria, "insurance", &visit, &[]).status, 200);
        // A medicine is taken differently: not without words, and not told at all while something is wrong.
        let proposals = all::<medicine_proposal::Entity>(world).len();
        let differently = |number: usize| if number == 0 { ("differently", "") } else { ("same", "") };
        let refused = medicines(&maria, &visit, "medications", differently);
        assert!(refused.body.contains("words[i"), "{}", refused.body);
        assert_eq!(all::<medicine_proposal::Entity>(world).len(), proposals);
        let unanswered = call(&maria, "medicines", &visit, &[("step", "medications")]);
        assert!(unanswered.body.contains("said[i"), "{}", unanswered.body);
        let differently = |number: usize| if number == 0 { ("differently", "Only every other day") } else { ("same", "") };
        std::thread::scope(|scope| {
            let sent = [0; 5].map(|_| scope.spawn(|| medicines(&maria, &visit, "medications", differently).status));
            assert_eq!(sent.map(|sent| sent.join().expect("an answer")), [200; 5]);
        });
        assert_eq!(medicines(&maria, &visit, "medications", differently).status, 200);
        assert_eq!(all::<medicine_proposal::Entity>(world).len(), proposals + 1, "however often, it is once");
        assert_eq!(medicines(&maria, &visit, "allergies", same).status, 200);
        for (phone, why) in [("", "phone"), ("not a phone", "phone")] {
            assert!(call(&maria, "plan", &visit, &[("phone", phone)]).body.contains(why));
        }
        assert!(
            all::<booking::Entity>(world).into_iter().find(|row| row.visit_id == visit.id).is_none_or(|row| row.confirmed_at.is_none())
        );
        let acts =
            |kind: ActKind| all::<outgoing::Entity>(world).into_iter().filter(|act| act.kind == kind && act.about == visit.id).count();
        let told = acts(ActKind::Appointment);
        assert_eq!(call(&maria, "plan", &visit, &[("phone", "860-555-0100"), ("needs", "A wheelchair")]).status, 200);
        assert!(acts(ActKind::Appointment) > told, "other systems hear of the phone number, and that she comes");
        let booked = all::<booking::Entity>(world).into_iter().find(|row| row.visit_id == visit.id).expect("what is known of it");
        assert_eq!((booked.phone.as_deref(), booked.needs.as_deref()), (Some("860-555-0100"), Some("A wheelchair")));
        assert!(booked.confirmed_at.is_some(), "whoever checks in comes");
        let expected =
            [(Step::Personal, true), (Step::Insurance, false), (Step::Medications, true), (Step::Allergies, false), (Step::Plan, true)];
        assert_eq!(steps(world, visit.id), expected);
        assert!(page(&maria, &visit, "check-in").body.contains("You are checked in"));
        for list in &lists {
            let body = maria.get(list).body;
            let link =
                body.split(&format!("{}/check-in\"", visit.id)).nth(1).and_then(|rest| rest.split("</a>").next()).unwrap_or_default();
            assert!(link.contains("Checked in") || body.contains("You are checked in"), "{list}: {link}");
        }
        // It is answered again where somebody wants to.
        assert_eq!(call(&maria, "undo", &visit, &[("step", "insurance")]).status, 200);
        assert!(page(&maria, &visit, "check-in").body.contains("4 of 5 steps done"));
    });
}

#[test]
fn what_was_confirmed_lately_is_not_asked_for_the_next_visit() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let first = next_visit(world, world.patient("Maria"));
        at(world, starts(&first) - TimeDelta::days(2));
        assert_eq!(call(&maria, "insurance", &first, &[]).status, 200);
        assert_eq!(call(&maria, "plan", &first, &[("phone", "860-555-0100")]).status, 200);
        // Another visit on the same day.
        let second = Uuid::now_v7();
        let other = visit::ActiveModel {
            id: Set(second),
            starts_at: Set(first.starts_at.map(|at| at + TimeDelta::hours(2))),
            ends_at: Set(first.ends_at.map(|at| at + TimeDelta::hours(2))),
            appointment_id: Set(None),
            ..first.clone().into()
        };
        world.wait(visit::Entity::insert(other).exec_without_returning(&world.state.connection)).expect("another visit");
        let second = read(world, second);
        let body = page(&maria, &second, "check-in").body;
        assert!(body.contains("1 of 5 steps done"), "insurance, and not the plan: {body}");
        // After a week it is asked again, also for the first one if that was moved.
        at(world, starts(&first) + TimeDelta::days(6));
        let moved = visit::ActiveModel {
            starts_at: Set(Some(starts(&first) + TimeDelta::days(10))),
            ends_at: Set(Some(starts(&first) + TimeDelta::days(10) + TimeDelta::minutes(30))),
            ..Default::default()
        };
        let one = visit::Entity::update_many().set(moved).filter(visit::Column::Id.eq(first.id));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        assert!(page(&maria, &read(world, first.id), "check-in").body.contains("Not begun"));
    });
}

#[test]
fn nobody_checks_in_for_somebody_else_and_a_step_needs_what_it_changes() {
    on_every_engine(|world| {
        let visit = next_visit(world, world.patient("Maria"));
        at(world, starts(&visit) - TimeDelta::days(2));
        for rest in ["check-in", "check-in/personal", "check-in/medications", "arrive"] {
            assert_eq!(page(&world.nobody(), &visit, rest).status, 303, "{rest}");
            for who in ["daniel", "dana", "priya"] {
                assert_eq!(page(&world.sign_in(who), &visit, rest).status, 404, "{who} {rest}");
            }
        }
        assert_eq!(call(&world.sign_in("daniel"), "arrive", &visit, &[]).status, 404);
        // Of one's own chart, a visit of somebody else is none.
        let ernesto = world.patient("Ernesto");
        let own = world.sign_in("ernesto");
        for rest in ["check-in", "check-in/plan", "arrive"] {
            assert_eq!(own.get(&format!("/p/{ernesto}/visits/{}/{rest}", visit.id)).status, 404, "{rest}");
        }
        let (patient, id) = (ernesto.to_string(), visit.id.to_string());
        let fields = [("patient", patient.as_str()), ("visit", &id), ("phone", "860-555-0100"), ("step", "plan")];
        for function in ["plan", "insurance", "arrive", "undo", "personal"] {
            assert_eq!(own.call(&format!("check-in/{function}"), &fields).status, 404, "{function}");
        }
        // The staff's side is theirs alone, and an office's own.
        for path in ["/staff/check-in".to_owned(), format!("/staff/visits/{}/check-in", visit.id)] {
            assert_eq!(world.sign_in("maria").get(&path).status, 404, "{path}");
            assert_eq!(world.sign_in("dana").get(&path).status, 404, "{path}");
        }
        assert_eq!(call(&world.sign_in("maria"), "desk", &visit, &[("what", "arrived")]).status, 404);
        assert_eq!(call(&world.sign_in("maria"), "reopen", &visit, &[("step", "all"), ("words", "x")]).status, 404);
    });
}

#[test]
fn a_proxy_with_the_schedule_alone_does_the_plan_and_sees_none_of_the_rest() {
    on_every_engine(|world| {
        let visit = next_visit(world, world.patient("Ernesto"));
        at(world, starts(&visit) - TimeDelta::days(2));
        let proxy = world.sign_in("maria");
        let level = proxy_grant::ActiveModel { level: Set(Some(AdultLevel::ScheduleMessages)), ..Default::default() };
        let of = proxy_grant::Entity::update_many().set(level).filter(proxy_grant::Column::PatientId.eq(visit.patient_id));
        world.wait(of.exec(&world.state.connection)).expect("an update");
        let shown = page(&proxy, &visit, "check-in");
        assert!(shown.status == 200 && shown.body.contains("Somebody else"), "{}", shown.body);
        for step in ["medications", "allergies", "insurance", "personal"] {
            assert_eq!(page(&proxy, &visit, &format!("check-in/{step}")).status, 403, "{step}");
        }
        for (function, fields) in [
            ("insurance", vec![]),
            ("personal", vec![("city", "Middletown")]),
            ("medicines", vec![("step", "medications")]),
            ("undo", vec![("step", "insurance")]),
        ] {
            assert_eq!(call(&proxy, function, &visit, &fields).status, 403, "{function}");
        }
        assert_eq!(call(&proxy, "plan", &visit, &[("phone", "860-555-0100")]).status, 200);
        assert!(steps(world, visit.id).contains(&(Step::Plan, true)));
    });
}

#[test]
fn one_says_that_one_is_there_in_time_once_and_the_office_asks_in() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let visit = next_visit(world, world.patient("Maria"));
        let department = visit.department_id.expect("a department");
        let priya = world.sign_in("priya");
        at(world, starts(&visit) - TimeDelta::minutes(31));
        let early = page(&maria, &visit, "arrive").body;
        assert!(early.contains("You can say that you are here from") && !early.contains("<form class=\"form\""), "{early}");
        assert!(call(&maria, "arrive", &visit, &[]).body.contains("check_in_why_not_open"));
        at(world, starts(&visit) + TimeDelta::minutes(15));
        let late = page(&maria, &visit, "arrive").body;
        assert!(late.contains("The time to arrive is over") && late.contains("Call "), "{late}");
        assert!(call(&maria, "arrive", &visit, &[]).body.contains("check_in_why_not_open"));
        at(world, starts(&visit) - TimeDelta::minutes(20));
        let door = maria.get(&format!("/arrive/{department}")).body;
        assert!(door.contains(&format!("/visits/{}/arrive", visit.id)), "{door}");
        assert_eq!(maria.get(&format!("/arrive/{}", Uuid::nil())).status, 404);
        // Both buttons of two tabs at two servers: once.
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| assert_eq!(call(&maria, "arrive", &visit, &[]).status, 200));
            }
        });
        assert_eq!(read(world, visit.id).status, Status::Arrived);
        assert_eq!(all::<visit_arrival::Entity>(world).len(), 1);
        let there = page(&maria, &visit, "arrive").body;
        assert!(there.contains("Here since") && there.contains("You are next"), "{there}");
        assert!(page(&maria, &visit, "check-in").body.contains("The front desk helps"), "checking in is over");
        assert!(call(&maria, "plan", &visit, &[("phone", "860-555-0100")]).body.contains("check_in_why_not_open"));
        // The office sees who waits, says that it is late, and asks in.
        let day = format!(
            "/staff/check-in?department={department}&day={}",
            app::base::clock::local_date(starts(&visit), &world.state.clock.zone())
        );
        assert!(priya.get(&day).body.contains("Waits since"), "{}", priya.get(&day).body);
        let id = department.to_string();
        for (minutes, status) in [("x", 422), ("-1", 422), ("700", 422), ("25", 200)] {
            assert_eq!(priya.call("check-in/delay", &[("department", &id), ("minutes", minutes)]).status, status, "{minutes}");
        }
        assert!(page(&maria, &visit, "arrive").body.contains("about 25 minutes late"));
        assert_eq!(call(&priya, "desk", &visit, &[("what", "call_in"), ("to", "Room <4>")]).status, 200);
        let called = page(&maria, &visit, "arrive").body;
        assert!(called.contains("Please come in now: Room &lt;4&gt;"), "{called}");
        // The wrong person was asked in: they wait again.
        assert_eq!(call(&maria, "desk", &visit, &[("what", "wait_again")]).status, 404);
        assert_eq!(call(&priya, "desk", &visit, &[("what", "wait_again")]).status, 200);
        assert!(!page(&maria, &visit, "arrive").body.contains("Please come in now"));
        assert_eq!(call(&priya, "desk", &visit, &[("what", "wait_again")]).status, 422, "once");
        assert_eq!(call(&priya, "desk", &visit, &[("what", "call_in"), ("to", "")]).status, 200);
        assert!(page(&maria, &visit, "arrive").body.contains("Please come in now"));
        // It was a mistake: they are not there after all.
        assert_eq!(call(&priya, "desk", &visit, &[("what", "not_arrived")]).status, 200);
        assert_eq!((read(world, visit.id).status, all::<visit_arrival::Entity>(world).len()), (Status::Booked, 0));
        assert_eq!(call(&priya, "desk", &visit, &[("what", "not_arrived")]).status, 422, "once");
        assert_eq!(call(&priya, "desk", &visit, &[("what", "arrived")]).status, 200, "the desk sees them");
        assert_eq!(read(world, visit.id).status, Status::Arrived);
        // Tomorrow nobody reads of today's delay.
        at(world, starts(&visit) + TimeDelta::days(1));
        assert!(!priya.get(&day).body.contains("about 25 minutes late"));
        // Days later nobody waits any more, also where the hospital's system still has the visit as booked.
        let booked = visit::ActiveModel { status: Set(Status::Booked), ..Default::default() };
        let one = visit::Entity::update_many().set(booked).filter(visit::Column::Id.eq(visit.id));
        world.wait(one.exec(&world.state.connection)).expect("an update");
        at(world, starts(&visit) + TimeDelta::minutes(5));
        assert!(priya.get(&day).body.contains("Waits since"));
        at(world, starts(&visit) + TimeDelta::days(3));
        assert!(!priya.get(&day).body.contains("Waits since"), "{}", priya.get(&day).body);
    });
}

#[test]
fn a_visit_that_was_called_off_or_moved_has_its_own_sentence_and_a_new_one_at_the_same_hour_its_own_check_in() {
    on_every_engine(|world| {
        let maria = world.sign_in("maria");
        let visit = next_visit(world, world.patient("Maria"));
        at(world, starts(&visit) - TimeDelta::days(2));
        assert_eq!(call(&maria, "insurance", &visit, &[]).status, 200);
        assert_eq!(call(&maria, "plan", &visit, &[("phone", "860-555-0100")]).status, 200);
        let off = visit::ActiveModel { status: Set(Status::Cancelled), ..Default::default() };
        world
            .wait(visit::Entity::update_many().set(off).filter(visit::Column::Id.eq(visit.id)).exec(&world.state.connection))
            .expect("an update");
        for rest in ["check-in", "check-in/plan", "arrive"] {
            let body = page(&maria, &visit, rest).body;
            assert!(
                body.contains("This visit was cancelled") && !body.contains("<form class=\"form\" method=\"post\" action=\"/api/check-in"),
                "{rest}: {body}"
            );
        }
        for function in ["arrive", "insurance"] {
            assert!(call(&maria, function, &visit, &[]).body.contains("check_in_why_not_open"), "{function}");
        }
        // Booked again for the same hour: a visit of its own.
        let again = Uuid::now_v7();
        let row = visit::ActiveModel { id: Set(again), appointment_id: Set(None), status: Set(Status::Booked), ..visit.clone().into() };
        world.wait(visit::Entity::insert(row).exec_without_returning(&world.state.connection)).expect("another visit");
        let again = read(world, again);
        assert!(page(&maria, &again, "check-in").body.contains("1 of 5 steps done"), "the insurance holds, the plan was the other's");
        // What was said for a time says nothing of another one.
        at(world, starts(&visit) - TimeDelta::minutes(10));
        assert_eq!(call(&maria, "arrive", &again, &[]).status, 200);
        let moved = visit::ActiveModel {
            status: Set(Status::Booked),
            starts_at: Set(Some(starts(&visit) + TimeDelta::hours(3))),
            ends_at: Set(Some(starts(&visit) + TimeDelta::hours(4))),
            ..Default::default()
        };
        world
            .wait(visit::Entity::update_many().set(moved).filter(visit::Column::Id.eq(again.id)).exec(&world.state.connection))
            .expect("an update");
        assert!(page(&maria, &again, "arrive").body.contains("You can say that you are here from"));
        at(world, starts(&visit) + TimeDelta::hours(3));
        assert_eq!(call(&maria, "arrive", &again, &[]).status, 200);
        assert_eq!(all::<visit_arrival::Entity>(world).len(), 1, "for the new time");
    });
}

#[test]
fn the_office_asks_a_step_again_says_why_and_decides_how_it_wants_check_ins() {
    on_every_engine(|world| {
        let (maria, priya) = (world.sign_in("maria"), world.sign_in("priya"));
        let visit = next_visit(world, world.patient("Maria"));
        let department = visit.department_id.expect("a department").to_string();
        at(world, starts(&visit) - TimeDelta::days(2));
        assert_eq!(call(&maria, "insurance", &visit, &[]).status, 200);
        assert_eq!(call(&maria, "plan", &visit, &[("phone", "860-555-0100")]).status, 200);
        assert!(call(&priya, "reopen", &visit, &[("step", "insurance"), ("words", " ")]).body.contains("words"));
        let before = letters(world, "maria@example.org").len();
        at(world, world.state.clock.now().instant + TimeDelta::minutes(1));
        assert_eq!(call(&priya, "reopen", &visit, &[("step", "insurance"), ("words", "The card has <expired>")]).status, 200);
        assert_eq!(letters(world, "maria@example.org").len(), before + 1);
        let body = page(&maria, &visit, "check-in").body;
        assert!(body.contains("1 of 5 steps done") && body.contains("The card has &lt;expired&gt;"), "{body}");
        at(world, world.state.clock.now().instant + TimeDelta::minutes(1));
        assert_eq!(call(&maria, "insurance", &visit, &[]).status, 200);
        assert!(page(&maria, &visit, "check-in").body.contains("2 of 5 steps done"));
        // Other steps, other days.
        let settings = |days: &str, from: &str, steps: &[&str]| {
            let mut fields = vec![("department", department.clone()), ("is_on", "true".into()), ("opens_days", days.to_owned())];
            fields.extend([
                ("arrive_from", from.to_owned()),
                ("arrive_until", "15".to_owned()),
                ("after_en", "Wait in the car.".to_owned()),
            ]);
            let names: Vec<String> = steps.iter().map(|step| format!("steps[{step}]")).collect();
            let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            all.extend(names.iter().map(|name| (name.as_str(), "true")));
            priya.call("check-in/office", &all)
        };
        for (days, from, field) in
            [("0", "30", "opens_days"), ("31", "30", "opens_days"), ("x", "30", "opens_days"), ("3", "-1", "arrive_from")]
        {
            assert!(settings(days, from, &["plan"]).body.contains(field), "{days} {from}");
        }
        assert!(settings("3", "30", &[]).body.contains("steps"), "something must be asked");
        assert_eq!(settings("1", "60", &["plan", "insurance"]).status, 200);
        assert!(page(&maria, &visit, "check-in").body.contains("You can check in from"), "a day before");
        at(world, starts(&visit) - TimeDelta::hours(1));
        assert!(page(&maria, &visit, "check-in").body.contains("You are checked in"), "these two are done");
        assert_eq!(page(&maria, &visit, "check-in/medications").status, 404, "not asked here");
        assert_eq!(call(&maria, "arrive", &visit, &[]).status, 200, "an hour before");
        assert!(page(&maria, &visit, "arrive").body.contains("Wait in the car."));
        let sign = priya.get(&format!("/staff/check-in/{department}"));
        assert!(sign.body.contains(&format!("/arrive/{department}")), "{}", sign.body);
    });
}

#[test]
fn a_step_is_handed_to_somebody_who_can_do_it_and_does_that_one() {
    on_every_engine(|world| {
        let (ernesto, maria) = (world.sign_in("ernesto"), world.sign_in("maria"));
        let visit = next_visit(world, world.patient("Ernesto"));
        at(world, starts(&visit) - TimeDelta::days(2));
        assert_eq!(call(&ernesto, "undo", &visit, &[("step", "insurance")]).status, 200);
        let shown = page(&ernesto, &visit, "check-in/insurance").body;
        let to = shown.split("name=\"to\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("somebody").to_owned();
        assert!(shown.contains("Maria Rivera"), "{shown}");
        for wrong in ["", "x", &Uuid::nil().to_string()] {
            assert!(call(&ernesto, "hand-over", &visit, &[("step", "insurance"), ("to", wrong)]).body.contains("to"));
        }
        assert_eq!(call(&world.sign_in("daniel"), "hand-over", &visit, &[("step", "insurance"), ("to", &to)]).status, 404);
        let before = letters(world, "maria@example.org").len();
        assert_eq!(call(&ernesto, "hand-over", &visit, &[("step", "insurance"), ("to", &to)]).status, 200);
        assert_eq!(letters(world, "maria@example.org").len(), before + 1);
        assert!(page(&ernesto, &visit, "check-in").body.contains("Se le pidió a Maria Rivera"));
        assert!(page(&maria, &visit, "check-in").body.contains("asks you to do this step"));
        // She does that one, and is led to no other.
        let patient = visit.patient_id.to_string();
        let done = maria.submit("/api/check-in/insurance", &[("patient", &patient), ("visit", &visit.id.to_string())]);
        assert!(done.header("location").ends_with("check-in?done=saved"), "{}", done.header("location"));
        assert!(!page(&maria, &visit, "check-in").body.contains("asks you to do this step"));
        // Whoever sees the schedule alone is offered for the plan, not for medicines.
        let level = proxy_grant::ActiveModel { level: Set(Some(AdultLevel::ScheduleMessages)), ..Default::default() };
        let of = proxy_grant::Entity::update_many().set(level).filter(proxy_grant::Column::PatientId.eq(visit.patient_id));
        world.wait(of.exec(&world.state.connection)).expect("an update");
        assert!(!page(&ernesto, &visit, "check-in/medications").body.contains(&to));
        assert!(page(&ernesto, &visit, "check-in/plan").body.contains(&to));
        assert!(call(&ernesto, "hand-over", &visit, &[("step", "medications"), ("to", &to)]).body.contains("to"));
    });
}

#[test]
fn the_desk_prints_a_check_in_to_be_filled_in_by_hand_without_anything_clinical() {
    on_every_engine(|world| {
        let visit = next_visit(world, world.patient("Maria"));
        let path = format!("/files/check-in/{}", visit.id);
        for who in [world.sign_in("maria"), world.sign_in("daniel"), world.sign_in("dana")] {
            assert_eq!(who.get(&path).status, 404);
        }
        assert_ne!(world.nobody().get(&path).status, 200);
        let (status, pdf) = world.sign_in("priya").get_bytes(&path);
        assert!(status == 200 && pdf.starts_with(b"%PDF"), "{status}");
    });
}
