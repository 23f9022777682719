//! Words and rules of messages: pure, no database, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::{ids::PatientId, stored::stored_as_text};

/// Letters of a message.
pub const MOST: usize = 4000;
/// Letters of a subject.
pub const SUBJECT: usize = 200;
/// Files of a message.
pub const FILES: usize = 5;
/// Bytes of a file.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;
/// A thread takes answers for so many days after its last message.
pub const OPEN_DAYS: i64 = 45;
/// What was not read is counted for so many days: later it stands in the list of threads alone.
pub const UNREAD_DAYS: i64 = 365;
/// Clinicians are offered who were seen within so many days: 36 months.
pub const SEEN_DAYS: i64 = 3 * 365 + 1;

/// What a thread is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A medical question that is not urgent.
    Question,
    Medication,
    Result,
    /// After a visit.
    FollowUp,
    /// A referral or a form.
    Form,
    Appointment,
    Other,
}

stored_as_text!(Topic {
    Question = "question",
    Medication = "medication",
    Result = "result",
    FollowUp = "follow_up",
    Form = "form",
    Appointment = "appointment",
    Other = "other",
});

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Patient,
    /// Somebody who acts for the patient.
    Proxy,
    Staff,
}

stored_as_text!(Side { Patient = "patient", Proxy = "proxy", Staff = "staff" });

impl Side {
    pub fn is_staff(self) -> bool {
        self == Side::Staff
    }

    /// Of the patient, or of whoever acts for them.
    pub fn is_patients(self) -> bool {
        !self.is_staff()
    }
}

/// What became of a file that somebody added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is on its way, or its way was cut.
    Arriving,
    /// It goes with the message.
    Ready,
    /// The scanner did not answer: it is kept, and scanned again when the message is sent.
    NotScanned,
    /// The message has as many files as one may have.
    TooMany,
    TooLarge,
    Empty,
    /// The message has the same file already.
    Twice,
    /// It is of no kind that is taken, whatever its name says.
    Kind,
    /// The scanner found something in it.
    Infected,
}

stored_as_text!(FileState {
    Arriving = "arriving",
    Ready = "ready",
    NotScanned = "not_scanned",
    TooMany = "too_many",
    TooLarge = "too_large",
    Empty = "empty",
    Twice = "twice",
    Kind = "kind",
    Infected = "infected",
});

impl FileState {
    /// Whether it is kept with the message that is being written.
    pub fn is_kept(self) -> bool {
        matches!(self, FileState::Ready | FileState::NotScanned)
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadState {
    /// The office is asked.
    Waiting,
    /// The last word is the office's.
    Answered,
    /// The office says that it needs no answer; the patient's side may go on all the same.
    NoAnswerNeeded,
    /// The office closed it: it takes no more answers.
    Closed,
}

stored_as_text!(ThreadState { Waiting = "waiting", Answered = "answered", NoAnswerNeeded = "no_answer_needed", Closed = "closed" });

/// The levels that read a thread.
#[cfg(feature = "ssr")]
pub fn opens(sensitive: bool) -> impl Fn(crate::access::Level) -> bool {
    move |level| level.reads_messages() && (!sensitive || level.sees_sensitive())
}

/// Where a draft belongs: to a patient, and to a thread or a new one.
#[derive(Clone, Copy)]
pub struct Place {
    pub patient: PatientId,
    /// Nil for a new thread.
    pub thread: Uuid,
}

/// Why a thread takes no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The office closed it.
    Closed,
    /// Its last message is too old.
    TooOld,
}

/// Whether a thread takes an answer of the patient's side.
///
/// # Errors
/// Why it does not.
pub fn may_answer(state: ThreadState, last_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), NoAnswer> {
    match state {
        ThreadState::Closed => Err(NoAnswer::Closed),
        _ if now - last_at > TimeDelta::days(OPEN_DAYS) => Err(NoAnswer::TooOld),
        _ => Ok(()),
    }
}

/// Whether the patient's side may ask the office to look at it: the answer is overdue, and that was not asked for within a day.
pub fn may_urge(state: ThreadState, due_at: Option<DateTime<Utc>>, urged_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let asked = urged_at.is_some_and(|at| now - at < TimeDelta::days(1));
    state == ThreadState::Waiting && due_at.is_some_and(|due| due < now) && !asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn what_is_overdue_may_be_urged_once_a_day() {
        let (due, now) = (at("2026-11-19T22:00:00Z"), at("2026-11-20T12:00:00Z"));
        let may = |state, due, urged| may_urge(state, due, urged, now);
        assert!(may(ThreadState::Waiting, Some(due), None));
        assert!(may(ThreadState::Waiting, Some(due), Some(now - TimeDelta::days(1))));
        assert!(!may(ThreadState::Waiting, Some(due), Some(now - TimeDelta::hours(23))));
        assert!(!may(ThreadState::Waiting, Some(now), None), "not yet");
        assert!(!may(ThreadState::Answered, Some(due), None) && !may(ThreadState::Waiting, None, None));
    }

    #[test]
    fn a_thread_takes_answers_until_it_is_closed_or_old() {
        let last = at("2026-11-01T12:00:00Z");
        assert_eq!(may_answer(ThreadState::Answered, last, last + TimeDelta::days(45)), Ok(()));
        assert_eq!(may_answer(ThreadState::Waiting, last, last + TimeDelta::days(45) + TimeDelta::seconds(1)), Err(NoAnswer::TooOld));
        assert_eq!(may_answer(ThreadState::Closed, last, last), Err(NoAnswer::Closed));
    }
}
