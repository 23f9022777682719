//! Pages of visits that are booked, asked for, and waited for.

mod by_video;
mod cancel;
mod day;
mod hold;
mod kinds;
mod link;
mod next;
mod next_times;
mod offer;
mod request;
mod times;
mod tracker;
mod visit;
mod whole;
mod wishes;
mod words;

pub use cancel::cancel;
pub use day::day;
pub use hold::{hold, review};
pub use kinds::kinds;
pub use link::link;
pub use offer::offer;
pub use request::ask;
pub use times::times;
pub use tracker::tracker;
pub use visit::visit;
pub use wishes::wishes;
