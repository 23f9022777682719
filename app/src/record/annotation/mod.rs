//! What stands beside the words of a record: additions of staff, disagreement of the patient.

#[cfg(feature = "ssr")]
pub mod disagreement;
#[cfg(feature = "ssr")]
pub mod entity;
pub mod model;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
mod store;

#[cfg(feature = "ssr")]
pub use parts::{additions, correction_link};
#[cfg(feature = "ssr")]
pub use store::{Added, NewAnnotation, add, added, added_of, of_chart};
