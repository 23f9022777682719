//! What pages of visits by video post. What their script says goes through the server's own routes.

mod patient;
mod staff;

pub use patient::*;
pub use staff::*;
