//! The page of an office.

mod office;

pub use office::office;
