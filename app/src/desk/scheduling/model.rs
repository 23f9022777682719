//! The words of appointments.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// Whose calendar is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// The portal's: times are made of working hours.
    Portal,
    /// Another system's: times come as `Slot`, and what is booked here holds when it comes back.
    Outside,
}

stored_as_text!(Owner { Portal = "portal", Outside = "outside" });

/// Who may book a kind of visit without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    Anyone,
    /// Whoever was seen there within 36 months.
    Seen,
    /// Nobody: the office finds the time.
    Request,
    /// Whoever has an order for it.
    Order,
}

stored_as_text!(Who { Anyone = "anyone", Seen = "seen", Request = "request", Order = "order" });

/// Whoever was seen within so many months is known.
pub const SEEN_MONTHS: u32 = 36;

/// What happened to a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    Booked,
    Moved,
    /// To an earlier time that became free.
    MovedEarlier,
    Confirmed,
    Cancelled,
    /// The person is there.
    Arrived,
    /// The office took that back.
    NotArrived,
    /// Everybody is in the video visit.
    Began,
    /// The video visit is over.
    Ended,
    /// The system that keeps the calendar has it.
    Acknowledged,
}

stored_as_text!(Happened {
    Booked = "booked",
    Moved = "moved",
    MovedEarlier = "moved_earlier",
    Confirmed = "confirmed",
    Cancelled = "cancelled",
    Arrived = "arrived",
    NotArrived = "not_arrived",
    Began = "began",
    Ended = "ended",
    Acknowledged = "acknowledged",
});

/// How far a request for a visit is. FHIR: Task.status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestState {
    Requested,
    /// Times are offered.
    Offered,
    Booked,
    Declined,
    Withdrawn,
}

stored_as_text!(RequestState {
    Requested = "requested",
    Offered = "offered",
    Booked = "booked",
    Declined = "declined",
    Withdrawn = "withdrawn",
});

impl RequestState {
    pub fn is_open(self) -> bool {
        matches!(self, RequestState::Requested | RequestState::Offered)
    }
}

/// How soon somebody wants to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HowSoon {
    Soon,
    Weeks,
    Any,
}

stored_as_text!(HowSoon { Soon = "soon", Weeks = "weeks", Any = "any" });

/// What became of an offer. It is open once, and never again after it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferState {
    Open,
    Taken,
    Declined,
    RunOut,
    /// The time, or the visit that it was for, is gone.
    Withdrawn,
}

stored_as_text!(OfferState {
    Open = "open",
    Taken = "taken",
    Declined = "declined",
    RunOut = "run_out",
    Withdrawn = "withdrawn",
});

/// Why time became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Freed {
    Cancelled,
    Moved,
    Hours,
    Unblocked,
}

stored_as_text!(Freed { Cancelled = "cancelled", Moved = "moved", Hours = "hours", Unblocked = "unblocked" });

/// A part of the day, by the clock of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DayPart {
    Morning,
    Afternoon,
    Evening,
}

stored_as_text!(DayPart { Morning = "morning", Afternoon = "afternoon", Evening = "evening" });

impl DayPart {
    /// Of an hour of the day, 0 to 23.
    pub fn of_hour(hour: u32) -> Self {
        match hour {
            0..12 => DayPart::Morning,
            12..17 => DayPart::Afternoon,
            _ => DayPart::Evening,
        }
    }
}

/// When somebody who asks for a visit has time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub from: chrono::NaiveDate,
    pub until: chrono::NaiveDate,
    /// At any time of the day without one.
    pub part: Option<DayPart>,
}
