//! How often something may be tried, and how much of it is kept.

use app::{
    access::entity::form_draft,
    features::{
        account::{recovery::entity::mail_link, sign_up::entity::activation_code},
        family::{entity::invitation, model::InvitationState},
    },
    people::{account, patient},
    platform::{
        entity::attempt,
        throttle::{LOCK, Throttle, count, give_back, lock},
    },
};
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use server::demo::PASSWORD;

use crate::world::{Answer, World, on_every_database, on_every_engine, wait};

/// So many try at once.
const AT_ONCE: usize = 12;

fn at_once(attempt: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let tries: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(&attempt)).collect();
        tries.into_iter().map(|tried| tried.join().expect("an answer")).collect()
    })
}

fn told(answers: &[Answer], word: &str) -> usize {
    answers.iter().filter(|answer| answer.body.contains(word)).count()
}

#[test]
fn a_window_ends_by_itself_however_busy_it_is() {
    on_every_database(|system| {
        let db = system.db();
        let earlier = |by: TimeDelta| {
            wait(async {
                let row = attempt::Entity::find().one(db).await.expect("a query").expect("a window");
                let moved = attempt::ActiveModel { window_started_at: Set(row.window_started_at - by), ..Default::default() };
                attempt::Entity::update_many().set(moved).filter(attempt::Column::Key.eq(row.key)).exec(db).await.expect("moved");
            });
        };
        let tried = |times: usize| {
            (0..times).for_each(|_| {
                wait(count(db, "an address", 10)).expect("counted");
            });
            wait(attempt::Entity::find().one(db)).expect("a query").expect("a window").count
        };
        assert_eq!(tried(4), 4);
        earlier(TimeDelta::minutes(10));
        assert_eq!(tried(4), 8);
        earlier(TimeDelta::minutes(6));
        assert_eq!(tried(1), 1, "a quarter of an hour after the first try, whatever came between");
        // A failure that reaches the limit locks for the whole time.
        earlier(TimeDelta::minutes(14));
        assert_eq!(tried(9), 10);
        wait(lock(db, "an address")).expect("locked");
        earlier(TimeDelta::minutes(2));
        assert_eq!(wait(count(db, "an address", 10)).expect("counted"), Throttle::Limited { minutes: 13 });
        earlier(LOCK);
        assert_eq!(wait(count(db, "an address", 10)).expect("counted"), Throttle::Allowed { last: false });
        // What is right at the limit neither lengthens the window nor is counted, and refuses nobody for longer than itself.
        assert_eq!(tried(8), 9);
        earlier(TimeDelta::minutes(14));
        assert_eq!(wait(count(db, "an address", 10)).expect("counted"), Throttle::Allowed { last: true });
        assert!(matches!(wait(count(db, "an address", 10)).expect("counted"), Throttle::Limited { .. }), "a second one at once");
        wait(give_back(db, "an address")).expect("given back");
        assert_eq!(wait(count(db, "an address", 10)).expect("counted"), Throttle::Allowed { last: true });
        wait(give_back(db, "an address")).expect("given back");
        earlier(TimeDelta::minutes(2));
        assert_eq!(tried(1), 1);
    });
}

#[test]
fn one_success_does_not_forgive_a_whole_address() {
    on_every_engine(|world| {
        let wrong = |round: usize| {
            let name = format!("nobody{round}");
            world.nobody().call("sign-in/sign-in", &[("username", &name), ("password", "wrong")])
        };
        for round in 0..30 {
            assert_eq!(wrong(round).body, "\"WrongCredentials\"", "{round}");
        }
        let own = world.nobody().call("sign-in/sign-in", &[("username", "sofia"), ("password", PASSWORD)]);
        assert_eq!(own.status, 200, "{}", own.body);
        let answers: Vec<Answer> = (30..51).map(wrong).collect();
        assert_eq!(told(&answers[..20], "WrongCredentials"), 20, "what was right does not count");
        assert!(answers[20].body.contains("TooManyTries"), "{}", answers[20].body);
    });
}

