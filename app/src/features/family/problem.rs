//! Why something about access to a chart is refused.

use crate::base::why::Why;

pub const ALREADY_ASKED: Why = Why::of("family_why_already_asked");
pub const BIRTH_DATE_WRONG: Why = Why::of("family_why_birth_date_wrong");
pub const FILE_KIND: Why = Why::of("family_why_file_kind");
pub const HAS_ACCESS: Why = Why::of("family_why_has_access");
pub const NOT_A_CHILD: Why = Why::of("family_why_not_a_child");
pub const NOT_YOUR_OWN: Why = Why::of("family_why_not_your_own");
pub const PROXY_UNDER_AGE: Why = Why::of("family_why_proxy_under_age");
