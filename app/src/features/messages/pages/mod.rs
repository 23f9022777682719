//! The pages of messages.

mod compose;
mod e_visit;
mod inbox;
mod list;
mod staff_thread;
mod start;
mod thread;
pub(super) mod words;

pub use compose::compose;
pub use e_visit::e_visit;
pub use inbox::inbox;
pub use list::list;
pub use staff_thread::staff_thread;
pub use start::{find, start};
pub use thread::thread;
