//! The pages of staff.

mod access;
mod account;
mod code;
mod join;
mod patient;
mod patients;
mod words;

pub use code::code;
pub use join::join;
pub use patient::patient;
pub use patients::patients;
