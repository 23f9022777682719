//! How a child grows, among children of the same age and sex.

mod reference;
pub(crate) mod screens;
