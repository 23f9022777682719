//! Booking, asking for, moving, confirming and cancelling visits.

use std::collections::HashSet;

use app::{
    desk::scheduling::{
        entity::{booking, booking_event, fast_pass_entry, opening, visit_hold, visit_kind, visit_offer, visit_request, working_hours},
        model::{OfferState, RequestState},
    },
    platform::mail::entity::outbox_mail,
    record::{
        item::entity::health_item,
        visit::{
            entity::{taken_time, visit},
            model::Status,
        },
    },
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use server::jobs::visits;
use uuid::Uuid;

use crate::{
    telling::arrive,
    world::{Answer, Somebody, World, on_every_engine},
};

const ZONE: chrono_tz::Tz = chrono_tz::America::New_York;

pub fn kind(world: &World, name: &str) -> visit_kind::Model {
    let found = visit_kind::Entity::find().filter(visit_kind::Column::NameEn.eq(name));
    world.wait(found.one(&world.state.connection)).expect("a query").unwrap_or_else(|| panic!("{name} is a kind of visit"))
}

/// The values of the times on a page, in order.
pub fn slots(page: &str) -> Vec<String> {
    page.split("name=\"slot\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

/// When a time begins.
fn begins(slot: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(slot.rsplit('~').next().expect("a time")).expect("an instant").with_timezone(&Utc)
}

/// The free times of a kind of visit, as the page shows them from a day on.
pub fn free(me: &Somebody<'_>, patient: Uuid, kind: Uuid, from: Option<NaiveDate>) -> Vec<String> {
    let from = from.map(|day| format!("?from={day}")).unwrap_or_default();
    let page = me.get(&format!("/p/{patient}/visits/book/{kind}{from}"));
    assert_eq!(page.status, 200, "{}", page.body);
    slots(&page.body)
}

pub fn hold(me: &Somebody<'_>, patient: Uuid, kind: Uuid, slot: &str, moves: Option<Uuid>) -> Answer {
    let moves = moves.map(|id| id.to_string()).unwrap_or_default();
    me.call("appointments/hold", &[("patient", &patient.to_string()), ("kind", &kind.to_string()), ("slot", slot), ("moves", &moves)])
}

/// What this person holds, the newest first.
fn holds(world: &World, patient: Uuid) -> Vec<visit_hold::Model> {
    let found = visit_hold::Entity::find().filter(visit_hold::Column::PatientId.eq(patient)).order_by_desc(visit_hold::Column::Until);
    world.wait(found.all(&world.state.connection)).expect("a query")
}

fn details(me: &Somebody<'_>, patient: Uuid, id: Uuid, reason: &str) -> Answer {
    let (patient, id) = (patient.to_string(), id.to_string());
    me.call("appointments/keep-details", &[("patient", &patient), ("id", &id), ("reason", reason), ("insurance", "same")])
}

fn book_held(me: &Somebody<'_>, patient: Uuid, id: Uuid) -> Answer {
    me.call("appointments/book", &[("patient", &patient.to_string()), ("id", &id.to_string())])
}

/// Books a time. Returns the visit.
pub fn book(world: &World, me: &Somebody<'_>, patient: Uuid, kind: Uuid, slot: &str, moves: Option<Uuid>) -> Uuid {
    let held = hold(me, patient, kind, slot, moves);
    assert_eq!(held.status, 200, "{}", held.body);
    let held = holds(world, patient).into_iter().find(|hold| hold.visit_id.is_none()).expect("a hold");
    let kept = details(me, patient, held.id, "Check-up");
    assert_eq!(kept.status, 200, "{}", kept.body);
    let booked = book_held(me, patient, held.id);
    assert_eq!(booked.status, 200, "{}", booked.body);
    holds(world, patient).into_iter().find(|hold| hold.id == held.id).expect("a hold").visit_id.expect("a visit")
}

pub fn visit_of(world: &World, id: Uuid) -> visit::Model {
    world.wait(visit::Entity::find_by_id(id).one(&world.state.connection)).expect("a query").expect("a visit")
}

fn letters(world: &World) -> u64 {
    world.wait(outbox_mail::Entity::find().count(&world.state.connection)).expect("a count")
}

/// Moves the clock to an instant.
pub fn at(world: &World, instant: DateTime<Utc>) {
    world.state.clock.move_to(Some(instant));
}

#[test]
fn strangers_teens_and_other_levels_book_nothing() {
    on_every_engine(|world| {
        let (maria, daniel, priya, nora, carlos) =
            (world.sign_in("maria"), world.sign_in("daniel"), world.sign_in("priya"), world.sign_in("nora"), world.sign_in("carlos"));
        let (own, lucas, sofia) = (world.patient("Maria"), world.patient("Lucas"), world.patient("Sofia"));
        let physical = kind(world, "Annual physical");
        let slot = free(&maria, own, physical.id, None).remove(0);
        // A teen's parent, nobody of the family, staff.
        for (who, patient) in [(&maria, lucas), (&daniel, own), (&priya, own), (&nora, own), (&daniel, lucas)] {
            let refused = |status: u16| matches!(status, 403 | 404);
            for page in ["book", "request", &format!("book/{}", physical.id)] {
                assert!(refused(who.get(&format!("/p/{patient}/visits/{page}")).status), "{page}");
            }
            assert!(refused(hold(who, patient, physical.id, &slot, None).status));
            let asked = [
                ("patient", &*patient.to_string()),
                ("kind", &*physical.id.to_string()),
                ("reason", "x"),
                ("how_soon", "any"),
                ("contact", "x"),
            ];
            assert!(refused(who.call("appointments/ask", &asked).status));
        }
        assert_eq!(
            world.nobody().call("appointments/hold", &[("patient", &own.to_string()), ("kind", &physical.id.to_string())]).status,
            401
        );
        // Whoever sees the schedule books; what the visit is for is the patient's own words, which they do not read.
        assert_eq!(carlos.get(&format!("/p/{sofia}/visits/book")).status, 200);
        // Another person's hold, visit and offer are nobody else's.
        let visit = book(world, &maria, own, physical.id, &slot, None);
        let held = holds(world, own).remove(0).id;
        for who in [&daniel, &carlos] {
            assert_eq!(who.get(&format!("/p/{own}/visits/{visit}")).status, 404);
            assert_eq!(book_held(who, own, held).status, 404);
        }
        // Under the address of another chart it is not found either.
        let ernesto = world.patient("Ernesto");
        assert_eq!(maria.get(&format!("/p/{ernesto}/visits/{visit}")).status, 404);
        assert_eq!(maria.get(&format!("/p/{ernesto}/visits/hold/{held}")).status, 404);
        let cancel = |patient: Uuid| {
            maria.call("appointments/cancel", &[("patient", &patient.to_string()), ("visit", &visit.to_string()), ("reason", "other")])
        };
        assert_eq!(cancel(ernesto).status, 404);
        assert_eq!(visit_of(world, visit).status, Status::Booked);
    });
}

#[test]
fn a_time_is_held_looked_over_and_booked_once() {
    on_every_engine(|world| {
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        let page = maria.get(&format!("/p/{own}/visits/book")).body;
        for words in ["call 911", "Annual physical", "about $220.00 without insurance", "Cardiology visit", "To be booked"] {
            assert!(page.contains(words), "{words}");
        }
        let all = free(&maria, own, physical.id, None);
        let slot = all[0].clone();
        assert_eq!(hold(&maria, own, physical.id, &slot, None).status, 200);
        let held = holds(world, own).remove(0);
        assert!(!free(&world.sign_in("grace"), world.patient("Harold"), physical.id, None).contains(&slot), "nobody else is offered it");
        let shown = maria.get(&format!("/p/{own}/visits/hold/{}", held.id)).body;
        assert!(shown.contains("Held for you until") && shown.contains("data-hold"));
        let refused = details(&maria, own, held.id, " ");
        assert!(refused.status == 422 && refused.body.contains("why_missing"), "{}", refused.body);
        let danger = details(&maria, own, held.id, "chest pain since noon");
        assert!(danger.body.contains("appointments_why_danger"), "{}", danger.body);
        assert_eq!(details(&maria, own, held.id, "Yearly <b>").status, 200);
        let review = maria.get(&format!("/p/{own}/visits/hold/{}/review", held.id)).body;
        for words in ["Maria Rivera", "Yearly &lt;b&gt;", "Annual physical", "Nothing is booked yet"] {
            assert!(review.contains(words), "{words}");
        }
        let before = letters(world);
        let (one, two) = (book_held(&maria, own, held.id), book_held(&maria, own, held.id));
        assert_eq!((one.status, two.status), (200, 200), "twice is once: {}", two.body);
        let visit = holds(world, own).remove(0).visit_id.expect("a visit");
        let found = visit_of(world, visit);
        assert_eq!((found.status, found.starts_at), (Status::Booked, Some(begins(&slot))));
        assert!(letters(world) > before, "who reads it is told");
        let page = maria.get(&format!("/p/{own}/visits/{visit}?done=booked")).body;
        for words in ["The visit is booked", "Family Medicine", "calendar.ics", "Eat and drink nothing", "Booked by Maria Rivera", "until"]
        {
            assert!(page.contains(words), "{words}");
        }
        assert!(maria.get(&format!("/p/{own}/visits")).body.contains("Annual physical"));
        // A second visit at the same time is refused to the same person.
        let over = hold(&maria, own, physical.id, &slot, None);
        assert!(over.status == 422, "{}", over.body);
        // The one who waits for an earlier time by default.
        let waits = fast_pass_entry::Entity::find().filter(fast_pass_entry::Column::VisitId.eq(visit));
        let far = begins(&slot) - world.state.clock.now().instant > TimeDelta::days(4);
        assert_eq!(world.wait(waits.count(&world.state.connection)).expect("a count"), u64::from(far));
    });
}

#[test]
fn only_what_is_offered_at_that_moment_is_taken() {
    on_every_engine(|world| {
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        let slot = free(&maria, own, physical.id, None).remove(0);
        let parts: Vec<&str> = slot.split('~').collect();
        let changed = |at: DateTime<Utc>| format!("{}~{}~{}", parts[0], parts[1], at.to_rfc3339());
        let starts_at = begins(&slot);
        for (value, why) in [
            (changed(starts_at + TimeDelta::minutes(5)), "taken"),
            (changed(starts_at + TimeDelta::hours(14)), "taken"),
            (changed(world.state.clock.now().instant - TimeDelta::days(1)), "not_offered"),
            (changed(starts_at + TimeDelta::days(900)), "taken"),
            (format!("{}~{}~{}", Uuid::nil(), parts[1], starts_at.to_rfc3339()), "not_offered"),
            (format!("{}~{}~{}", parts[0], Uuid::nil(), starts_at.to_rfc3339()), "not_offered"),
            ("x".into(), "not_offered"),
            (String::new(), "not_offered"),
        ] {
            let refused = hold(&maria, own, physical.id, &value, None);
            assert!(refused.status == 422 && refused.body.contains(&format!("appointments_why_{why}")), "{value}: {}", refused.body);
        }
        // A kind for children, one by request, one with an order that nobody has.
        let emma = world.patient("Emma");
        assert_eq!(hold(&maria, own, kind(world, "Well-child visit").id, &slot, None).status, 404);
        assert_eq!(hold(&maria, emma, physical.id, &slot, None).status, 404);
        let counseling = kind(world, "Counseling");
        assert!(free(&maria, own, counseling.id, None).is_empty());
        assert!(maria.get(&format!("/p/{own}/visits/book/{}", counseling.id)).body.contains("is not booked directly"));
        let ernesto = world.patient("Ernesto");
        let cardiology = kind(world, "Cardiology visit");
        let page = maria.get(&format!("/p/{ernesto}/visits/book/{}", cardiology.id)).body;
        assert!(page.contains("needs an order") && slots(&page).is_empty());
        assert_eq!(
            world
                .wait(taken_time::Entity::find().filter(taken_time::Column::Until.is_not_null()).count(&world.state.connection))
                .expect("a count"),
            0
        );
    });
}

#[test]
fn holds_end_by_the_clock_are_renewed_once_and_given_up_at_leaving() {
    on_every_engine(|world| {
        let (maria, grace) = (world.sign_in("maria"), world.sign_in("grace"));
        let (own, harold, physical) = (world.patient("Maria"), world.patient("Harold"), kind(world, "Annual physical"));
        let now = Utc::now();
        at(world, now);
        let slot = free(&maria, own, physical.id, None).remove(0);
        assert_eq!(hold(&maria, own, physical.id, &slot, None).status, 200);
        let held = holds(world, own).remove(0);
        let renew = || maria.call("appointments/renew-hold", &[("patient", &own.to_string()), ("id", &held.id.to_string())]);
        at(world, now + TimeDelta::minutes(9));
        assert_eq!(renew().status, 200);
        assert!(renew().body.contains("appointments_why_renewed"));
        assert_eq!(details(&maria, own, held.id, "My words").status, 200);
        at(world, now + TimeDelta::minutes(18));
        assert!(hold(&grace, harold, physical.id, &slot, None).body.contains("appointments_why_taken"), "it is held still");
        at(world, now + TimeDelta::minutes(21));
        assert!(maria.get(&format!("/p/{own}/visits/hold/{}", held.id)).body.contains("is not held any more"));
        // Nobody else wanted it: what was typed in time is booked all the same.
        assert_eq!(hold(&grace, harold, physical.id, &slot, None).status, 200);
        assert!(book_held(&maria, own, held.id).body.contains("appointments_why_hold_over"), "now somebody has it");
        let nearest = maria.get(&format!("/p/{own}/visits/book/{}", physical.id)).body;
        assert!(nearest.contains("What you typed before is kept") && !slots(&nearest).contains(&slot));
        let other = slots(&nearest)[0].clone();
        assert_eq!(hold(&maria, own, physical.id, &other, None).status, 200);
        assert!(maria.get(&format!("/p/{own}/visits/hold/{}", holds(world, own)[0].id)).body.contains("My words"));
        // Whoever leaves the page has twenty seconds to come back.
        let mine = holds(world, own).remove(0).id;
        let leave = || maria.call("appointments/leave-hold", &[("patient", &own.to_string()), ("id", &mine.to_string())]);
        assert_eq!(leave().status, 200);
        assert_eq!(maria.get(&format!("/p/{own}/visits/hold/{mine}")).status, 200, "and is back");
        at(world, now + TimeDelta::minutes(22));
        assert!(hold(&grace, harold, physical.id, &other, None).body.contains("appointments_why_taken"));
        assert_eq!(leave().status, 200);
        at(world, now + TimeDelta::minutes(23));
        assert_eq!(hold(&grace, harold, physical.id, &other, None).status, 200, "who is gone holds nothing");
        assert!(holds(world, harold).iter().filter(|hold| hold.visit_id.is_none()).count() == 1, "one at a time");
    });
}

/// Many people want one time at the same moment: one has it, the others are told so kindly.
#[test]
fn of_many_at_once_one_has_the_time() {
    on_every_engine(|world| {
        let second = world.second_server();
        let physical = kind(world, "Annual physical");
        let people: Vec<(Somebody<'_>, Uuid)> = ["maria", "ernesto", "sofia", "grace"]
            .into_iter()
            .zip(["Maria", "Ernesto", "Sofia", "Harold"])
            .map(|(user, name)| (world.sign_in(user), world.patient(name)))
            .collect();
        let slot = free(&people[0].0, people[0].1, physical.id, None).remove(3);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let tries = (0..200).map(|number| {
                let (who, patient) = &people[number % people.len()];
                let (who, patient, slot) = (if number % 2 == 0 { who.clone() } else { who.at(&second) }, *patient, &slot);
                // Each through the desk of the server; a browser tries once.
                scope.spawn(move || hold(&who, patient, physical.id, slot, None))
            });
            tries.collect::<Vec<_>>().into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let errors: Vec<&Answer> = answers.iter().filter(|answer| !matches!(answer.status, 200 | 422 | 429)).collect();
        assert!(errors.is_empty(), "{} {}", errors[0].status, errors[0].body);
        let holders: HashSet<Uuid> = people
            .iter()
            .flat_map(|(_, patient)| holds(world, *patient))
            .filter(|hold| hold.starts_at == begins(&slot))
            .map(|hold| hold.patient_id)
            .collect();
        assert_eq!(holders.len(), 1, "one person has it");
        let cells = taken_time::Entity::find().filter(taken_time::Column::Until.is_not_null());
        let cells = world.wait(cells.all(&world.state.connection)).expect("a query");
        assert_eq!(cells.iter().map(|cell| cell.holder).collect::<HashSet<_>>().len(), 1);
        let kind_refusals = answers.iter().filter(|answer| answer.status == 422).count();
        assert!(kind_refusals > 0 && answers.iter().any(|answer| answer.status == 200));
    });
}

#[test]
fn moving_takes_the_new_time_first_and_cancelling_says_what_it_means() {
    on_every_engine(|world| {
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        let all = free(&maria, own, physical.id, None);
        let visit = book(world, &maria, own, physical.id, &all[0], None);
        let moved = book(world, &maria, own, physical.id, &all[2], Some(visit));
        assert_eq!(moved, visit, "it is the same visit");
        assert_eq!(visit_of(world, visit).starts_at, Some(begins(&all[2])));
        assert!(free(&maria, own, physical.id, None).contains(&all[0]), "the time before is free");
        let page = maria.get(&format!("/p/{own}/visits/{visit}")).body;
        assert!(page.contains("Moved from") && page.contains("Move to another time"));
        // One minute before the limit works, one after says what else.
        let cutoff = begins(&all[2]) - TimeDelta::hours(24);
        at(world, cutoff - TimeDelta::minutes(1));
        let maria = world.sign_in("maria");
        assert_eq!(maria.get(&format!("/p/{own}/visits/book/{}?moves={visit}", physical.id)).status, 200);
        at(world, cutoff + TimeDelta::minutes(1));
        let late = hold(&maria, own, physical.id, &all[3], Some(visit));
        assert!(late.body.contains("appointments_why_too_late"), "{}", late.body);
        let page = maria.get(&format!("/p/{own}/visits/{visit}")).body;
        assert!(page.contains("You can still cancel it here") && page.contains("860-555"), "{page}");
        let cancel = |reason: &str| {
            maria.call("appointments/cancel", &[("patient", &own.to_string()), ("visit", &visit.to_string()), ("reason", reason)])
        };
        assert!(cancel("").body.contains("why_missing"));
        assert_eq!(cancel("sick").status, 200);
        assert!(cancel("sick").body.contains("appointments_why_changed"), "once");
        let found = visit_of(world, visit);
        assert_eq!((found.status, found.cancel_reason.as_deref()), (Status::Cancelled, Some("Too sick to come")));
        let page = maria.get(&format!("/p/{own}/visits/{visit}")).body;
        assert!(page.contains("Cancelled by Maria Rivera") && page.contains("Book again"));
        assert!(maria.get(&format!("/p/{own}/visits")).body.contains("Cancelled"), "it stays where it was");
        let events = booking_event::Entity::find().filter(booking_event::Column::VisitId.eq(visit));
        assert_eq!(world.wait(events.count(&world.state.connection)).expect("a count"), 3);
        let freed = opening::Entity::find().filter(opening::Column::StartsAt.eq(begins(&all[2])));
        assert_eq!(world.wait(freed.count(&world.state.connection)).expect("a count"), 1);
    });
}

#[test]
fn move_and_cancel_at_once_leave_one_of_both() {
    on_every_engine(|world| {
        let second = world.second_server();
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        for round in 0..6 {
            let all = free(&maria, own, physical.id, None);
            let visit = book(world, &maria, own, physical.id, &all[0], None);
            assert_eq!(hold(&maria, own, physical.id, &all[2], Some(visit)).status, 200);
            let held = holds(world, own).into_iter().find(|hold| hold.visit_id.is_none()).expect("a hold").id;
            assert_eq!(details(&maria, own, held, "x").status, 200);
            let (there, here) = (maria.at(&second), maria.clone());
            let (moved, off) = std::thread::scope(|scope| {
                let moved = scope.spawn(|| book_held(&there, own, held));
                let fields = [("patient", own.to_string()), ("visit", visit.to_string()), ("reason", "other".to_owned())];
                let off = scope.spawn(move || {
                    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    here.call("appointments/cancel", &fields)
                });
                (moved.join().expect("an answer"), off.join().expect("an answer"))
            });
            // Where the machine is busy, the visit was moved before anybody read what is to be cancelled.
            let one_by_one = || visit_of(world, visit).starts_at == Some(begins(&all[2]));
            assert!(
                matches!((moved.status, off.status), (200, 422) | (422, 200)) || (moved.status, off.status) == (200, 200) && one_by_one(),
                "{round}: {} {} / {} {}",
                moved.status,
                moved.body,
                off.status,
                off.body
            );
            let found = visit_of(world, visit);
            let of_visit = taken_time::Entity::find().filter(taken_time::Column::Holder.eq(visit));
            let cells = world.wait(of_visit.count(&world.state.connection)).expect("a count");
            match found.status {
                Status::Booked => {
                    assert_eq!((found.starts_at, cells), (Some(begins(&all[2])), 8));
                    let fields = [("patient", own.to_string()), ("visit", visit.to_string()), ("reason", "other".to_owned())];
                    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    assert_eq!(maria.call("appointments/cancel", &fields).status, 200);
                }
                _ => assert_eq!((found.status, cells), (Status::Cancelled, 0)),
            }
        }
    });
}

#[test]
fn visits_are_confirmed_from_a_week_before_until_the_day_before() {
    on_every_engine(|world| {
        let (own, physical) = (world.patient("Maria"), kind(world, "Annual physical"));
        let maria = world.sign_in("maria");
        let day = world.state.clock.now().today + TimeDelta::days(20);
        let slot = free(&maria, own, physical.id, Some(day)).remove(0);
        let visit = book(world, &maria, own, physical.id, &slot, None);
        let confirm =
            |who: &Somebody<'_>| who.call("appointments/confirm", &[("patient", &own.to_string()), ("visit", &visit.to_string())]);
        assert!(confirm(&maria).body.contains("appointments_why_not_yet"));
        let day = begins(&slot).with_timezone(&ZONE).date_naive();
        let midnight = |day: NaiveDate| {
            ZONE.from_local_datetime(&day.and_hms_opt(0, 0, 0).expect("midnight")).earliest().expect("midnight").with_timezone(&Utc)
        };
        at(world, midnight(day - TimeDelta::days(7)) - TimeDelta::seconds(1));
        let maria = world.sign_in("maria");
        assert!(confirm(&maria).body.contains("appointments_why_not_yet"));
        at(world, midnight(day));
        let maria = world.sign_in("maria");
        assert!(confirm(&maria).body.contains("appointments_why_not_yet"), "on its day one comes");
        at(world, midnight(day) - TimeDelta::minutes(1));
        let maria = world.sign_in("maria");
        assert_eq!((confirm(&maria).status, confirm(&maria).status), (200, 200));
        assert!(maria.get(&format!("/p/{own}/visits/{visit}")).body.contains("Confirmed by Maria Rivera"));
        assert!(maria.get(&format!("/confirm/{day}")).body.contains("Confirmed"));
        assert_eq!(maria.call("appointments/confirm-day", &[("day", &day.to_string())]).status, 200);
        let events = booking_event::Entity::find().filter(booking_event::Column::VisitId.eq(visit));
        assert_eq!(world.wait(events.count(&world.state.connection)).expect("a count"), 2, "once");
        assert_eq!(maria.get("/confirm/x").status, 404);
    });
}

#[test]
fn opening_hours_are_those_of_the_place_around_both_changes_of_the_clock() {
    on_every_engine(|world| {
        let (own, physical) = (world.patient("Maria"), kind(world, "Annual physical"));
        for change in ["2027-03-14", "2027-11-07"] {
            let change: NaiveDate = change.parse().expect("a date");
            at(world, Utc.from_utc_datetime(&(change - TimeDelta::days(4)).and_hms_opt(12, 0, 0).expect("noon")));
            let maria = world.sign_in("maria");
            let all = free(&maria, own, physical.id, Some(change - TimeDelta::days(2)));
            let mut days = HashSet::new();
            for slot in &all {
                let local = begins(slot).with_timezone(&ZONE);
                days.insert(local.date_naive());
                let minutes = chrono::Timelike::hour(&local) * 60 + chrono::Timelike::minute(&local);
                assert!(minutes >= 8 * 60, "{local}: nobody works before eight");
            }
            assert!(days.iter().any(|day| *day < change) && days.iter().any(|day| *day > change), "{days:?}");
            // Each day has its eight o'clock, and it can be booked.
            let monday = change + TimeDelta::days(1);
            let eight = all.iter().find(|slot| {
                let local = begins(slot).with_timezone(&ZONE);
                local.date_naive() == monday && chrono::Timelike::hour(&local) == 8
            });
            let visit = book(world, &maria, own, physical.id, eight.expect("eight o'clock"), None);
            let page = maria.get(&format!("/p/{own}/visits/{visit}")).body;
            let ics = maria.get(&format!("/p/{own}/visits/{visit}/calendar.ics")).body;
            let starts_at = visit_of(world, visit).starts_at.expect("a time");
            assert!(page.contains("8:00") || page.contains("8:40"), "{page}");
            assert!(ics.contains(&format!("DTSTART:{}", starts_at.format("%Y%m%dT%H%M%SZ"))), "{ics}");
        }
    });
}

#[test]
fn requests_are_answered_with_times_and_one_tap_books_one() {
    on_every_engine(|world| {
        let (sofia, own, priya) = (world.sign_in("sofia"), world.patient("Sofia"), world.sign_in("priya"));
        let womens = kind(world, "Women’s health visit");
        let requests = || {
            let found = visit_request::Entity::find()
                .filter(visit_request::Column::PatientId.eq(own))
                .order_by_asc(visit_request::Column::RequestedAt);
            world.wait(found.all(&world.state.connection)).expect("a query")
        };
        let day = world.state.clock.now().today + TimeDelta::days(3);
        let ask = |more: &[(&str, &str)]| {
            let (patient, kind) = (own.to_string(), womens.id.to_string());
            let fields: Vec<(&str, &str)> =
                [("patient", patient.as_str()), ("kind", kind.as_str())].into_iter().chain(more.iter().copied()).collect();
            sofia.call("appointments/ask", &fields)
        };
        let refused = ask(&[("from1", "2020-01-01")]);
        for why in ["\"reason\"", "\"how_soon\"", "\"contact\"", "\"from1\""] {
            assert!(refused.body.contains(why), "{why}: {}", refused.body);
        }
        let existing = requests().remove(0);
        assert_eq!(
            ask(&[("reason", "Parto"), ("how_soon", "weeks"), ("contact", "860-555-0163"), ("from1", &day.to_string())]).status,
            200
        );
        assert_eq!(requests().len(), 1, "what is open is not asked twice");
        let tracker = format!("/p/{own}/visits/requests/{}", existing.id);
        assert!(sofia.get(&tracker).body.contains("Solicitada por Sofia Morales"));
        // Pediatrics and strangers do not see it; the front desk does.
        let (hale, daniel) = (world.sign_in("hale"), world.sign_in("daniel"));
        let staff_page = format!("/staff/visit-requests/{}", existing.id);
        for who in [&hale, &daniel, &sofia] {
            assert_eq!(who.get(&staff_page).status, 404);
        }
        assert!(priya.get("/staff/visit-requests").body.contains("Sofia Morales"));
        let page = priya.get(&staff_page).body;
        assert!(page.contains("Offer times"), "{page}");
        assert!(sofia.get(&tracker).body.contains("Vista por Priya Shah"));
        let times: Vec<String> = page
            .split("<option value=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
            .filter(|value| value.contains('~'))
            .collect();
        let (one, two) = (times[0].clone(), times[1].clone());
        let offer = |who: &Somebody<'_>, first: &str, second: &str| {
            who.call(
                "schedules/offer",
                &[("patient", &own.to_string()), ("id", &existing.id.to_string()), ("time1", first), ("time2", second)],
            )
        };
        assert_eq!(offer(&hale, &one, &two).status, 404);
        assert!(offer(&priya, "", "").body.contains("why_missing"));
        assert_eq!(offer(&priya, &one, &two).status, 200);
        assert_eq!(requests()[0].state, RequestState::Offered);
        let offers = || {
            let found = visit_offer::Entity::find()
                .filter(visit_offer::Column::RequestId.eq(existing.id))
                .order_by_asc(visit_offer::Column::StartsAt);
            world.wait(found.all(&world.state.connection)).expect("a query")
        };
        assert!(offers().iter().all(|offer| offer.state == OfferState::Open));
        assert!(sofia.get("/home").body.contains("Se ofrecen horas"), "home tells it");
        let accept =
            |who: &Somebody<'_>, id: Uuid| who.call("appointments/accept-offer", &[("patient", &own.to_string()), ("id", &id.to_string())]);
        assert_eq!(accept(&daniel, offers()[0].id).status, 404);
        let first = offers().remove(0);
        assert_eq!((accept(&sofia, first.id).status, accept(&sofia, first.id).status), (200, 200), "twice is once");
        let after = offers();
        assert_eq!((after[0].state, after[1].state), (OfferState::Taken, OfferState::Withdrawn), "the other is free again");
        assert!(accept(&sofia, after[1].id).body.contains("appointments_why_offer_over"), "an offer never comes back");
        let request = requests().remove(0);
        let visit = visit_of(world, request.visit_id.expect("a visit"));
        assert_eq!((request.state, visit.status, visit.starts_at), (RequestState::Booked, Status::Booked, Some(first.starts_at)));
        let cells = taken_time::Entity::find().filter(taken_time::Column::Holder.eq(after[1].id));
        assert_eq!(world.wait(cells.count(&world.state.connection)).expect("a count"), 0);
        // Confirming takes the time as booking does: a second request for it goes back.
        assert!(offer(&priya, &two, "").body.contains("already_done"));
    });
}

#[test]
fn time_that_becomes_free_goes_to_one_person_after_another() {
    on_every_engine(|world| {
        let noon = ZONE
            .from_local_datetime(&world.state.clock.now().today.and_hms_opt(12, 0, 0).expect("noon"))
            .earliest()
            .expect("noon")
            .with_timezone(&Utc);
        at(world, noon);
        let (maria, grace) = (world.sign_in("maria"), world.sign_in("grace"));
        let (own, harold) = (world.patient("Maria"), world.patient("Harold"));
        let offers = || {
            let found =
                visit_offer::Entity::find().filter(visit_offer::Column::EntryId.is_not_null()).order_by_asc(visit_offer::Column::MadeAt);
            world.wait(found.all(&world.state.connection)).expect("a query")
        };
        let run = || world.wait(visits::offer(&world.state)).expect("the job");
        assert_eq!(run(), 1, "one person at a time");
        assert_eq!(run(), 0, "and nobody else meanwhile");
        let first = offers().remove(0);
        assert_eq!((first.patient_id, first.state), (own, OfferState::Open), "whoever waited longest");
        assert!(maria.get("/home").body.contains("An earlier time is held for you until"));
        let page = maria.get(&format!("/p/{own}/visits/offers/{}", first.id)).body;
        for words in ["The earlier time", "Your visit now", "days earlier", "Keep mine", "Stop waiting for an earlier time"] {
            assert!(page.contains(words), "{words}");
        }
        let daniel = world.sign_in("daniel");
        assert_eq!(daniel.get(&format!("/p/{own}/visits/offers/{}", first.id)).status, 404);
        let physical = kind(world, "Annual physical");
        let slot = format!("{}~{}~{}", first.clinician_id, first.department_id, first.starts_at.to_rfc3339());
        assert!(hold(&grace, harold, physical.id, &slot, None).body.contains("appointments_why_taken"), "nobody books what is offered");
        let answer = |who: &Somebody<'_>, act: &str, offer: &visit_offer::Model| {
            who.call(&format!("appointments/{act}-offer"), &[("patient", &offer.patient_id.to_string()), ("id", &offer.id.to_string())])
        };
        assert_eq!(answer(&maria, "decline", &first).status, 200);
        assert!(answer(&maria, "accept", &first).body.contains("appointments_why_offer_over"), "never back");
        assert_eq!(run(), 1);
        let second = offers().remove(1);
        assert_eq!((second.patient_id, second.starts_at), (harold, first.starts_at), "the next in line");
        // It runs out by the clock, whether a job has said so or not.
        at(world, second.until);
        let grace = world.sign_in("grace");
        assert!(answer(&grace, "accept", &second).body.contains("appointments_why_offer_over"));
        assert!(grace.get(&format!("/p/{harold}/visits/offers/{}", second.id)).body.contains("ran out"));
        assert_eq!(run(), 0, "both were asked, and nobody is asked twice");
        let old: Vec<Option<DateTime<Utc>>> = [own, harold]
            .into_iter()
            .map(|patient| {
                let found = fast_pass_entry::Entity::find().filter(fast_pass_entry::Column::PatientId.eq(patient));
                let entry = world.wait(found.one(&world.state.connection)).expect("a query").expect("an entry");
                assert!(entry.on, "saying no takes nobody off the list");
                visit_of(world, entry.visit_id).starts_at
            })
            .collect();
        // Another time becomes free: Maria takes it, and her old one is asked about in turn.
        let priya = world.sign_in("priya");
        let day = (second.starts_at + TimeDelta::days(1)).with_timezone(&ZONE).date_naive();
        let grant = working_hours::Entity::find().filter(working_hours::Column::ClinicianId.eq(first.clinician_id));
        let hours = world.wait(grant.one(&world.state.connection)).expect("a query").expect("hours");
        let day = day.iter_days().find(|day| !matches!(day.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun)).expect("a weekday");
        let fields = [
            ("clinician", first.clinician_id.to_string()),
            ("department", hours.department_id.to_string()),
            (&*format!("day[d{}]", day.weekday().number_from_monday()), "true".to_owned()),
            ("from", "18:00".to_owned()),
            ("until", "18:40".to_owned()),
            ("first_on", day.to_string()),
            ("last_on", day.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let added = priya.call("schedules/add-hours", &fields);
        assert_eq!(added.status, 200, "{}", added.body);
        assert_eq!(run(), 1);
        let third = offers().into_iter().find(|offer| offer.state == OfferState::Open).expect("an offer");
        assert_eq!(third.patient_id, own, "again whoever waited longest");
        let maria = world.sign_in("maria");
        assert_eq!(answer(&maria, "accept", &third).status, 200);
        let entry = fast_pass_entry::Entity::find_by_id(third.entry_id.expect("an entry"));
        let entry = world.wait(entry.one(&world.state.connection)).expect("a query").expect("an entry");
        assert!(!entry.on, "who has an earlier time waits no more");
        assert_eq!(visit_of(world, entry.visit_id).starts_at, Some(third.starts_at));
        let freed = opening::Entity::find().filter(opening::Column::StartsAt.eq(old[0]));
        assert_eq!(world.wait(freed.count(&world.state.connection)).expect("a count"), 1, "the old time is free for others");
        let page = maria.get(&format!("/p/{own}/visits/{}", entry.visit_id)).body;
        assert!(page.contains("Moved to an earlier time"));
        let list = priya.get("/staff/earlier").body;
        assert!(list.contains("1. Harold") && list.contains("Not asked now because"), "{list}");
    });
}

#[test]
fn reminders_come_once_and_their_link_answers_for_one_visit_only() {
    on_every_engine(|world| {
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        let day = world.state.clock.now().today + TimeDelta::days(30);
        let slot = free(&maria, own, physical.id, Some(day)).remove(0);
        let visit = book(world, &maria, own, physical.id, &slot, None);
        let remind = || world.wait(visits::reminders(&world.state)).expect("the job");
        at(world, begins(&slot) - TimeDelta::days(6));
        let texts = || {
            let found = outbox_mail::Entity::find()
                .filter(outbox_mail::Column::Subject.contains("comes up"))
                .order_by_desc(outbox_mail::Column::CreatedAt);
            world.wait(found.all(&world.state.connection)).expect("a query")
        };
        assert!(remind() > 0);
        let first = texts().len();
        assert_eq!(remind(), 0, "one letter for each day and person");
        let letter = texts().into_iter().find(|letter| letter.recipient == "maria@example.org").expect("a letter");
        assert!(
            !letter.text.contains("physical") && !letter.text.contains("Torres") && !letter.text.contains("Middletown"),
            "{}",
            letter.text
        );
        let token = letter.text.split("/visit/").nth(1).expect("a link").split_whitespace().next().expect("a token").to_owned();
        let page = world.nobody().get(&format!("/visit/{token}"));
        assert_eq!(page.status, 200);
        assert!(
            page.body.contains("I will come")
                && page.body.contains("Maria")
                && !page.body.contains("physical")
                && !page.body.contains("Rivera"),
            "no health information"
        );
        let answer = |token: &str, act: &str| world.nobody().call("appointments/use-link", &[("token", token), ("act", act)]);
        assert!(answer("x", "cancel").body.contains("link_over"));
        assert_eq!(answer(&token, "confirm").status, 200);
        assert!(answer(&token, "cancel").body.contains("link_over"), "once");
        let found = booking::Entity::find_by_id(visit);
        assert!(world.wait(found.one(&world.state.connection)).expect("a query").expect("a booking").confirmed_at.is_some());
        assert_eq!(visit_of(world, visit).status, Status::Booked);
        // The day before there is another letter; a link of a visit that was moved is worth nothing.
        at(world, begins(&slot) - TimeDelta::hours(20));
        assert!(remind() > 0);
        assert!(texts().len() > first);
        assert!(world.nobody().get("/visit/x").body.contains("not good any more"));
    });
}

#[test]
fn of_several_orders_the_one_with_a_day_is_booked_first() {
    on_every_engine(|world| {
        let (maria, own) = (world.sign_in("maria"), world.patient("Maria"));
        let page = || maria.get(&format!("/p/{own}/visits/book")).body;
        let planned =
            health_item::Entity::find().filter(health_item::Column::PatientId.eq(own)).filter(health_item::Column::At.is_not_null());
        let planned = world.wait(planned.all(&world.state.connection)).expect("a query");
        let listed = page();
        let ordered = |item: &&health_item::Model| listed.contains(&format!("?order={}", item.id));
        let dated = planned.iter().find(ordered).expect("the demo's order").clone();
        let other = Uuid::from_u128(1);
        let undated = health_item::ActiveModel { id: Set(other), at: Set(None), ..dated.clone().into_active_model().reset_all() };
        world.wait(health_item::Entity::insert(undated).exec_without_returning(&world.state.connection)).expect("written");
        let listed = page();
        let place = |id: Uuid| listed.find(&format!("?order={id}")).expect("it is listed");
        assert!(place(dated.id) < place(other));
    });
}

#[test]
fn what_is_booked_goes_out_and_is_known_when_it_comes_back() {
    on_every_engine(|world| {
        let (maria, own, cardiology) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Cardiology visit"));
        let slot = free(&maria, own, cardiology.id, None).remove(0);
        let visit = book(world, &maria, own, cardiology.id, &slot, None);
        assert_eq!(visit_of(world, visit).status, Status::Requested, "another system keeps this calendar");
        assert!(maria.get(&format!("/p/{own}/visits/{visit}")).body.contains("waiting for the department"));
        let list = maria.get(&format!("/p/{own}/visits/book")).body;
        assert!(!list.contains("To be booked"), "the order is done");
        let out = crate::outgoing::outgoing(world, 0).0;
        let appointment =
            out.iter().find(|value| value["resourceType"] == "Appointment" && value["id"] == visit.to_string()).expect("an Appointment");
        assert_eq!((appointment["status"].as_str(), appointment["minutesDuration"].as_i64()), (Some("pending"), Some(30)));
        assert!(appointment["basedOn"][0]["reference"].as_str().is_some_and(|order| order.starts_with("ServiceRequest/")), "{appointment}");
        let slot_out = out.iter().find(|value| value["resourceType"] == "Slot").expect("its Slot");
        assert_eq!(slot_out["status"], "busy");
        // It comes back under its own id, booked.
        let mut back: Value = appointment.clone();
        back["id"] = json!("cardio-77");
        back["status"] = json!("booked");
        back["participant"][0]["actor"] = json!({"reference": format!("Patient/{}", world.reference("Maria"))});
        back.as_object_mut().expect("an object").remove("meta");
        arrive(world, "Maria", vec![back.clone()]);
        let found = visit_of(world, visit);
        assert_eq!((found.status, found.appointment_id.is_some()), (Status::Booked, true));
        let count = visit::Entity::find().filter(visit::Column::PatientId.eq(own)).filter(visit::Column::StartsAt.eq(found.starts_at));
        assert_eq!(world.wait(count.count(&world.state.connection)).expect("a count"), 1, "it is the same visit");
        // Called off here: an older word of the other system does not bring it back, a newer one does.
        let cancel =
            maria.call("appointments/cancel", &[("patient", &own.to_string()), ("visit", &visit.to_string()), ("reason", "other")]);
        assert_eq!(cancel.status, 200, "{}", cancel.body);
        back["meta"] = json!({"lastUpdated": (Utc::now() - TimeDelta::hours(1)).to_rfc3339()});
        back["comment"] = json!("older");
        arrive(world, "Maria", vec![back.clone()]);
        assert_eq!(visit_of(world, visit).status, Status::Cancelled);
        let out = crate::outgoing::outgoing(world, 0).0;
        assert!(out.iter().any(|value| value["resourceType"] == "AppointmentResponse" && value["participantStatus"] == "declined"));
        assert!(out.iter().any(|value| value["resourceType"] == "Slot" && value["status"] == "free"));
        back["meta"] = json!({"lastUpdated": (Utc::now() + TimeDelta::hours(1)).to_rfc3339()});
        arrive(world, "Maria", vec![back]);
        assert_eq!(visit_of(world, visit).status, Status::Booked, "the office has booked it again");
    });
}

#[test]
fn what_is_held_past_its_time_is_not_booked_and_nobody_holds_many() {
    on_every_engine(|world| {
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        let all = free(&maria, own, physical.id, None);
        assert_eq!(hold(&maria, own, physical.id, &all[0], None).status, 200);
        let held = holds(world, own).remove(0);
        assert_eq!(hold(&maria, own, physical.id, &all[0], None).status, 200);
        assert_eq!(holds(world, own)[0].until, held.until, "the same time again is the same hold");
        std::thread::scope(|scope| {
            for slot in &all[1..9] {
                let maria = maria.clone();
                scope.spawn(move || hold(&maria, own, physical.id, slot, None));
            }
        });
        let open = holds(world, own).into_iter().filter(|hold| hold.visit_id.is_none()).collect::<Vec<_>>();
        assert_eq!(open.len(), 1, "one time at once");
        let cells = taken_time::Entity::find().filter(taken_time::Column::Until.is_not_null());
        let cells = world.wait(cells.all(&world.state.connection)).expect("a query");
        assert!(cells.iter().all(|cell| cell.holder == open[0].id), "and nobody holds what was given up");
        assert_eq!(details(&maria, own, open[0].id, "x").status, 200);
        at(world, open[0].starts_at + TimeDelta::minutes(1));
        let maria = world.sign_in("maria");
        assert!(book_held(&maria, own, open[0].id).body.contains("appointments_why_hold_over"));
    });
}

#[test]
fn what_is_over_is_not_cancelled_and_days_that_nobody_lives_in_are_refused() {
    on_every_engine(|world| {
        let (maria, own, physical) = (world.sign_in("maria"), world.patient("Maria"), kind(world, "Annual physical"));
        let slot = free(&maria, own, physical.id, None).remove(0);
        let visit = book(world, &maria, own, physical.id, &slot, None);
        at(world, begins(&slot) + TimeDelta::hours(3));
        let (maria, priya) = (world.sign_in("maria"), world.sign_in("priya"));
        let fields = [("patient", own.to_string()), ("visit", visit.to_string()), ("reason", "other".into()), ("words", "late".into())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value): &(&str, String)| (*name, value.as_str())).collect();
        assert_eq!(maria.call("appointments/cancel", &fields).status, 422);
        assert_eq!(priya.call("schedules/cancel", &fields).status, 422);
        assert_eq!(visit_of(world, visit).status, Status::Booked);
        for day in ["+262142-12-31", "-262143-01-01", "0001-01-01"] {
            assert_eq!(maria.get(&format!("/confirm/{day}")).status, 404);
            assert_eq!(maria.call("appointments/confirm-day", &[("day", day)]).status, 404);
            assert_eq!(priya.get(&format!("/staff/schedule?day={day}")).status, 200);
        }
        let clinician = begins_clinician(&slot);
        let department = slot.split('~').nth(1).expect("a department").to_owned();
        for (from, day) in [("999999999:00", "2027-01-04"), ("-999999999:00", "2027-01-04"), ("9:00", "+262142-12-31")] {
            let typed = [
                ("clinician", &*clinician),
                ("department", &department),
                ("day[d1]", "true"),
                ("from", from),
                ("until", "10:00"),
                ("first_on", day),
            ];
            assert_eq!(priya.call("schedules/add-hours", &typed).status, 422, "{from} {day}");
            let typed = [("department", &*department), ("day", day), ("from", from), ("until", "10:00"), ("reason", "x")];
            assert_eq!(priya.call("schedules/block", &typed).status, 422, "{from} {day}");
        }
    });
}

fn begins_clinician(slot: &str) -> String {
    slot.split('~').next().expect("a clinician").to_owned()
}

#[test]
fn staff_books_for_people_whom_it_fits_and_overbooking_is_marked_and_keeps_its_time() {
    on_every_engine(|world| {
        let (priya, nora, maria) = (world.sign_in("priya"), world.sign_in("nora"), world.sign_in("maria"));
        let (own, emma, physical) = (world.patient("Maria"), world.patient("Emma"), kind(world, "Annual physical"));
        let slot = free(&maria, own, physical.id, None).remove(1);
        let book_for = |who: &Somebody<'_>, patient: Uuid, slot: &str, overbook: &str| {
            let (patient, kind) = (patient.to_string(), physical.id.to_string());
            who.call(
                "schedules/book",
                &[("patient", &patient), ("kind", &kind), ("slot", slot), ("words", "Called"), ("overbook", overbook)],
            )
        };
        assert_eq!(book_for(&priya, Uuid::now_v7(), &slot, "").status, 404, "nobody");
        assert!(book_for(&priya, emma, &slot, "").body.contains("not_offered"), "a child has no adult's physical");
        let visit = book(world, &maria, own, physical.id, &slot, None);
        let ernesto = world.patient("Ernesto");
        assert!(book_for(&nora, ernesto, &slot, "").body.contains("appointments_why_taken"));
        assert_eq!((book_for(&nora, ernesto, &slot, "true").status, book_for(&nora, ernesto, &slot, "true").status), (200, 200));
        let there = visit::Entity::find().filter(visit::Column::PatientId.eq(ernesto)).filter(visit::Column::StartsAt.eq(begins(&slot)));
        let there = world.wait(there.all(&world.state.connection)).expect("a query");
        assert_eq!(there.len(), 1, "twice is once");
        let day = begins(&slot).with_timezone(&ZONE).date_naive();
        let shown = nora.get(&format!("/staff/schedule?who={}&day={day}", begins_clinician(&slot))).body;
        assert!(shown.contains("Overbooked"), "{shown}");
        let off = maria.call("appointments/cancel", &[("patient", &own.to_string()), ("visit", &visit.to_string()), ("reason", "time")]);
        assert_eq!(off.status, 200);
        assert!(!free(&maria, own, physical.id, None).contains(&slot), "the other visit has the time now");
        // Earlier times are not offered while nobody works.
        let department = slot.split('~').nth(1).expect("a department").to_owned();
        let freed = world.wait(opening::Entity::find().all(&world.state.connection)).expect("a query");
        for row in &freed {
            let local = row.starts_at.with_timezone(&ZONE).date_naive().to_string();
            let typed = [("department", &*department), ("day", &local), ("from", "0:00"), ("until", "24:00"), ("reason", "Training")];
            assert_eq!(nora.call("schedules/block", &typed).status, 200);
        }
        let noon = ZONE.from_local_datetime(&world.state.clock.now().today.and_hms_opt(12, 0, 0).expect("noon")).earliest().expect("noon");
        at(world, noon.with_timezone(&Utc));
        assert_eq!(world.wait(visits::offer(&world.state)).expect("the job"), 0, "blocked time is offered to nobody");
    });
}

#[test]
fn the_office_moves_a_visit_with_a_reason_and_only_its_own() {
    on_every_engine(|world| {
        let (maria, priya, ruth, ernesto) =
            (world.sign_in("maria"), world.sign_in("priya"), world.sign_in("ruth"), world.sign_in("ernesto"));
        let (own, physical) = (world.patient("Maria"), kind(world, "Annual physical"));
        let times = free(&maria, own, physical.id, None);
        let (slot, later) = (&times[1], times.last().expect("a later time"));
        let visit = book(world, &maria, own, physical.id, slot, None);
        let moved = |who: &Somebody<'_>, patient: Uuid, visit: Uuid, slot: &str, words: &str| {
            let ids = [patient, visit, physical.id].map(|id| id.to_string());
            let fields = [("patient", &*ids[0]), ("visit", &ids[1]), ("kind", &ids[2]), ("slot", slot), ("words", words)];
            who.call("schedules/move", &fields)
        };
        for who in [&maria, &ernesto, &ruth] {
            assert_eq!(moved(who, own, visit, later, "x").status, 404, "no patient, and no staff of records");
        }
        assert_eq!(moved(&priya, world.patient("Ernesto"), visit, later, "x").status, 404, "a visit of somebody else");
        assert!(moved(&priya, own, visit, later, " ").body.contains("words"), "not without a reason");
        let taken = book(world, &ernesto, world.patient("Ernesto"), physical.id, &times[3], None);
        assert!(moved(&priya, own, visit, &times[3], "x").body.contains("appointments_why_taken"));
        assert_eq!(visit_of(world, taken).status, Status::Booked);
        assert_eq!(visit_of(world, visit).starts_at, Some(begins(slot)), "nothing moved");
        let before = letters(world);
        let words = "Dr. Torres operates that day.";
        assert_eq!((moved(&priya, own, visit, later, words).status, moved(&priya, own, visit, later, words).status), (200, 200));
        assert_eq!(visit_of(world, visit).starts_at, Some(begins(later)));
        assert_eq!(letters(world), before + 1, "twice is once");
        let page = maria.get(&format!("/p/{own}/visits/{visit}")).body;
        assert!(page.contains(words) && page.contains("Moved from"), "{page}");
        assert!(free(&maria, own, physical.id, None).contains(slot), "the old time is free");
        at(world, begins(later) + TimeDelta::minutes(1));
        let priya = world.sign_in("priya");
        assert_eq!(moved(&priya, own, visit, slot, "x").status, 422, "it is over");
    });
}

#[test]
fn what_a_sensitive_department_books_is_sensitive_and_supervisors_change_their_own() {
    on_every_engine(|world| {
        let (ernesto, maria, priya, nora) =
            (world.sign_in("ernesto"), world.sign_in("maria"), world.sign_in("priya"), world.sign_in("nora"));
        let (patient, counseling) = (world.patient("Ernesto"), kind(world, "Counseling"));
        let fields = [
            ("patient", patient.to_string()),
            ("kind", counseling.id.to_string()),
            ("reason", "No duermo".into()),
            ("how_soon", "soon".into()),
            ("contact", "860-555-0101".into()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value): &(&str, String)| (*name, value.as_str())).collect();
        assert_eq!(ernesto.call("appointments/ask", &fields).status, 200);
        let found = visit_request::Entity::find().filter(visit_request::Column::PatientId.eq(patient));
        let request = world.wait(found.one(&world.state.connection)).expect("a query").expect("a request");
        assert!(request.sensitive);
        assert_eq!(
            maria.get(&format!("/p/{patient}/visits/requests/{}", request.id)).status,
            404,
            "his daughter does not see sensitive parts"
        );
        assert!(!maria.get(&format!("/p/{patient}/visits/book")).body.contains("No duermo"));
        let page = priya.get(&format!("/staff/visit-requests/{}", request.id)).body;
        let times: Vec<&str> = page
            .split("<option value=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default())
            .filter(|value| value.contains('~'))
            .collect();
        let offer = |time: &str| {
            priya.call("schedules/offer", &[("patient", &patient.to_string()), ("id", &request.id.to_string()), ("time1", time)])
        };
        assert_eq!((offer(times[0]).status, offer(times[0]).status), (200, 200), "what is offered may stay offered");
        let open = visit_offer::Entity::find()
            .filter(visit_offer::Column::RequestId.eq(request.id))
            .filter(visit_offer::Column::State.eq(OfferState::Open));
        let offer = world.wait(open.one(&world.state.connection)).expect("a query").expect("an offer");
        assert_eq!(
            ernesto.call("appointments/accept-offer", &[("patient", &patient.to_string()), ("id", &offer.id.to_string())]).status,
            200
        );
        let found = visit_request::Entity::find_by_id(request.id);
        let visit = world.wait(found.one(&world.state.connection)).expect("a query").expect("a request").visit_id.expect("a visit");
        assert!(visit_of(world, visit).sensitive);
        assert_eq!(maria.get(&format!("/p/{patient}/visits/{visit}")).status, 404);
        // Nora supervises other departments.
        let department = offer.department_id.to_string();
        let keep = [("department", &*department), ("owner", "portal"), ("request_days", "2"), ("lead_hours", "24")];
        assert_eq!(nora.call("schedules/keep-department", &keep).status, 404);
        let hale = world.sign_in("hale");
        assert_eq!(hale.get("/staff/schedule/kinds").status, 404, "a clinician changes no kinds");
        assert!(!hale.get("/staff/schedule").body.contains("/staff/schedule/kinds"), "and no link leads there");
        assert!(world.sign_in("priya").get("/staff/schedule").body.contains("/staff/schedule/kinds"));
    });
}
