//! Why something to be shared is refused.

use crate::base::why::Why;

pub const BIRTH_DATE_INCOMPLETE: Why = Why::of("account_why_birth_date_incomplete");
pub const CODE_OVER: Why = Why::of("share_why_code_over");
pub const NOT_OFFERED: Why = Why::of("share_why_not_offered");
pub const NOT_THE_SAME: Why = Why::of("share_why_not_the_same");
pub const PASSCODE_SHAPE: Why = Why::of("share_why_passcode_shape");
pub const PASSWORD_SHORT: Why = Why::of("share_why_password_short");
pub const TOO_MANY: Why = Why::of("share_why_too_many");
