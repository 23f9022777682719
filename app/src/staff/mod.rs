//! What staff need to help somebody: finding the patient and seeing who has access.

pub mod api;
mod patients_page;
#[cfg(feature = "ssr")]
mod store;
pub mod wire;

pub use patients_page::PatientsPage;
