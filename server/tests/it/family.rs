//! Letting others in: invitations, children, papers, ends.

use app::{
    base::end_reason::EndReason,
    people::{
        account, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    accounts::{letters, token},
    world::{Answer, Somebody, World, on_every_engine},
};

fn draft(somebody: &Somebody, patient: &str, level: &str) -> Answer {
    let typed = [
        ("patient", patient),
        ("name", "Tanya Cole"),
        ("email", "tanya@example.org"),
        ("relationship", "caregiver"),
        ("level", level),
        ("until", ""),
    ];
    somebody.submit("/api/family/draft-invitation?again=/sharing/invite", &typed)
}

/// Writes and sends an invitation to Tanya; returns the token in her letter.
pub fn invite(world: &World, owner: &Somebody, patient: &str, level: &str) -> String {
    let drafted = draft(owner, patient, level);
    let preview = drafted.header("location").to_owned();
    assert!(preview.starts_with("/sharing/invitations/"), "{preview}");
    assert_eq!(owner.get(&preview).status, 200);
    let id = preview.rsplit('/').next().expect("an id").to_owned();
    assert_eq!(owner.call("family/send-invitation", &[("patient", patient), ("id", &id)]).status, 200);
    token(world, "tanya@example.org")
}

pub fn accept(somebody: &Somebody, token: &str, birth_date: &str) -> Answer {
    somebody.call("family/accept-invitation", &[("token", token), ("birth_date", birth_date), ("terms", "true")])
}

#[test]
fn only_the_adult_patient_invites() {
    on_every_engine(|world| {
        let (maria, emma, ernesto) = (world.sign_in("maria"), world.patient("Emma").to_string(), world.patient("Ernesto").to_string());
        for patient in [&emma, &ernesto] {
            let refused = maria.call(
                "family/draft-invitation",
                &[("patient", patient), ("name", "X"), ("email", "x@example.org"), ("relationship", "spouse"), ("level", "all")],
            );
            assert_eq!(refused.body, "\"NotAllowed\"", "a proxy never invites a proxy");
        }
        let lucas = world.patient("Lucas").to_string();
        assert_eq!(maria.call("family/end-access", &[("patient", &lucas), ("id", &lucas)]).body, "\"NotAllowed\"");
    });
}

#[test]
fn an_invitation_is_looked_at_sent_accepted_used_and_ended() {
    on_every_engine(|world| {
        let (ernesto, tanya, patient) = (world.sign_in("ernesto"), world.sign_in("tanya"), world.patient("Ernesto").to_string());
        let born = world.birth_date("Ernesto").to_string();
        let form = ernesto.get("/sharing/invite").body;
        for absent in ["messages", "mensajes"] {
            assert!(!form.to_lowercase().replace("schedule_messages", "").contains(absent), "no page has {absent} yet");
        }
        assert!(form.contains("schedule_messages_billing"), "bills have pages");
        let drafted = draft(&ernesto, &patient, "schedule_messages").header("location").to_owned();
        let preview = ernesto.get(&drafted).body;
        assert!(preview.contains("Resultados de análisis") && preview.contains("Medicamentos"), "{preview}");
        assert!(preview.contains("No enviarla") && !preview.contains("Retirar la invitación"), "nothing was sent: {preview}");
        let token = invite(world, &ernesto, &patient, "schedule_messages");
        let letter = &letters(world, "tanya@example.org")[0];
        assert!(letter.subject.contains("Ernesto") && !letter.text.contains("Rivera"), "given names only: {}", letter.text);
        let public = world.nobody().get(&format!("/invitation?token={token}"));
        assert!(public.body.contains("Ernesto invites you") || public.body.contains("Ernesto le invita"), "{}", public.status);
        assert!(!public.body.contains("Rivera"));
        let visits = format!("/p/{patient}/visits");
        assert_eq!(tanya.get(&visits).status, 404);
        assert!(accept(&ernesto, &token, &born).body.contains("family_why_not_your_own"));
        assert!(accept(&tanya, &token, "1950-01-01").body.contains("family_why_birth_date_wrong"));
        let unread = tanya.call("family/accept-invitation", &[("token", &token), ("birth_date", &born)]);
        assert!(unread.body.contains("why_not_confirmed"), "{}", unread.body);
        assert_eq!(accept(&tanya, &token, &born).status, 200);
        assert!(accept(&world.sign_in("grace"), &token, &born).body.contains("why_link_over"), "accepted once");
        assert_eq!(tanya.get(&visits).status, 200);
        let visit = crate::every_server_fn::a_visit(world, "Ernesto");
        assert_eq!(tanya.call("notes/read", &[("patient", &patient), ("visit", &visit)]).body, "\"NotFound\"", "the chosen level");
        let find = proxy_grant::Entity::find()
            .filter(proxy_grant::Column::PatientId.eq(world.patient("Ernesto")))
            .order_by_desc(proxy_grant::Column::CreatedAt);
        let grant = world.wait(find.one(&world.state.connection)).expect("a query").expect("a grant");
        let id = grant.id.to_string();
        let days = (grant.expires_at.expect("an end") - Utc::now()).num_days();
        assert!((364..=366).contains(&days), "a year at most: {days}");
        let changed = ernesto.call("family/change-access", &[("patient", &patient), ("id", &id), ("level", "all"), ("until", "")]);
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(tanya.call("notes/read", &[("patient", &patient), ("visit", &visit)]).status, 200, "at once");
        let stranger = world.sign_in("sofia");
        assert_eq!(
            stranger.call("family/end-access", &[("patient", &world.patient("Sofia").to_string()), ("id", &id)]).body,
            "\"NotFound\""
        );
        assert_eq!(ernesto.call("family/end-access", &[("patient", &patient), ("id", &id)]).status, 200);
        assert_eq!(tanya.call("visits/list", &[("patient", &patient)]).body, "{\"AccessEnded\":\"revoked\"}");
        assert!(letters(world, "tanya@example.org")[0].subject.contains("ended"));
    });
}

#[test]
fn three_wrong_birth_dates_void_an_invitation_and_it_expires_and_is_withdrawn() {
    on_every_engine(|world| {
        let (ernesto, tanya, patient) = (world.sign_in("ernesto"), world.sign_in("tanya"), world.patient("Ernesto").to_string());
        let born = world.birth_date("Ernesto").to_string();
        let token = invite(world, &ernesto, &patient, "all");
        for _ in 0..3 {
            assert!(accept(&tanya, &token, "1950-01-01").body.contains("family_why_birth_date_wrong"));
        }
        assert!(accept(&tanya, &token, &born).body.contains("why_link_over"));
        let token = invite(world, &ernesto, &patient, "all");
        world.state.clock.move_to(Some(Utc::now() + TimeDelta::days(15)));
        assert!(accept(&tanya, &token, &born).body.contains("why_link_over"), "expired");
        world.state.clock.move_to(None);
        let token = invite(world, &ernesto, &patient, "all");
        assert_eq!(world.nobody().call("family/decline-invitation", &[("token", &token)]).status, 200);
        assert!(accept(&tanya, &token, &born).body.contains("why_link_over"), "declined");
        for level in ["everything", ""] {
            assert!(draft(&ernesto, &patient, level).header("location").contains("again=1"), "{level:?} is no level");
        }
    });
}

#[test]
fn somebody_who_was_invited_and_is_no_patient_gets_an_account() {
    on_every_engine(|world| {
        let (sofia, patient) = (world.sign_in("sofia"), world.patient("Sofia").to_string());
        let token = invite(world, &sofia, &patient, "all_but_sensitive");
        let begin =
            |born: &str| world.nobody().call("sign-up/begin-as-invited", &[("token", &token), ("name", "Ana Cruz"), ("birth_date", born)]);
        let child = (Utc::now() - TimeDelta::days(17 * 365)).date_naive().to_string();
        assert!(begin(&child).body.contains("why_under_age"), "a minor is no proxy");
        let begun = begin("1975-04-05");
        let mut ana = world.nobody();
        ana.cookie = begun.cookie("sign_up");
        let steps = ana.get("/sign-up/id").body;
        assert!(!steps.contains("Activation code"), "she has an invitation: {steps}");
        let id = [
            ("username", "ana.cruz"),
            ("password", "plum river toast"),
            ("repeat", "plum river toast"),
            ("question", "pet"),
            ("answer", "Rex"),
        ];
        assert_eq!(ana.call("sign-up/choose-id", &id).status, 200);
        ana.cookie = Some(format!("{}; {}", begun.cookie("sign_up").expect("begun"), begun.cookie("sign_up_next").expect("the way back")));
        let done = ana.submit("/api/sign-up/finish", &[("email", "tanya@example.org"), ("notices", "no")]);
        assert_eq!(done.header("location"), format!("/invitation?token={token}"), "back to what she was invited to");
        let asked = letters(world, "tanya@example.org").iter().any(|letter| letter.text.contains("/recover/email"));
        assert!(!asked, "the invitation proved the address");
        ana.cookie = done.session_cookie();
        assert_eq!(accept(&ana, &token, &world.birth_date("Sofia").to_string()).status, 200);
        assert_eq!(ana.get(&format!("/p/{patient}/visits")).status, 200);
        assert_eq!(ana.call("family/give-up-access", &[("patient", &patient)]).status, 200);
        assert_eq!(ana.get(&format!("/p/{patient}/visits")).status, 404);
    });
}

#[test]
fn a_parent_asks_for_a_child_and_the_front_desk_decides() {
    on_every_engine(|world| {
        let tanya = world.sign_in("tanya");
        let born = world.birth_date("Emma").to_string();
        let ask = |given: &str, born: &str, attested: &str| {
            tanya.call(
                "family/ask-for-child",
                &[
                    ("given_name", given),
                    ("family_name", "Rivera"),
                    ("birth_date", born),
                    ("relationship", "parent"),
                    ("attested", attested),
                ],
            )
        };
        assert!(ask("Emma", &born, "").body.contains("why_not_confirmed"));
        assert!(ask("Ernesto", &world.birth_date("Ernesto").to_string(), "true").body.contains("family_why_not_a_child"));
        assert_eq!(ask("Emma", &born, "true").status, 200);
        let emma = world.patient("Emma").to_string();
        assert_eq!(tanya.get(&format!("/p/{emma}/visits")).status, 404, "the record does not name her: nothing opens");
        let priya = world.sign_in("priya");
        let queue = priya.get("/staff/queue?kind=child_access").body;
        let id = queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned();
        assert_eq!(world.sign_in("marcus").get(&format!("/staff/requests/{id}")).status, 404, "another role's queue");
        assert_eq!(
            world.sign_in("marcus").call("requests/decide", &[("id", &id), ("decision", "accept"), ("reason", "")]).body,
            "\"NotFound\""
        );
        let accept = |patient: &str, more: &[(&str, &str)]| {
            let fields = [&[("id", id.as_str()), ("decision", "accept"), ("patient", patient), ("reason", "ID seen")][..], more].concat();
            priya.call("requests/decide", &fields)
        };
        assert!(accept("", &[]).body.contains("why_missing"), "nobody is chosen");
        assert_eq!(accept(&Uuid::nil().to_string(), &[]).body, "\"NotFound\"");
        assert!(priya.call("requests/decide", &[("id", &id), ("decision", "decline"), ("reason", " ")]).body.contains("why_missing"));
        let accepted = accept(&emma, &[]);
        assert_eq!(accepted.status, 200, "{}", accepted.body);
        let twice = priya.call("requests/decide", &[("id", &id), ("decision", "decline"), ("reason", "no")]);
        assert!(twice.body.contains("why_already_done"));
        assert_eq!(tanya.get(&format!("/p/{emma}/visits")).status, 200);
        assert!(tanya.get("/requests").body.contains("ID seen"));
    });
}

#[test]
fn a_decision_opens_no_chart_but_the_one_that_was_asked_for_unless_somebody_confirms_it() {
    on_every_engine(|world| {
        let (tanya, priya) = (world.sign_in("tanya"), world.sign_in("priya"));
        let (emma, noah, born) =
            (world.patient("Emma").to_string(), world.patient("Noah").to_string(), world.birth_date("Emma").to_string());
        let ask = |given: &str, family: &str| {
            let fields = [("given_name", given), ("family_name", family), ("birth_date", &*born), ("relationship", "parent")];
            tanya.call("family/ask-for-child", &[&fields[..], &[("attested", "true")]].concat())
        };
        assert_eq!(ask("Emma", "Rivera").status, 200);
        assert!(ask("EMMA", "rivera").body.contains("family_why_already_asked"), "the same child is asked for once");
        let id = waiting_request(&priya, "child_access");
        let page = priya.get(&format!("/staff/requests/{id}")).body;
        assert!(page.contains("Accept for Emma Rivera") && page.contains("Same"), "{page}");
        assert!(!page.contains("name=\"record_number\""), "no number is typed");
        let found = priya.get(&format!("/staff/requests/{id}?q=Noah")).body;
        assert!(found.contains("Accept for Noah") && found.contains("Different"), "{found}");
        assert!(found.contains("name=\"differences_confirmed\""), "{found}");
        let accept = |more: &[(&str, &str)]| {
            let fields = [("id", id.as_str()), ("decision", "accept"), ("patient", noah.as_str()), ("reason", "")];
            priya.call("requests/decide", &[&fields[..], more].concat())
        };
        let refused = accept(&[]).body;
        assert!(refused.contains("differences_confirmed") && refused.contains("known_by"), "{refused}");
        assert!(accept(&[("differences_confirmed", "true"), ("known_by", " ")]).body.contains("known_by"));
        assert_eq!(tanya.get(&format!("/p/{noah}/visits")).status, 404, "nothing has opened");
        let log = || world.sign_in("daniel").get(&format!("/p/{noah}/access-log")).body;
        assert!(!log().contains("details differed"), "what did not happen stands in no log");
        let confirmed = accept(&[("differences_confirmed", "true"), ("known_by", "Adoption papers seen")]);
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        assert_eq!(tanya.get(&format!("/p/{noah}/visits")).status, 200);
        assert_eq!(tanya.get(&format!("/p/{emma}/visits")).status, 404);
        let page = priya.get(&format!("/staff/requests/{id}")).body;
        assert!(page.contains("Priya Shah: First name") && page.contains("Adoption papers seen"), "{page}");
        let events = app::access::entity::audit_event::Entity::find()
            .filter(app::access::entity::audit_event::Column::PatientId.eq(world.patient("Noah")))
            .filter(app::access::entity::audit_event::Column::Permission.eq("ConfirmDifferences"));
        assert_eq!(world.wait(events.all(&world.state.connection)).expect("a query").len(), 1);
    });
}

#[test]
fn a_record_without_a_number_is_found_and_chosen_too() {
    on_every_engine(|world| {
        use app::people::patient;
        let bare = patient::ActiveModel { mrn: Set(None), ..Default::default() };
        let emma = world.patient("Emma");
        let without = patient::Entity::update_many().set(bare).filter(patient::Column::Id.eq(emma)).exec(&world.state.connection);
        world.wait(without).expect("no number");
        let (tanya, priya, born) = (world.sign_in("tanya"), world.sign_in("priya"), world.birth_date("Emma").to_string());
        let fields = [("given_name", "Emma"), ("family_name", "Rivera"), ("birth_date", &*born), ("relationship", "parent")];
        assert_eq!(tanya.call("family/ask-for-child", &[&fields[..], &[("attested", "true")]].concat()).status, 200);
        let id = waiting_request(&priya, "child_access");
        assert!(priya.get(&format!("/staff/requests/{id}")).body.contains("Accept for Emma Rivera"));
        let chosen = [("id", id.as_str()), ("decision", "accept"), ("patient", &*emma.to_string()), ("reason", "")];
        assert_eq!(priya.call("requests/decide", &chosen).status, 200);
        assert_eq!(tanya.get(&format!("/p/{emma}/visits")).status, 200);
    });
}

fn ask_for_emma(world: &World, parent: &Somebody) -> Answer {
    parent.call(
        "family/ask-for-child",
        &[
            ("given_name", "emma"),
            ("family_name", "rivera"),
            ("birth_date", &world.birth_date("Emma").to_string()),
            ("relationship", "parent"),
            ("attested", "true"),
        ],
    )
}

#[test]
fn the_record_itself_opens_a_childs_chart_to_the_parent_it_names() {
    on_every_engine(|world| {
        let emma = world.patient("Emma");
        let forget = proxy_grant::Entity::delete_many().filter(proxy_grant::Column::PatientId.eq(emma)).exec(&world.state.connection);
        world.wait(forget).expect("no grants");
        let maria = world.sign_in("maria");
        assert_eq!(maria.get(&format!("/p/{emma}/visits")).status, 404);
        assert_eq!(ask_for_emma(world, &maria).status, 200);
        assert_eq!(maria.get(&format!("/p/{emma}/visits")).status, 200, "the record names Maria, with her phone or address");
        assert!(ask_for_emma(world, &maria).body.contains("family_why_has_access"));
    });
}

#[test]
fn a_parent_whose_access_was_ended_gets_it_back_from_the_front_desk_alone() {
    on_every_engine(|world| {
        let (maria, priya, emma) = (world.sign_in("maria"), world.sign_in("priya"), world.patient("Emma"));
        let find = proxy_grant::Entity::find()
            .filter(proxy_grant::Column::PatientId.eq(emma))
            .filter(proxy_grant::Column::EndedAt.is_null())
            .all(&world.state.connection);
        for grant in world.wait(find).expect("a query") {
            let fields = [("patient", &*emma.to_string()), ("id", &*grant.id.to_string()), ("reason", "court order")];
            assert_eq!(priya.call("staff/end-access", &fields).status, 200);
        }
        let asked = ask_for_emma(world, &maria);
        assert_eq!(asked.status, 200, "{}", asked.body);
        assert_eq!(maria.call("visits/list", &[("patient", &emma.to_string())]).body, "{\"AccessEnded\":\"revoked\"}");
        assert!(priya.get("/staff/queue?kind=child_access").body.contains("/staff/requests/"), "the front desk decides");
    });
}

#[test]
fn staff_record_end_and_emancipate_and_it_is_in_the_log() {
    on_every_engine(|world| {
        let (priya, noah) = (world.sign_in("priya"), world.patient("Noah").to_string());
        let daniel = world.sign_in("daniel");
        assert_eq!(daniel.get(&format!("/p/{noah}/visits")).status, 200);
        assert!(priya.call("staff/record-emancipation", &[("patient", &noah)]).body.contains("why_not_confirmed"));
        assert_eq!(priya.call("staff/record-emancipation", &[("patient", &noah), ("papers_seen", "true")]).status, 200);
        assert_eq!(daniel.call("visits/list", &[("patient", &noah)]).body, "{\"AccessEnded\":\"emancipated\"}");
        let sofia = world.patient("Sofia").to_string();
        let recorded = priya.call(
            "staff/record-access",
            &[("patient", &sofia), ("username", "TANYA"), ("basis", "adult_adult"), ("level", "schedule_messages")],
        );
        assert_eq!(recorded.status, 200, "{}", recorded.body);
        let tanya = world.sign_in("tanya");
        assert_eq!(tanya.get(&format!("/p/{sofia}/visits")).status, 200);
        let find = proxy_grant::Entity::find()
            .filter(proxy_grant::Column::PatientId.eq(world.patient("Sofia")))
            .order_by_desc(proxy_grant::Column::CreatedAt);
        let id = world.wait(find.one(&world.state.connection)).expect("a query").expect("a grant").id.to_string();
        assert!(priya.call("staff/end-access", &[("patient", &sofia), ("id", &id)]).body.contains("why_missing"), "a reason is needed");
        assert_eq!(priya.call("staff/end-access", &[("patient", &sofia), ("id", &id), ("reason", "court order")]).status, 200);
        assert_eq!(tanya.get(&format!("/p/{sofia}/visits")).status, 404);
        let log = world.sign_in("sofia").get(&format!("/p/{sofia}/access-log")).body;
        assert!(log.contains("Priya Shah") && log.contains("Tanya Cole"), "the patient sees both");
        let carlos = world.sign_in("carlos").get(&format!("/p/{sofia}/access-log"));
        assert_eq!(carlos.status, 200);
        assert!(!carlos.body.contains("Tanya Cole"), "a proxy never sees another proxy's rows");
    });
}

#[test]
fn midnight_is_handled_once_and_agrees_with_every_request() {
    on_every_engine(|world| {
        let eighteen = app::access::proxy::birthday(world.birth_date("Olivia"), 18);
        world.move_clock(eighteen, 1);
        // Two servers wake up at once.
        let (one, other) = world.wait(async {
            let state = world.state.clone();
            let first = tokio::spawn(async move { server::jobs::midnight::once(&state).await });
            let state = world.state.clone();
            let second = tokio::spawn(async move { server::jobs::midnight::once(&state).await });
            (first.await.expect("no panic"), second.await.expect("no panic"))
        });
        let nights: Vec<_> = [one, other].into_iter().filter_map(|night| night.ok().flatten()).collect();
        assert_eq!(nights.len(), 1, "one of the two does it");
        assert!(nights[0].ended >= 1);
        let find = proxy_grant::Entity::find().filter(proxy_grant::Column::PatientId.eq(world.patient("Olivia")));
        let grant = world.wait(find.one(&world.state.connection)).expect("a query").expect("a grant");
        let midnight = world.state.clock.now().instant - TimeDelta::seconds(1);
        assert!((grant.ended_at.expect("ended") - midnight).num_seconds().abs() < 5, "at midnight, not when the job ran");
        assert!(letters(world, "daniel@example.org").iter().any(|letter| letter.subject.contains("ended")));
    });
}

#[test]
fn birthdays_are_told_60_30_and_7_days_before() {
    on_every_engine(|world| {
        let thirteen = app::access::proxy::birthday(world.birth_date("Noah"), 13);
        for (days, told) in [(61, false), (60, true), (59, false), (30, true), (7, true), (6, false)] {
            world.move_clock(thirteen - TimeDelta::days(days), 60);
            let before = letters(world, "daniel@example.org").len();
            world.wait(server::jobs::midnight::once(&world.state)).expect("a night").expect("done");
            let new = &letters(world, "daniel@example.org")[..];
            let told_now = new.len() > before && new.iter().any(|letter| letter.text.contains(&format!("in {days} days")));
            assert_eq!(told_now, told, "{days} days before");
        }
    });
}

#[test]
fn a_notice_whose_day_was_missed_is_sent_on_the_next_one_and_once() {
    on_every_engine(|world| {
        let thirteen = app::access::proxy::birthday(world.birth_date("Noah"), 13);
        let long_ago = proxy_grant::ActiveModel { created_at: Set(Utc::now() - TimeDelta::days(2000)), ..Default::default() };
        world.wait(proxy_grant::Entity::update_many().set(long_ago).exec(&world.state.connection)).expect("aged");
        let told = |days: i64| {
            world.move_clock(thirteen - TimeDelta::days(days), 60);
            world.wait(server::jobs::midnight::once(&world.state)).expect("a night").expect("done");
            letters(world, "daniel@example.org")
                .iter()
                .filter(|letter| letter.text.contains("Noah") && letter.text.contains(&format!("in {days} days")))
                .count()
        };
        assert_eq!(told(61), 0);
        assert_eq!(told(58), 1, "the server stood still on the 60th day");
        assert_eq!(told(57), 0);
        assert_eq!(told(5), 1, "of two that were missed, one letter");
        assert_eq!(told(4), 0);
    });
}

#[test]
fn access_given_again_shows_the_person_once_and_says_nothing_of_the_end() {
    on_every_engine(|world| {
        let tanya = world.sign_in("tanya");
        let holder = account::Entity::find().filter(account::Column::UsernameKey.eq("tanya")).one(&world.state.connection);
        let holder = world.wait(holder).expect("a query").expect("an account").id;
        let give = |ended: bool, minutes: i64| {
            let row = proxy_grant::ActiveModel {
                id: Set(Uuid::now_v7()),
                account_id: Set(holder),
                patient_id: Set(world.patient("Sofia")),
                basis: Set(Basis::AdultAdult),
                relationship: Set(Relationship::Caregiver),
                level: Set(Some(AdultLevel::All)),
                hue: Set(2),
                created_at: Set(Utc::now() - TimeDelta::minutes(minutes)),
                ended_at: Set(ended.then(Utc::now)),
                end_reason: Set(ended.then_some(EndReason::Revoked)),
                ..Default::default()
            };
            world.wait(proxy_grant::Entity::insert(row).exec_without_returning(&world.state.connection)).expect("a grant");
        };
        give(true, 60);
        let ended = tanya.call("home/needs-you", &[]).json();
        assert!(ended["ended"].as_array().expect("a list").iter().any(|access| access["given_name"] == "Sofia"), "{ended}");
        give(false, 10);
        let needs = tanya.call("home/needs-you", &[]).json();
        assert!(needs["ended"].as_array().expect("a list").iter().all(|access| access["given_name"] != "Sofia"), "{needs}");
        let mut items: Vec<String> = needs["items"].as_array().expect("a list").iter().map(ToString::to_string).collect();
        let all = items.len();
        items.sort();
        items.dedup();
        assert_eq!(items.len(), all, "nothing stands there twice");
        let session = tanya.call("account/session", &[]).json();
        let sofias = session["people"].as_array().expect("people").iter().filter(|person| person["given_name"] == "Sofia").count();
        assert_eq!(sofias, 1, "{session}");
    });
}

#[test]
fn photos_are_for_those_who_may_open_the_chart_and_made_anew() {
    on_every_engine(|world| {
        let (maria, emma) = (world.sign_in("maria"), world.patient("Emma").to_string());
        let png: &[u8] = include_bytes!("../../../public/icon.svg");
        let refused = maria.upload("family/keep-photo", &[("patient", &emma)], "photo", "x.png", png);
        assert!(refused.body.contains("family_why_file_kind"), "{}", refused.body);
        let picture = tiny_png();
        let stranger = world.sign_in("grace").upload("family/keep-photo", &[("patient", &emma)], "photo", "x.png", &picture);
        assert_eq!(stranger.body, "\"NotFound\"");
        let kept = maria.upload("family/keep-photo", &[("patient", &emma)], "photo", "x.png", &picture);
        assert_eq!(kept.status, 200, "{}", kept.body);
        let path = format!("/files/photo/{emma}");
        let photo = maria.get_bytes(&path);
        assert_eq!((photo.0, &photo.1[..3]), (200, &[0xFF, 0xD8, 0xFF][..]), "a JPEG, whatever was sent");
        assert_eq!(world.sign_in("grace").get_bytes(&path).0, 404);
        assert_eq!(world.nobody().get_bytes(&path).0, 303);
    });
}

/// A picture of 2 x 2 pixels.
fn tiny_png() -> Vec<u8> {
    include_bytes!("tiny.png").to_vec()
}

#[test]
fn papers_are_looked_at_by_the_front_desk_alone() {
    on_every_engine(|world| {
        let tanya = world.sign_in("tanya");
        let born = world.birth_date("Harold").to_string();
        let fields =
            [("given_name", "Harold"), ("family_name", "Kim"), ("birth_date", born.as_str()), ("kind", "guardianship"), ("until", "")];
        let wrong = tanya.upload("family/bring-papers", &fields, "file", "papers.pdf", b"<script>alert(1)</script>");
        assert!(wrong.body.contains("family_why_file_kind"), "{}", wrong.body);
        let sent = tanya.upload("family/bring-papers", &fields, "file", "papers.pdf", b"%PDF-1.7 the court's paper");
        assert_eq!(sent.status, 200, "{}", sent.body);
        let priya = world.sign_in("priya");
        let queue = priya.get("/staff/queue?kind=papers").body;
        let id = queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned();
        let page = priya.get(&format!("/staff/requests/{id}")).body;
        let file = page.split("/files/attachment/").nth(1).expect("a file").split('"').next().expect("an id").to_owned();
        let path = format!("/files/attachment/{file}");
        let (status, bytes) = priya.get_bytes(&path);
        assert_eq!((status, bytes.as_slice()), (200, &b"%PDF-1.7 the court's paper"[..]));
        for other in [world.sign_in("marcus"), world.sign_in("maria"), tanya.clone()] {
            assert_eq!(other.get_bytes(&path).0, 404);
        }
        let harold = world.patient("Harold").to_string();
        let accepted = priya.call("requests/decide", &[("id", &id), ("decision", "accept"), ("patient", &harold), ("reason", "")]);
        assert!(accepted.body.contains("known_by"), "he is not called Kim: {}", accepted.body);
        let confirmed = [("differences_confirmed", "true"), ("known_by", "maiden name")];
        let fields = [("id", id.as_str()), ("decision", "accept"), ("patient", harold.as_str()), ("reason", "")];
        assert_eq!(priya.call("requests/decide", &[&fields[..], &confirmed].concat()).status, 200);
        let visit = crate::every_server_fn::a_visit(world, "Harold");
        assert_eq!(tanya.call("notes/read", &[("patient", &harold), ("visit", &visit)]).status, 200);
    });
}

/// A request of a kind that waits, as the front desk finds it.
fn waiting_request(priya: &Somebody, kind: &str) -> String {
    let queue = priya.get(&format!("/staff/queue?kind={kind}")).body;
    queue.split("/staff/requests/").nth(1).expect("a request").split('"').next().expect("an id").to_owned()
}

#[test]
fn papers_tell_all_that_is_wrong_with_them_at_once() {
    on_every_engine(|world| {
        let tanya = world.sign_in("tanya");
        let bring = |born: &str, until: &str| {
            let fields = [("given_name", ""), ("family_name", "Kim"), ("birth_date", born), ("kind", "guardianship"), ("until", until)];
            let refused = tanya.upload("family/bring-papers", &fields, "file", "papers.pdf", b"%PDF-1.7");
            let problems = refused.json()["Invalid"].as_array().expect("problems").clone();
            problems
                .iter()
                .map(|found| format!("{}: {}", found["field"].as_str().expect("a text"), found["why"].as_str().expect("a text")))
                .collect()
        };
        let all: Vec<String> = bring("yesterday", "tomorrow");
        assert_eq!(all, ["given_name: why_missing", "birth_date: why_not_a_date", "until: why_not_a_date"]);
        let past: Vec<String> = bring("1950-02-03", "2020-01-01");
        assert_eq!(past, ["given_name: why_missing", "until: why_not_future"]);
    });
}

#[test]
fn nobody_gets_access_to_their_own_chart_and_no_minor_to_anybodys() {
    on_every_engine(|world| {
        let (maria, tanya, priya) = (world.sign_in("maria"), world.sign_in("tanya"), world.sign_in("priya"));
        let born = world.birth_date("Maria").to_string();
        let bring = |somebody: &Somebody| {
            let fields = [
                ("given_name", "Maria"),
                ("family_name", "Rivera"),
                ("birth_date", born.as_str()),
                ("kind", "guardianship"),
                ("until", ""),
            ];
            somebody.upload("family/bring-papers", &fields, "file", "papers.pdf", b"%PDF-1.7 the court's paper")
        };
        let decide = |id: &str| {
            let patient = world.patient("Maria").to_string();
            priya.call("requests/decide", &[("id", id), ("decision", "accept"), ("patient", &patient), ("reason", "")])
        };
        assert_eq!(bring(&maria).status, 200);
        let asked = waiting_request(&priya, "papers");
        let own = decide(&asked);
        assert!(own.body.contains("family_why_not_your_own"), "{}", own.body);
        assert_eq!(priya.call("requests/decide", &[("id", &asked), ("decision", "decline"), ("reason", "own chart")]).status, 200);
        let of_tanya = || account::Entity::update_many().filter(account::Column::UsernameKey.eq("tanya"));
        let born_in = |birth_date| account::ActiveModel { birth_date: Set(Some(birth_date)), patient_id: Set(None), ..Default::default() };
        let today = world.state.clock.now().today;
        world.wait(of_tanya().set(born_in(today - TimeDelta::days(20 * 366))).exec(&world.state.connection)).expect("an adult");
        assert_eq!(bring(&tanya).status, 200);
        world.wait(of_tanya().set(born_in(today - TimeDelta::days(17 * 365))).exec(&world.state.connection)).expect("a minor");
        assert!(bring(&tanya).body.contains("family_why_proxy_under_age"));
        let minor = decide(&waiting_request(&priya, "papers"));
        assert!(minor.body.contains("family_why_proxy_under_age"), "{}", minor.body);
        let given = proxy_grant::Entity::find().filter(proxy_grant::Column::PatientId.eq(world.patient("Maria")));
        let given = given.filter(proxy_grant::Column::Basis.eq(Basis::Papers)).all(&world.state.connection);
        assert!(world.wait(given).expect("a query").is_empty());
    });
}

#[test]
fn an_emancipation_is_undone_with_a_reason_and_parents_see_what_they_saw() {
    on_every_engine(|world| {
        let (priya, daniel, noah) = (world.sign_in("priya"), world.sign_in("daniel"), world.patient("Noah").to_string());
        let undo = |reason: &str| priya.call("staff/undo-emancipation", &[("patient", &noah), ("reason", reason)]);
        assert!(undo("typed wrongly").body.contains("why_already_done"), "there is none");
        assert_eq!(priya.call("staff/record-emancipation", &[("patient", &noah), ("papers_seen", "true")]).status, 200);
        let page = priya.get(&format!("/staff/patients/{noah}")).body;
        assert!(page.contains("by Priya Shah") && page.contains("Undo the emancipation"), "{page}");
        assert_eq!(daniel.call("visits/list", &[("patient", &noah)]).body, "{\"AccessEnded\":\"emancipated\"}");
        assert!(undo(" ").body.contains("why_missing"));
        for other in [&daniel, &world.sign_in("marcus")] {
            assert_eq!(other.call("staff/undo-emancipation", &[("patient", &noah), ("reason", "x")]).body, "\"NotFound\"");
        }
        assert_eq!(undo("The paper was another person’s.").status, 200);
        assert_eq!(daniel.get(&format!("/p/{noah}/visits")).status, 200);
        let page = priya.get(&format!("/staff/patients/{noah}")).body;
        assert!(page.contains("The paper was another person’s.") && !page.contains("Undo the emancipation"), "{page}");
    });
}

#[test]
fn recording_access_says_whether_it_opens_anything() {
    on_every_engine(|world| {
        let priya = world.sign_in("priya");
        let record = |given_name: &str, basis: &str| {
            let patient = world.patient(given_name).to_string();
            let fields = [("patient", &*patient), ("username", "tanya"), ("basis", basis)];
            let done = priya.submit("/api/staff/record-access", &fields).header("location").to_owned();
            priya.get(&done).body
        };
        assert!(record("Emma", "parent_child").contains("The access is recorded"));
        assert!(record("Lucas", "parent_child").contains("opens personal information only"), "he is a teen");
        assert!(record("Ernesto", "parent_child").contains("it opens nothing now"), "he is no child");
    });
}

#[test]
fn what_age_will_change_is_told_as_it_is() {
    on_every_engine(|world| {
        let page = world.sign_in("maria").get("/sharing").body;
        assert!(page.contains("Changes by itself on the 13th birthday"), "Emma is a child: {page}");
        assert!(page.contains("Ends by itself on the 18th birthday"), "Lucas is a teen: {page}");
        assert!(world.sign_in("maria").get("/people").body.contains("Your own record"));
        let nora = world.sign_in("nora").get("/home").body;
        assert!(!nora.contains("/staff/queue"), "who has no queue is offered none");
    });
}
