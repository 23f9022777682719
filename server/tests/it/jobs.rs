//! What happens without a click happens on one server at a time.

use app::{
    base::error::Error,
    features::account::sign_up::entity::sign_up,
    platform::{entity::attempt, lease::Lease},
};
use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, EntityTrait};
use server::jobs::{alone, tidy};

use crate::{
    family::invite,
    world::{on_every_database, on_every_engine, wait},
};

#[test]
fn a_job_is_one_servers_until_it_gives_it_back_and_its_pause_is_over() {
    on_every_engine(|world| {
        let (one, other) = world.wait(async {
            let work = || async {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                Ok::<_, Error>(())
            };
            let (state, second) = (world.state.clone(), world.state.clone());
            let first = tokio::spawn(async move { alone(&state, "test", TimeDelta::minutes(1), work()).await });
            let second = tokio::spawn(async move { alone(&second, "test", TimeDelta::minutes(1), work()).await });
            (first.await.expect("no panic"), second.await.expect("no panic"))
        });
        assert_eq!([one, other].into_iter().filter(|done| matches!(done, Ok(Some(())))).count(), 1);
        let again = world.wait(alone(&world.state, "test", TimeDelta::zero(), async { Ok::<_, Error>(()) }));
        assert!(matches!(again, Ok(None)), "the pause is not over");
    });
}

#[test]
fn a_job_whose_server_stopped_is_taken_by_the_next_and_not_given_back_by_the_first() {
    on_every_database(|system| {
        let take = |life: TimeDelta| wait(Lease::take(system.db(), "test", life)).expect("a query");
        let first = take(TimeDelta::milliseconds(50)).expect("free");
        assert!(take(TimeDelta::minutes(1)).is_none());
        std::thread::sleep(std::time::Duration::from_millis(100));
        let second = take(TimeDelta::minutes(1)).expect("over");
        wait(first.end(system.db(), TimeDelta::zero())).expect("ended");
        assert!(take(TimeDelta::minutes(1)).is_none(), "it is the second one's");
        wait(second.end(system.db(), TimeDelta::zero())).expect("ended");
        assert!(take(TimeDelta::minutes(1)).is_some());
    });
}

#[test]
fn tries_and_sign_ups_that_are_over_are_forgotten_and_the_others_stay() {
    on_every_engine(|world| {
        let token = invite(world, &world.sign_in("sofia"), &world.patient("Sofia").to_string(), "all");
        let begin = [("token", token.as_str()), ("name", "Ana Cruz"), ("birth_date", "1975-04-05")];
        assert_eq!(world.nobody().call("sign-up/begin-as-invited", &begin).status, 200);
        let db = &world.state.connection;
        let left = || {
            world.wait(tidy::once(&world.state)).expect("tidied");
            let tries = world.wait(attempt::Entity::find().all(db)).expect("a query").len();
            (tries > 0, world.wait(sign_up::Entity::find().all(db)).expect("a query").len())
        };
        assert_eq!(left(), (true, 1), "both are still needed");
        let quarter = attempt::ActiveModel { window_started_at: Set(Utc::now() - TimeDelta::minutes(16)), ..Default::default() };
        world.wait(attempt::Entity::update_many().set(quarter).exec(db)).expect("aged");
        assert_eq!(left(), (false, 1), "a lock is over after a quarter of an hour");
        let hours = sign_up::ActiveModel { created_at: Set(Utc::now() - TimeDelta::hours(3)), ..Default::default() };
        world.wait(sign_up::Entity::update_many().set(hours).exec(db)).expect("aged");
        assert_eq!(left(), (false, 0));
    });
}

#[test]
fn a_job_that_takes_long_stays_its_servers_and_one_that_died_is_taken_over() {
    on_every_database(|system| {
        let life = TimeDelta::milliseconds(400);
        let mut lease = wait(Lease::take(system.db(), "long", life)).expect("a query").expect("it is free");
        for _ in 0..4 {
            std::thread::sleep(std::time::Duration::from_millis(200));
            assert!(wait(lease.renew(system.db(), life)).expect("a query"));
            assert!(wait(Lease::take(system.db(), "long", life)).expect("a query").is_none());
        }
        // Nothing is heard of it any more.
        std::thread::sleep(std::time::Duration::from_millis(500));
        assert!(wait(Lease::take(system.db(), "long", life)).expect("a query").is_some());
        assert!(!wait(lease.renew(system.db(), life)).expect("a query"), "it is another one's");
    });
}
