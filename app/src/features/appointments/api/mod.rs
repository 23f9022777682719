//! Booking, asking for, moving, confirming and cancelling visits.

mod booking;
mod change;
mod waiting;

pub use booking::*;
pub use change::*;
pub use waiting::*;

use uuid::Uuid;

use crate::base::error::Error;

/// An id that a form may leave out.
fn optional(id: &str) -> Result<Option<Uuid>, Error> {
    if id.is_empty() { Ok(None) } else { id.parse().map(Some).map_err(|_| Error::NotFound) }
}
