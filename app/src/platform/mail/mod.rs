//! E-mail: written into the database in the transaction of what it tells of, sent later by a job.
//!
//! An e-mail never says anything about health: no name of a test, a medicine, a clinician or a department.

pub mod model;

#[cfg(feature = "ssr")]
pub mod entity;
#[cfg(feature = "ssr")]
pub mod letter;
#[cfg(feature = "ssr")]
pub mod store;
