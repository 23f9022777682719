//! The pages of results and vital signs.

mod list;
mod one;
mod timing;
mod trend;
mod vitals;

pub use list::list;
pub use one::one;
pub use timing::timing;
pub use trend::trend;
pub use vitals::vitals;
