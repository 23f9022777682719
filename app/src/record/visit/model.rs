//! The words of visits and their rules.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// Where a visit stands. FHIR: Appointment.status and Encounter.status, brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Asked for; nobody has booked it yet.
    Requested,
    Booked,
    Arrived,
    InProgress,
    Finished,
    Cancelled,
    NoShow,
}

stored_as_text!(Status {
    Requested = "requested",
    Booked = "booked",
    Arrived = "arrived",
    InProgress = "in_progress",
    Finished = "finished",
    Cancelled = "cancelled",
    NoShow = "no_show",
});

/// How patient and clinician meet. FHIR: Encounter.class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Office,
    Video,
    Phone,
    Emergency,
    Inpatient,
    Home,
}

stored_as_text!(Kind {
    Office = "office",
    Video = "video",
    Phone = "phone",
    Emergency = "emergency",
    Inpatient = "inpatient",
    Home = "home",
});

/// Whether a visit stands under "Upcoming": it is still to come or not over. One that was called off stands there, marked, until its
/// time: whoever looks for it finds it where it was. A request without a date is upcoming until somebody answers it.
pub fn is_upcoming(status: Status, starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    match status {
        Status::Finished | Status::NoShow => false,
        Status::Requested if starts_at.is_none() => true,
        Status::Requested | Status::Booked | Status::Arrived | Status::InProgress | Status::Cancelled => {
            ends_at.or(starts_at).is_some_and(|end| end >= now)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_visit_is_upcoming_until_it_is_over() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let (start, end) = (Some(now - TimeDelta::minutes(10)), Some(now + TimeDelta::minutes(20)));
        assert!(is_upcoming(Status::Booked, start, end, now));
        assert!(!is_upcoming(Status::Booked, start, None, now));
        assert!(is_upcoming(Status::InProgress, start, end, now));
    }

    #[test]
    fn what_was_done_or_missed_is_past_whatever_its_date() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let start = Some(now + TimeDelta::days(3));
        for status in [Status::NoShow, Status::Finished] {
            assert!(!is_upcoming(status, start, None, now), "{status:?}");
        }
    }

    #[test]
    fn what_was_called_off_stands_where_it_was_until_its_time() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        assert!(is_upcoming(Status::Cancelled, Some(now + TimeDelta::days(3)), None, now));
        assert!(!is_upcoming(Status::Cancelled, Some(now - TimeDelta::days(3)), None, now));
        assert!(!is_upcoming(Status::Cancelled, None, None, now));
    }

    #[test]
    fn a_request_without_a_date_waits_under_upcoming() {
        assert!(is_upcoming(Status::Requested, None, None, DateTime::UNIX_EPOCH));
        assert!(!is_upcoming(Status::Booked, None, None, DateTime::UNIX_EPOCH));
    }
}