#[test]
fn of_many_guesses_at_once_no_more_than_the_limit_are_looked_at() {
    on_every_engine(|world| {
        // An activation code: five.
        let code = world.wait(app::features::account::sign_up::by_code::issue(
            &world.state.connection,
            world.patient("Harold"),
            app::features::account::sign_up::model::CodeDelivery::Office,
            world.state.clock.now().instant,
        ));
        let typed = [("activation_code", code.expect("a code")), ("birth_date", "1950-01-01".into()), ("zip", "00000".into())];
        let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answers = at_once(|| world.nobody().call("sign-up/enter-code", &typed));
        assert!(told(&answers, "why_details_wrong") <= 4, "the fifth voids it");
        assert_eq!(told(&answers, "why_details_wrong") + told(&answers, "account_why_code_void"), AT_ONCE);
        let row = world.wait(activation_code::Entity::find().one(&world.state.connection)).expect("a query").expect("a code");
        assert!(row.wrong_tries == 5 && row.void_at.is_some(), "{row:?}");

        // An invitation's birth date: three.
        let (ernesto, tanya) = (world.sign_in("ernesto"), world.sign_in("tanya"));
        let token = crate::family::invite(world, &ernesto, &world.patient("Ernesto").to_string(), "all");
        let answers = at_once(|| crate::family::accept(&tanya, &token, "1950-01-01"));
        assert_eq!(told(&answers, "family_why_birth_date_wrong"), 3);
        assert_eq!(told(&answers, "why_link_over"), AT_ONCE - 3);
        let row = world.wait(invitation::Entity::find().one(&world.state.connection)).expect("a query").expect("an invitation");
        assert_eq!((row.wrong_tries, row.state), (3, InvitationState::Void));

        // The answer to the security question.
        let born = birth_date_of(world, "sofia");
        world.nobody().call("recovery/ask", &[("lost", "password"), ("email", "sofia@example.org"), ("birth_date", &born)]);
        let token = crate::accounts::token(world, "sofia@example.org");
        let password = "a whole new phrase";
        let typed = [("token", token.as_str()), ("answer", "wrong"), ("password", password), ("repeat", password)];
        let answers = at_once(|| world.nobody().call("recovery/choose-password", &typed));
        let row = world.wait(mail_link::Entity::find().one(&world.state.connection)).expect("a query").expect("a link");
        assert_eq!(told(&answers, "account_why_answer_wrong"), usize::try_from(row.wrong_tries).expect("a count"), "each was counted");
        assert!(told(&answers, "why_link_over") > 0, "the link is void");
    });
}

fn birth_date_of(world: &World, username: &str) -> String {
    world.wait(async {
        let db = &world.state.connection;
        let holder = account::Entity::find().filter(account::Column::UsernameKey.eq(username)).one(db).await.expect("a query");
        let id = holder.expect("an account").patient_id.expect("a chart");
        patient::Entity::find_by_id(id).one(db).await.expect("a query").expect("a patient").birth_date.to_string()
    })
}

#[test]
fn a_refused_form_of_nobody_keeps_little_and_not_without_end() {
    on_every_engine(|world| {
        let large = "x".repeat(200_000);
        let typed = [("activation_code", "ABCDE-FGHJK"), ("birth_date", "1950-02-03"), ("zip", "06457"), ("phone", large.as_str())];
        let refuse = || world.nobody().submit("/api/sign-up/enter-code?again=/sign-up", &typed);
        assert_eq!(refuse().status, 303);
        let kept = world.wait(form_draft::Entity::find().all(&world.state.connection)).expect("drafts");
        assert!(kept[0].entries.len() < 16 * 1024 && !kept[0].entries.contains("06457"), "{} bytes, sealed", kept[0].entries.len());
        let full = attempt::ActiveModel { count: Set(200), ..Default::default() };
        world.wait(attempt::Entity::update_many().set(full).exec(&world.state.connection)).expect("many forms");
        assert_eq!(refuse().status, 429);
        assert_eq!(world.wait(form_draft::Entity::find().all(&world.state.connection)).expect("drafts").len(), kept.len());
    });
}
