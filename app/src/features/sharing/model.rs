//! The states of a file, and how long codes, links and files last.

use chrono::TimeDelta;

use crate::base::stored::stored_as_text;

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Working,
    Ready,
    Failed,
}

stored_as_text!(State { Waiting = "waiting", Working = "working", Ready = "ready", Failed = "failed" });

/// Somebody who was given a code types wrong things so often, then the code is void.
pub const MOST_TRIES: i32 = 5;
/// Whoever opened a record reads it for so long at most.
pub const READING: TimeDelta = TimeDelta::minutes(60);
/// For how many minutes a share code can be used.
pub const CODE_MINUTES: [i64; 2] = [15, 60];
/// For how many days a link can be used.
pub const LINK_DAYS: [i64; 3] = [1, 7, 30];
