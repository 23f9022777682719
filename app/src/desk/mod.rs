//! What people ask of staff, and the queues in which staff answer.

pub mod requests;
