//! Test results and vital signs: lists, values in their range, trends.

pub mod entity;
pub mod model;
pub mod screens;
pub(crate) mod store;
