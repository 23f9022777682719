//! Answering questionnaires, asking for them, and taking on what must be heard at once.

mod patient;
mod staff;

pub use patient::*;
pub use staff::*;
