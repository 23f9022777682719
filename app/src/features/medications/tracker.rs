//! How far a request is: what people here did, and what pharmacies and the hospital's system told.

use chrono::{DateTime, Utc};

use super::{entity::refill_request, model::RequestState};

/// The steps of a request, each with its time; what did not happen has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    pub requested: Option<DateTime<Utc>>,
    pub seen: Option<DateTime<Utc>>,
    /// Approved, declined, or a visit is needed: as the state says.
    pub decided: Option<DateTime<Utc>>,
    /// The prescription is with the pharmacy.
    pub sent: Option<DateTime<Utc>>,
    pub ready: Option<DateTime<Utc>>,
    /// The patient has it.
    pub done: Option<DateTime<Utc>>,
    pub withdrawn: Option<DateTime<Utc>>,
}

impl Steps {
    pub fn of(request: &refill_request::Model) -> Self {
        Self {
            requested: request.requested_at,
            seen: request.seen_at,
            decided: request.decided_at,
            sent: request.sent_at.or(request.told_sent_at),
            ready: request.ready_at.or(request.told_ready_at),
            done: request.done_at.or(request.told_done_at),
            withdrawn: request.withdrawn_at,
        }
    }
}

/// Whether the office is late.
pub fn is_overdue(request: &refill_request::Model, now: DateTime<Utc>) -> bool {
    request.state == RequestState::Requested && request.due_at.is_some_and(|due| due < now)
}
