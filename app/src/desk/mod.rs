//! What people ask of staff, the queues in which staff answer, and how the departments answer.

pub mod billing;
pub mod check_in;
pub mod consents;
pub mod danger;
pub mod office;
pub mod outgoing;
pub mod questionnaires;
pub mod requests;
pub mod scheduling;
pub mod video;
