//! The record, taken along or shown to somebody else: by sections, as pages, as FHIR.

pub mod api;
mod chapters;
pub mod entity;
mod fhir;
pub mod jwe;
pub mod links;
pub mod model;
pub mod screens;
pub mod shares;
pub mod take_along;

pub use chapters::{Chapter, gather};
pub use fhir::{document, narrative};
