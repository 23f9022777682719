//! Keeping calendars, answering requests for visits, and booking for patients.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

mod calendar;
mod requests;
mod settings;
mod visits;

pub use calendar::*;
pub use requests::*;
pub use settings::*;
pub use visits::*;
