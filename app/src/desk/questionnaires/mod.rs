//! Questionnaires: what departments ask, what people answered, and what the care team hears of at once.

pub mod alert_list;
pub mod alerts;
pub mod answering;
pub mod asked;
pub mod entity;
pub mod files;
pub mod heard;
pub mod known;
pub mod model;
pub mod problem;
pub mod reopening;
pub mod staff;
pub mod store;
