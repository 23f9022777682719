//! The rules of visits by video. They know neither database nor clock.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    base::{error::Error, stored::stored_as_text},
    record::visit::model::Status,
};

/// More people would have to send more pictures than a telephone can: each sends to each.
pub const MOST_PEOPLE: usize = 4;
/// As many guests can be invited beside patient and clinician.
pub const MOST_GUESTS: usize = 2;
/// Somebody may still come so long after the end of a visit that has not begun.
pub const GRACE: TimeDelta = TimeDelta::minutes(40);
/// A visit that has begun and that nobody ended is over so long after its planned end.
pub const LONGEST: TimeDelta = TimeDelta::hours(4);
/// Whose page was not heard of for so long has lost the connection.
pub const AWAY: TimeDelta = TimeDelta::seconds(6);
/// Their place is kept for so long.
pub const PLACE_KEPT: TimeDelta = TimeDelta::minutes(2);
/// What a visit takes, where nobody says it.
const USUAL: TimeDelta = TimeDelta::minutes(20);

/// What somebody is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Patient,
    /// Somebody who acts for the patient.
    Proxy,
    Clinician,
    Guest,
}

stored_as_text!(Role { Patient = "patient", Proxy = "proxy", Clinician = "clinician", Guest = "guest" });

impl Role {
    pub fn is_patients_side(self) -> bool {
        matches!(self, Role::Patient | Role::Proxy)
    }
}

/// Where a visit by video is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    Portal,
    /// By the link that came with the appointment.
    Outside(String),
    /// Nobody says it here: the department does.
    Unknown,
}

/// What the rules look at of a visit.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub status: Status,
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    /// Somebody ended the room.
    pub ended: bool,
}

/// Whether somebody may come in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// From then on.
    Early(DateTime<Utc>),
    Open,
    /// Its time is over.
    Late,
    Ended,
    /// It is called off, or was never booked.
    Off,
}

pub fn gate(facts: &Facts, opens_minutes: i32, now: DateTime<Utc>) -> Gate {
    let (Some(starts_at), false) = (facts.starts_at, facts.ended) else {
        return if facts.ended { Gate::Ended } else { Gate::Off };
    };
    let ends_at = facts.ends_at.unwrap_or(starts_at + USUAL).max(starts_at);
    let opens = starts_at - TimeDelta::minutes(opens_minutes.into());
    match facts.status {
        Status::Cancelled | Status::Requested | Status::NoShow => Gate::Off,
        Status::Finished => Gate::Ended,
        Status::InProgress if now < ends_at + LONGEST => Gate::Open,
        Status::Booked | Status::Arrived if now < opens => Gate::Early(opens),
        Status::Booked | Status::Arrived if now < ends_at + GRACE => Gate::Open,
        Status::Booked | Status::Arrived | Status::InProgress => Gate::Late,
    }
}

/// How many minutes people were there, to the nearest one.
pub fn minutes(from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
    ((until - from).num_seconds() + 30).div_euclid(60).max(1)
}

/// Why a browser is not let in, or is sent away.
#[derive(Debug)]
pub enum Refused {
    Early,
    Late,
    Ended,
    /// Four are there.
    Full,
    NotAllowed,
    /// The same person came in on another device since.
    Elsewhere,
    /// What was sent cannot be taken.
    Unfit,
    Failed(Error),
}

impl Refused {
    /// As the browser's module knows it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Refused::Early => "early",
            Refused::Late => "late",
            Refused::Ended => "ended",
            Refused::Full => "full",
            Refused::NotAllowed => "not_allowed",
            Refused::Elsewhere => "elsewhere",
            Refused::Unfit | Refused::Failed(_) => "other",
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error {
            Error::SignInNeeded | Error::NotAllowed | Error::NotFound | Error::AccessEnded(_) => Refused::NotAllowed,
            Error::Invalid(_) => Refused::Unfit,
            error => Refused::Failed(error),
        }
    }
}

impl From<sea_orm::DbErr> for Refused {
    fn from(error: sea_orm::DbErr) -> Self {
        Refused::Failed(error.into())
    }
}

impl From<Gate> for Result<(), Refused> {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::Open => Ok(()),
            Gate::Early(_) => Err(Refused::Early),
            Gate::Late => Err(Refused::Late),
            Gate::Ended => Err(Refused::Ended),
            Gate::Off => Err(Refused::NotAllowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    fn facts(status: Status) -> Facts {
        Facts { status, starts_at: Some(at(0)), ends_at: Some(at(30)), ended: false }
    }

    #[test]
    fn a_room_opens_some_minutes_before_and_closes_some_after() {
        for status in [Status::Booked, Status::Arrived] {
            let gate = |minutes| gate(&facts(status), 15, at(minutes));
            assert_eq!(gate(-16), Gate::Early(at(-15)));
            assert_eq!(gate(-15), Gate::Open);
            assert_eq!(gate(69), Gate::Open);
            assert_eq!(gate(70), Gate::Late);
        }
    }

    #[test]
    fn a_visit_that_goes_on_stays_open_and_one_that_is_over_does_not_open_again() {
        assert_eq!(gate(&facts(Status::InProgress), 15, at(120)), Gate::Open);
        assert_eq!(gate(&facts(Status::InProgress), 15, at(30 + 240)), Gate::Late);
        assert_eq!(gate(&facts(Status::Finished), 15, at(0)), Gate::Ended);
        assert_eq!(gate(&Facts { ended: true, ..facts(Status::InProgress) }, 15, at(0)), Gate::Ended);
        for status in [Status::Cancelled, Status::Requested, Status::NoShow] {
            assert_eq!(gate(&facts(status), 15, at(0)), Gate::Off, "{status:?}");
        }
    }

    #[test]
    fn a_visit_without_an_end_has_the_usual_length() {
        let facts = Facts { ends_at: None, ..facts(Status::Booked) };
        assert_eq!(gate(&facts, 15, at(59)), Gate::Open);
        assert_eq!(gate(&facts, 15, at(60)), Gate::Late);
    }
}
