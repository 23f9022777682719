//! What people ask of staff, the queues in which staff answer, and how the departments answer.

pub mod billing;
pub mod check_in;
pub mod danger;
pub mod office;
pub mod outgoing;
pub mod requests;
pub mod scheduling;
pub mod video;
