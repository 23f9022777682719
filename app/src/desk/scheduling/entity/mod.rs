//! Appointments. Columns only: entities never leave the server.

mod calendar;
mod history;
mod waiting;

pub use calendar::{blocked_time, open_slot, scheduling_office, visit_kind, visit_kind_clinician, working_hours};
pub use history::{booking_event, visit_hold};
pub use waiting::{fast_pass_entry, opening, visit_offer, visit_request};

pub use crate::record::visit::entity::booking;
