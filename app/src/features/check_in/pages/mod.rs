//! Pages of checking in: the patient's side, the door, and the office.

mod arrive;
mod day;
mod door;
mod of_visit;
mod office;
mod overview;
mod parts;
mod step;
mod words;

pub use arrive::arrive;
pub use day::day;
pub use door::door;
pub use of_visit::of_visit;
pub use office::office;
pub use overview::overview;
pub use step::step;
