//! What happens without a click: e-mail is sent, people are told that something is new, records are made into files, what is over
//! is deleted, cards of corrected records are taken back, at midnight what is over by age or date is written down, and after an
//! upgrade what is stored is mapped again.
//!
//! Any number of servers on one database may run these: a letter is taken by one sender at a time, a file by one server, every
//! other job is done by the server that has its lease.

pub mod export;
pub mod mail;
pub mod midnight;
pub mod news;
pub mod payments;
pub mod push;
pub mod tidy;
pub mod upgrade;
pub mod visits;

use std::{pin::pin, time::Duration};

use app::{access::as_system, base::error::Error, platform::lease::Lease};
use chrono::TimeDelta;
use tokio::{task::JoinHandle, time::sleep};

use crate::State;

/// How long to wait before looking for letters again.
const MAIL_PAUSE: Duration = Duration::from_secs(5);
/// How long to wait before asking whether a new day has begun.
const MIDNIGHT_PAUSE: Duration = Duration::from_secs(20);
/// How long to wait before looking for files to make again.
const FILE_PAUSE: Duration = Duration::from_secs(3);
/// How long to wait before looking for messages of other processes again.
const LIVE_PAUSE: Duration = Duration::from_secs(3);
/// How long to wait before mapping more after an upgrade.
const UPGRADE_PAUSE: Duration = Duration::from_millis(500);
/// How long to wait before looking for news again.
const NEWS_PAUSE: Duration = Duration::from_secs(60);
/// How long to wait before looking for times that became free again.
const OFFER_PAUSE: Duration = Duration::from_secs(5);
/// How long to wait before asking about payments again.
const PAYMENT_PAUSE: Duration = Duration::from_secs(15);
/// How long to wait before looking for notices again.
const PUSH_PAUSE: Duration = Duration::from_secs(3);
/// How long to wait before looking for what is over again.
const TIDY_PAUSE: Duration = Duration::from_secs(60);
/// A server that says nothing of a job for so long has lost it to the next: so long a job stands still after a crash.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// So often it says that it is still at it.
const RENEW: Duration = Duration::from_secs(30);

/// Starts the jobs; they end with the process.
pub fn start(state: &State) -> Vec<JoinHandle<()>> {
    let mut jobs = vec![
        tokio::spawn(upgrade::all(state.clone(), UPGRADE_PAUSE)),
        tokio::spawn(every(state.clone(), "midnight", MIDNIGHT_PAUSE, midnight::work)),
        tokio::spawn(export::keep_making(state.clone(), FILE_PAUSE)),
        tokio::spawn(crate::live::keep_looking(state.clone(), LIVE_PAUSE)),
        tokio::spawn(every(state.clone(), "news", NEWS_PAUSE, |state| leased(state, "news", NEWS_PAUSE, news::work))),
        tokio::spawn(every(state.clone(), "earlier", OFFER_PAUSE, |state| leased(state, "earlier", OFFER_PAUSE, visits::work_offers))),
        tokio::spawn(every(state.clone(), "reminders", NEWS_PAUSE, |state| leased(state, "reminders", NEWS_PAUSE, visits::work_reminders))),
        tokio::spawn(every(state.clone(), "payments", PAYMENT_PAUSE, |state| leased(state, "payments", PAYMENT_PAUSE, payments::work))),
        tokio::spawn(every(state.clone(), "push", PUSH_PAUSE, push::work)),
        tokio::spawn(every(state.clone(), "tidy", TIDY_PAUSE, |state| leased(state, "tidy", TIDY_PAUSE, tidy::work))),
    ];
    if let Some(sender) = state.mail_sender.clone() {
        jobs.extend(mail::start(state, &sender, MAIL_PAUSE));
    }
    jobs
}

/// Does a job again and again, whatever becomes of one time.
async fn every<F: Future<Output = Result<(), Error>>>(state: State, job: &'static str, pause: Duration, work: impl Fn(State) -> F) {
    loop {
        if let Err(error) = work(state.clone()).await {
            tracing::warn!(%error, job, "a job is tried again");
        }
        sleep(pause).await;
    }
}

/// Does a job unless another server does it or has just done it.
async fn leased<F: Future<Output = Result<(), Error>>>(
    state: State,
    job: &'static str,
    pause: Duration,
    work: impl FnOnce(State) -> F,
) -> Result<(), Error> {
    // A little less than the pause: the same server comes again after it.
    let pause = TimeDelta::from_std(pause / 2).unwrap_or(TimeDelta::zero());
    alone(&state, job, pause, work(state.clone())).await?;
    Ok(())
}

/// Does some work unless another server does it; `None` then, and while the pause after the last time is not over.
///
/// # Errors
/// When the database or the work fails.
pub async fn alone<T>(
    state: &State,
    job: &'static str,
    pause: TimeDelta,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<Option<T>, Error> {
    let system = as_system(&state.db, job);
    let Some(mut lease) = Lease::take(system.db(), job, LEASE).await? else { return Ok(None) };
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            () = sleep(RENEW) => {
                // What cannot be said now is said the next time.
                if let Err(error) = lease.renew(system.db(), LEASE).await {
                    tracing::warn!(kind = ?error.sql_err(), job, "a lease could not be renewed");
                }
            }
        }
    };
    lease.end(system.db(), pause).await?;
    done.map(Some)
}
