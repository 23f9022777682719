//! Why something about an office is not taken.

use crate::base::why::Why;

/// It is no number of days or percent that is taken.
pub const NOT_IN_RANGE: Why = Why::of("offices_why_not_in_range");
pub const NO_PRICE: Why = Why::of("messages_why_no_price");
/// Whoever is away does not answer meanwhile.
pub const COVERS_THEMSELVES: Why = Why::of("offices_why_covers_themselves");
/// The last day is before the first.
pub const ENDS_BEFORE: Why = Why::of("offices_why_ends_before");
