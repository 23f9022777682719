//! The pages of health cards.

mod list;
mod one;
mod verify;

pub use list::list;
pub use one::{file, is_there, kept, one};
pub use verify::verify;
