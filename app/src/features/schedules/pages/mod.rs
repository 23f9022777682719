//! Pages of the staff who keep calendars.

mod book;
mod calendar;
mod day;
mod earlier;
mod hours;
mod kinds;
mod request;
mod requests;
mod visit;

pub use book::book;
pub use calendar::calendar;
pub use earlier::earlier;
pub use hours::hours;
pub use kinds::{department, kind, kinds};
pub use request::request;
pub use requests::requests;
pub use visit::visit;
