//! Visits in people's own calendars: who gets them, what they tell, and until when.

use app::{
    access::proxy::birthday,
    people::{proxy_grant, relation::AdultLevel},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    telling::arrive,
    world::{Answer, Somebody, World, on_every_engine},
};

/// Chooses the persons of a calendar, with names or details.
fn keep(who: &Somebody<'_>, people: &[Uuid], more: &[&str]) -> Answer {
    let boxes: Vec<String> = people.iter().map(|patient| format!("people[p{patient}]")).collect();
    let fields: Vec<(&str, &str)> = boxes.iter().map(String::as_str).chain(more.iter().copied()).map(|name| (name, "true")).collect();
    who.call("calendar/keep", &fields)
}

/// The address, as its page shows it, without the portal's own; nothing where none was made.
pub fn shown(who: &Somebody<'_>) -> Option<String> {
    let page = who.get("/account/calendar").body;
    let shown = page.split("id=\"calendar-address\"").nth(1)?.split(['>', '<']).nth(1)?;
    Some(format!("/calendar/{}", shown.rsplit('/').next()?))
}

fn address(who: &Somebody<'_>) -> String {
    shown(who).expect("an address")
}

fn unfolded(calendar: &str) -> String {
    calendar.replace("\r\n ", "")
}

/// A visit of somebody on a day to come.
fn appointment(world: &World, id: &str, more: Value) -> Value {
    let start = (world.state.clock.now().instant + chrono::TimeDelta::days(5)).format("%Y-%m-%dT15:00:00Z").to_string();
    let end = (world.state.clock.now().instant + chrono::TimeDelta::days(5)).format("%Y-%m-%dT15:40:00Z").to_string();
    let mut value = json!({"resourceType": "Appointment", "id": id, "status": "booked", "serviceType": [{"text": "Colonoscopy, under sedation"}],
        "start": start, "end": end, "patientInstruction": "Nothing to eat; drink\nwater", "participant": []});
    value.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    value
}

#[test]
fn nobody_and_strangers_get_no_visit() {
    on_every_engine(|world| {
        let (maria, emma, lucas) = (world.patient("Maria"), world.patient("Emma"), world.patient("Lucas"));
        assert_eq!(keep(&world.nobody(), &[maria], &[]).body, "\"SignInNeeded\"");
        for stranger in ["daniel", "priya", "hale"] {
            assert_eq!(keep(&world.sign_in(stranger), &[emma], &[]).body, "\"NotFound\"", "{stranger}");
        }
        let me = world.sign_in("maria");
        assert_eq!(keep(&me, &[maria, lucas], &[]).body, "\"NotFound\"", "a teen's visits are the teen's");
        assert!(keep(&me, &[], &[]).body.contains("calendar_why_nobody"));
        // As a form: the reason stands at the first person, and nobody is ticked who was not.
        let form = me.submit("/api/calendar/keep?again=/account/calendar", &[("details", "true")]);
        let again = me.with_cookies_of(&form).get("/account/calendar?again=1").body;
        assert!(again.contains(&format!("name=\"people[p{maria}]\"")) && again.contains("aria-invalid=\"true\""), "{again}");
        assert!(!again.split("name=\"people[").skip(1).any(|part| part.split('>').next().is_some_and(|tag| tag.contains("checked"))));
        assert!(!me.get("/account/calendar").body.contains("calendar-address"), "nothing was made");
        for path in ["/calendar/0.ics", "/calendar/", "/calendar/x", &format!("/calendar/{}.ics", "0".repeat(64))] {
            assert_eq!(world.nobody().get(path).status, 404, "{path}");
        }
        // A file of one visit is for whoever sees the visit.
        arrive(world, "Emma", vec![appointment(world, "soon", json!({}))]);
        let page = me.get(&format!("/p/{emma}/visits")).body;
        let link =
            page.split("href=\"visits/").skip(1).filter_map(|part| part.split('"').next()).find(|link| link.ends_with("calendar.ics"));
        let file = format!("/p/{emma}/visits/{}", link.expect("a link"));
        let mine = me.get(&file);
        assert_eq!((mine.status, mine.header("content-type")), (200, "text/calendar; charset=utf-8"));
        for stranger in ["daniel", "sofia", "hale"] {
            assert_eq!(world.sign_in(stranger).get(&file).status, 404, "{stranger}");
        }
        assert_eq!(world.nobody().get(&file).status, 303, "to sign in");
        assert_eq!(me.get(&file.replace(&emma.to_string(), &maria.to_string())).status, 404, "of one chart none of another");
    });
}

