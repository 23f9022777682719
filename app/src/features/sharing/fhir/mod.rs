//! The record as a FHIR R4 document, as far as the data allow an International Patient Summary.
//! Source: HL7 IPS Implementation Guide 2.0.0; FHIR R4, documents.

mod document;
mod narrative;
mod resources;

pub use document::document;
pub use narrative::narrative;
