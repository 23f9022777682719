//! The health summary: what the hospital knows about a person, each kind on its own page, a printable whole, a card for
//! emergencies.

pub mod screens;
pub(crate) mod store;
pub(crate) mod words;
