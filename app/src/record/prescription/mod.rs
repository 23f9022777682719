//! What was prescribed, how long it lasts, and what pharmacies gave of it.

pub mod entity;
pub mod import;
pub mod model;
pub mod supply;
