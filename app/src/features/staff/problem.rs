//! Why something that staff do is refused.

use crate::base::why::Why;

pub const NOT_IN_RECORD: Why = Why::of("staff_why_not_in_record");
