//! What happens without a click: e-mail is sent, people are told that something is new, records are made into files, what is kept for minutes only is
//! deleted, cards of corrected records are taken back, and at midnight what is over by age or date is written down.
//!
//! Any number of servers on one database may run these: a letter is taken by one sender at a time, a file by one server, a night is done once.

pub mod mail;
pub mod midnight;
pub mod news;
pub mod take_along;
pub mod tidy;

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::State;

/// How long to wait before looking for letters again.
const MAIL_PAUSE: Duration = Duration::from_secs(5);
/// How long to wait before asking whether a new day has begun.
const MIDNIGHT_PAUSE: Duration = Duration::from_secs(20);
/// How long to wait before looking for files to make again.
const FILE_PAUSE: Duration = Duration::from_secs(3);
/// How long to wait before looking for news again.
const NEWS_PAUSE: Duration = Duration::from_secs(60);

/// How long to wait before looking for what is over again.
const TIDY_PAUSE: Duration = Duration::from_secs(60);

/// Starts the jobs; they end with the process.
pub fn start(state: &State) -> Vec<JoinHandle<()>> {
    let mut jobs = vec![
        tokio::spawn(midnight::keep_doing(state.clone(), MIDNIGHT_PAUSE)),
        tokio::spawn(take_along::keep_making(state.clone(), FILE_PAUSE)),
        tokio::spawn(news::keep_telling(state.clone(), NEWS_PAUSE)),
        tokio::spawn(tidy::keep_tidying(state.clone(), TIDY_PAUSE)),
    ];
    if let Some(sender) = state.mail_sender.clone() {
        jobs.extend(mail::start(state, &sender, MAIL_PAUSE));
    }
    jobs
}
