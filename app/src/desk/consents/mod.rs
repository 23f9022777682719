//! Documents that departments ask people to sign, and what became of them.

pub mod asked;
pub mod entity;
pub mod outgoing;
pub mod problem;
pub mod signing;
pub mod staff;
