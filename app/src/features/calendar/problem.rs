//! Why a calendar is refused.

use crate::base::why::Why;

/// Nobody's visits were chosen.
pub const NOBODY: Why = Why::of("calendar_why_nobody");
