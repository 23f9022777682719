//! The tables of bills and payments.

mod bills;
mod estimates;
mod guests;
mod payments;

pub use bills::*;
pub use estimates::*;
pub use guests::*;
pub use payments::*;
