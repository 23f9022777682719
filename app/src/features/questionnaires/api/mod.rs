//! Answering questionnaires, asking for them, and taking on what must be heard at once.

// Each field of a form is an argument.
#![allow(clippy::too_many_arguments)]

mod patient;
mod staff;

pub use patient::*;
pub use staff::*;