#[test]
fn an_address_shows_when_and_where_and_more_only_when_it_was_chosen() {
    on_every_engine(|world| {
        let (me, emma) = (world.sign_in("maria"), world.patient("Emma"));
        arrive(world, "Emma", vec![appointment(world, "soon", json!({}))]);
        assert_eq!(keep(&me, &[emma], &[]).status, 200);
        let address = address(&me);
        let read = || world.nobody().get(&address);
        let plain = read();
        assert_eq!((plain.status, plain.header("content-type")), (200, "text/calendar; charset=utf-8"));
        let text = unfolded(&plain.body);
        assert!(text.contains("SUMMARY:Visit\r\n") && text.contains("T150000Z\r\n") && text.contains("T154000Z\r\n"), "{text}");
        for words in ["Colonoscopy", "Emma", "Pediatrics", "By video", "Nothing to eat", "Well-child", "Maria"] {
            assert!(!text.contains(words), "{words}: {text}");
        }
        assert!(plain.body.split("\r\n").all(|line| line.len() <= 75) && !plain.body.replace("\r\n", "").contains('\n'));
        let count = |text: &str, name: &str| text.matches(&format!("\r\n{name}")).count();
        let events = count(&text, "BEGIN:VEVENT");
        assert!(events >= 2);
        for name in ["UID:", "DTSTAMP:", "SEQUENCE:", "DTSTART:", "STATUS:", "LAST-MODIFIED:"] {
            assert_eq!(count(&text, name), events, "{name}");
        }
        let mut uids: Vec<&str> = text.lines().filter(|line| line.starts_with("UID:")).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), events);

        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert_eq!(keep(&me, &[emma], &["names", "details"]).status, 200);
        assert_eq!(self::address(&me), address, "who has an address keeps it");
        let number =
            |text: &str| text.lines().filter_map(|line| line.strip_prefix("SEQUENCE:")?.parse::<i64>().ok()).min().expect("numbers");
        let before = number(&text);
        let text = unfolded(&read().body);
        assert!(number(&text) > before, "for whoever has the events, each has changed");
        for words in ["SUMMARY:Colonoscopy\\, under sedation · Emma", "DESCRIPTION:Nothing to eat\\; drink\\nwater", "Pediatrics"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        // In the language of its owner, whatever the calendar program speaks.
        assert_eq!(me.call("account/choose-language", &[("language", "es"), ("back", "/")]).status, 200);
        assert_eq!(keep(&me, &[emma], &[]).status, 200);
        assert!(unfolded(&read().body).contains("SUMMARY:Consulta\r\n"));
    });
}

