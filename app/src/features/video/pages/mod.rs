//! Pages of visits by video: the patient's side, guests, and the office.

mod chat;
mod day;
mod guest;
mod guests;
mod lobby;
mod of_visit;
mod office;
mod words;

pub use chat::chat;
pub use day::day;
pub use guest::guest;
pub use guests::{of_patient as guests, of_staff as staff_guests};
pub use lobby::lobby;
pub use of_visit::of_visit;
pub use office::office;
