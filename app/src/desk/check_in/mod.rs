//! Checking in before a visit, and saying that one is there: until when, which steps, and what the office sees of it.

pub mod answering;
pub mod arriving;
pub mod entity;
pub mod handing;
pub mod model;
pub mod offices;
pub mod parts;
pub mod problem;
pub mod staff;
mod steps;
pub mod store;
pub mod way_back;
pub mod words;