#[test]
fn what_is_as_it_was_is_not_sent_again_and_what_is_called_off_says_so() {
    on_every_engine(|world| {
        let (me, emma) = (world.sign_in("maria"), world.patient("Emma"));
        arrive(world, "Emma", vec![appointment(world, "soon", json!({"meta": {"lastUpdated": "2026-10-01T00:00:00Z"}}))]);
        assert_eq!(keep(&me, &[emma], &[]).status, 200);
        let address = address(&me);
        let read = || world.nobody().get(&address);
        let first = read();
        let tag = first.header("etag").to_owned();
        assert_eq!(read().body, first.body, "the same byte for byte");
        let again = |tag: &str| world.nobody().get_with(&address, &[("if-none-match", tag)]);
        assert_eq!((again(&tag).status, again(&tag).body.as_str()), (304, ""));
        assert_eq!(again("\"other\"").status, 200);
        let event = |text: &str| {
            let text = unfolded(text);
            text.split("BEGIN:VEVENT").find(|event| event.contains("T150000Z")).expect("the visit").to_owned()
        };
        let line = |event: &str, name: &str| event.lines().find_map(|line| line.strip_prefix(name)).expect(name).to_owned();
        let before = event(&first.body);
        // A second later at least: the import's moment is the change's.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        let off = json!({"status": "cancelled", "meta": {"lastUpdated": "2026-10-02T00:00:00Z"}});
        arrive(world, "Emma", vec![appointment(world, "soon", off)]);
        let changed = again(&tag);
        assert_eq!(changed.status, 200);
        let after = event(&changed.body);
        assert_eq!((line(&after, "STATUS:"), line(&after, "SUMMARY:")), ("CANCELLED".into(), "Cancelled: Visit".into()));
        assert_eq!(line(&after, "UID:"), line(&before, "UID:"));
        let number = |event: &str| line(event, "SEQUENCE:").parse::<i64>().expect("a number");
        assert!(number(&after) > number(&before));
    });
}

#[test]
fn an_address_ends_with_the_access_with_a_new_one_and_with_the_account() {
    on_every_engine(|world| {
        let (me, emma, ernesto) = (world.sign_in("maria"), world.patient("Emma"), world.patient("Ernesto"));
        assert_eq!(keep(&me, &[emma, ernesto], &["names"]).status, 200);
        let old = address(&me);
        let shows = |address: &str, name: &str| unfolded(&world.nobody().get(address).body).contains(name);
        assert!(shows(&old, "Emma") && shows(&old, "Ernesto"));
        // The owner of each chart sees that it was read: once a day, and again when more is told of it or it came in later.
        let readings = |chart: Uuid, who: &str| {
            let log = world.sign_in(who).get(&format!("/files/access-log/{chart}")).body;
            log.matches("Calendar").count()
        };
        assert_eq!(readings(ernesto, "ernesto"), 1);
        assert_eq!(keep(&me, &[emma], &["names"]).status, 200);
        assert!(!shows(&old, "Ernesto"));
        assert_eq!(keep(&me, &[emma, ernesto], &["names"]).status, 200);
        assert!(shows(&old, "Ernesto"));
        assert_eq!(readings(ernesto, "ernesto"), 2, "it came in again");
        assert_eq!(keep(&me, &[emma, ernesto], &["names", "details"]).status, 200);
        assert!(shows(&old, "Ernesto") && shows(&old, "Ernesto"));
        assert_eq!(readings(ernesto, "ernesto"), 3, "more is told");
        // The level that shows the schedule is enough; without access there is nothing.
        let change = |row: proxy_grant::ActiveModel| {
            let update = proxy_grant::Entity::update_many().set(row).filter(proxy_grant::Column::PatientId.eq(ernesto));
            world.wait(update.exec(&world.state.connection)).expect("changed");
        };
        change(proxy_grant::ActiveModel { level: Set(Some(AdultLevel::ScheduleMessages)), ..Default::default() });
        assert!(shows(&old, "Ernesto"));
        change(proxy_grant::ActiveModel { ended_at: Set(Some(chrono::Utc::now())), ..Default::default() });
        assert!(!shows(&old, "Ernesto") && shows(&old, "Emma"));

        assert_eq!(me.call("calendar/renew", &[]).status, 200);
        let new = address(&me);
        assert!(new != old && world.nobody().get(&old).status == 404 && shows(&new, "Emma"));
        assert_eq!(world.sign_in("daniel").call("calendar/renew", &[]).body, "\"NotFound\"");
        // From the 13th birthday on a parent sees no visit.
        let thirteen = birthday(world.birth_date("Emma"), 13);
        world.move_clock(thirteen, -60);
        assert!(world.nobody().get(&new).status == 200);
        world.move_clock(thirteen, 0);
        assert!(!shows(&new, "VEVENT"));
        assert_eq!(world.sign_in("maria").call("calendar/end", &[]).status, 200);
        assert_eq!(world.nobody().get(&new).status, 404);
    });
}
