//! The pages of requests: one's own, the queues of staff, and asking for help.

mod choice;
mod help;
mod one;
mod own;
mod queue;

pub use help::{ask, asked};
pub use one::one;
pub use own::own;
pub use queue::queue;
