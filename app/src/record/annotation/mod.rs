//! What stands beside the words of a record: additions of staff, disagreement of the patient.

#[cfg(feature = "ssr")]
pub mod disagreement;
#[cfg(feature = "ssr")]
pub mod entity;
pub mod model;
