//! The pages of sharing and export.

mod entries;
mod export;
mod list;
mod new;
mod one;
mod sections;
mod shared;

pub use export::export;
pub use list::list;
pub use new::{new_code, new_link};
pub use one::one;
pub use shared::{enter, record};
