//! Test results and vital signs: lists, values in their range, trends.

pub mod api;
mod beside;
pub mod screens;
pub(crate) mod store;
mod trend;
mod words;
