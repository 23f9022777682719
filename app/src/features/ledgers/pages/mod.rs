//! Pages of the billing office.

mod account;
mod bill;
mod day;
mod letter;
mod office;

pub use account::account;
pub use bill::{bill, estimate};
pub use day::day;
pub use letter::letter;
pub use office::office;
