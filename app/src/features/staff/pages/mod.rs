//! The pages of staff.

mod access;
mod account;
mod code;
mod patient;
mod patients;
mod words;

pub use code::code;
pub use patient::patient;
pub use patients::patients;
