//! What happens without a click happens on one server at a time.

use app::{base::error::Error, platform::lease::Lease};
use chrono::TimeDelta;
use server::jobs::alone;

use crate::world::{on_every_database, on_every_engine, wait};

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
