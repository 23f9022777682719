//! The pages of medicines.

mod ask;
mod batch;
mod list;
mod one;
mod queue;
mod staff_proposal;
mod staff_request;
mod tell;
pub(super) mod words;

pub use ask::ask;
pub use batch::batch;
pub use list::list;
pub use one::one;
pub use queue::queue;
pub use staff_proposal::staff_proposal;
pub use staff_request::staff_request;
pub use tell::tell;
