//! Why checking in or arriving is refused.

use crate::base::why::Why;

/// It is not open: too early, over, called off, or the person is there already.
pub const NOT_OPEN: Why = Why::of("check_in_why_not_open");
/// No number that is allowed here.
pub const NOT_IN_RANGE: Why = Why::of("check_in_why_not_in_range");
/// Somebody wrote what is different, and did not choose how it is taken.
pub const CHOOSE: Why = Why::of("check_in_why_choose");
/// The record has other medicines, or allergies, than were asked about.
pub const OTHER_LIST: Why = Why::of("check_in_why_other_list");
/// What the record has cannot be taken out here.
pub const NOT_EMPTIED: Why = Why::of("check_in_why_not_emptied");
/// The visit was moved, called off, or somebody else was first.
pub const CHANGED: Why = Why::of("check_in_why_changed");
/// The department asks to be paid before the visit.
pub const PAY_FIRST: Why = Why::of("check_in_why_pay_first");
