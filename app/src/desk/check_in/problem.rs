//! Why checking in or arriving is refused.

use crate::base::why::Why;

/// It is not open: too early, over, called off, or the person is there already.
pub const NOT_OPEN: Why = Why::of("check_in_why_not_open");
/// No number that is allowed here.
pub const NOT_IN_RANGE: Why = Why::of("check_in_why_not_in_range");
/// The visit was moved, called off, or somebody else was first.
pub const CHANGED: Why = Why::of("check_in_why_changed");
