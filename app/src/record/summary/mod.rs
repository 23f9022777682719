//! What After Visit Summaries are made of, and the head that summaries and notes of a visit share.

#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod head;
#[cfg(feature = "ssr")]
pub mod import;
pub mod model;
mod visit_heading;
pub mod wire;

pub use visit_heading::{VisitHeading, patient_and_visit, visit_in_address};
