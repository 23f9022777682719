//! Pages of the billing office.

mod account;
mod bill;
mod day;
mod estimate;
mod letter;
mod office;

pub use account::account;
pub use bill::bill;
pub use day::day;
pub use estimate::{of_bill, of_request, of_visit};
pub use letter::letter;
pub use office::office;
