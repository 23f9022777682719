//! Why something about a phone is refused.

use crate::base::why::Why;

/// An address of a service that is not written to.
pub const SERVICE: Why = Why::of("phone_why_service");
/// Notices are not on in this browser.
pub const NO_NOTICES: Why = Why::of("phone_why_no_notices");
