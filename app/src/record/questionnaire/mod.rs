//! Questionnaires of FHIR R4: what is asked, what was answered, and what follows from it. Pure rules: no database, clock or network.
//! What comes in was written elsewhere: nothing here panics, and everything has a limit.

pub mod answers;
pub mod calculation;
pub mod check;
mod extension;
pub mod form;
pub mod line;
pub mod prefill;
mod read;
pub mod response;
pub mod scalar;
pub mod score;
pub mod total;
mod tree;
pub mod typed;
pub mod value;
pub mod when;

pub use answers::Answers;
pub use form::Form;
