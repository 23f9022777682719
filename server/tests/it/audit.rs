//! No answer without its rows in the audit log, and none of them twice.

use app::{access::entity::audit_event, people::proxy_grant};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::world::{World, on_every_engine};

fn rows(world: &World, permission: &str) -> u64 {
    let find = audit_event::Entity::find().filter(audit_event::Column::Permission.eq(permission));
    world.wait(find.count(&world.state.connection)).expect("a count")
}

#[test]
fn what_cannot_be_written_down_is_not_answered_and_not_done() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma").to_string());
        let page = format!("/p/{emma}/visits");
        let rename = |name: &str, to: &str| {
            world.wait(world.state.connection.execute_unprepared(&format!("ALTER TABLE {name} RENAME TO {to}"))).expect("renamed");
        };
        rename("audit_event", "audit_event_gone");
        assert_eq!(maria.get(&page).status, 503);
        let called = maria.call("visits/list", &[("patient", &emma)]);
        assert_eq!((called.status, called.body.as_str()), (503, "\"Busy\""));
        assert_eq!(called.header("serverfnerror"), "/api/visits/list");
        assert_eq!(maria.get_bytes(&format!("/files/access-log/{emma}")).0, 503);
        let changed = maria.call("account/choose-notices", &[("quiet_from", "22"), ("quiet_until", "7")]);
        assert_eq!(changed.body, "\"Busy\"");
        rename("audit_event_gone", "audit_event");
        assert_eq!(maria.get(&page).status, 200);
        assert!(!maria.get("/account/notices").body.contains("value=\"22\" selected"), "nothing was changed");
    });
}

#[test]
fn many_requests_at_once_leave_all_their_rows_and_each_decision_once() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma").to_string());
        let before = rows(world, "ViewVisits");
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert_eq!(maria.call("visits/list", &[("patient", &emma)]).status, 200));
            }
        });
        assert_eq!(rows(world, "ViewVisits") - before, 20);
        let before = rows(world, "ViewVisits");
        assert_eq!(maria.get(&format!("/p/{emma}/visits")).status, 200);
        assert_eq!(rows(world, "ViewVisits") - before, 1);
        assert_eq!(rows(world, "UseOwnAccount"), 0, "about no chart, and shown nowhere");
    });
}

#[test]
fn when_a_proxy_last_came_is_kept_to_the_minute() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        let last = || {
            let find = proxy_grant::Entity::find().filter(proxy_grant::Column::PatientId.eq(emma)).one(&world.state.connection);
            world.wait(find).expect("a query").expect("a grant").last_used_at
        };
        let open = || assert_eq!(maria.get(&format!("/p/{emma}/visits")).status, 200);
        open();
        let first = last().expect("it was used");
        open();
        assert_eq!(last(), Some(first), "not at each request");
        let aged = proxy_grant::ActiveModel { last_used_at: Set(Some(Utc::now() - TimeDelta::minutes(2))), ..Default::default() };
        world.wait(proxy_grant::Entity::update_many().set(aged).exec(&world.state.connection)).expect("aged");
        open();
        assert!(last() >= Some(first));
    });
}

#[test]
fn opening_home_says_that_home_was_opened_and_nothing_that_was_not_read() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma"));
        assert_eq!(maria.call("home/needs-you", &[]).status, 200);
        for unread in ["ViewSummaries", "ViewVisits", "ViewNotes", "ViewResults", "ViewHealthSummary"] {
            assert_eq!(rows(world, unread), 0, "{unread}");
        }
        let of_emma = audit_event::Entity::find()
            .filter(audit_event::Column::PatientId.eq(emma))
            .filter(audit_event::Column::Permission.eq("GatherHome"));
        assert_eq!(world.wait(of_emma.count(&world.state.connection)).expect("a count"), 1, "one line for a chart");
        let log = maria.get(&format!("/p/{emma}/access-log")).body;
        assert!(log.contains("opened their home page") && !log.contains("After Visit Summary"), "{log}");
    });
}
