//! Why a health card cannot be read.

use crate::base::why::Why;

pub const NO_CODE_IN_PICTURE: Why = Why::of("credentials_why_no_code_in_picture");
pub const PICTURE_LARGE: Why = Why::of("credentials_why_picture_large");
