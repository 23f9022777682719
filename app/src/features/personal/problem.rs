//! Why a change of personal information is refused.

use crate::base::why::Why;

pub const NOT_A_PHONE: Why = Why::of("personal_why_not_a_phone");
pub const NOT_A_POSTAL_CODE: Why = Why::of("personal_why_not_a_postal_code");
