//! What people do here, for the hospital's own system: each act is written down with it, and goes out as FHIR R4 in the order of
//! its numbers.

pub mod entity;
pub mod model;
pub mod resource;
pub mod store;
