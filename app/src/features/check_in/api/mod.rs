//! Checking in, arriving, and what the office does with it.

mod patient;
mod staff;

pub use patient::*;
pub use staff::*;
