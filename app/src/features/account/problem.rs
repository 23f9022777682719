//! Why something about the own account is refused.

use crate::base::why::Why;

pub const ANSWER_SHORT: Why = Why::of("account_why_answer_short");
pub const ANSWER_WRONG: Why = Why::of("account_why_answer_wrong");
pub const BIRTH_DATE_INCOMPLETE: Why = Why::of("account_why_birth_date_incomplete");
pub const CODE_EXPIRED: Why = Why::of("account_why_code_expired");
pub const CODE_UNKNOWN: Why = Why::of("account_why_code_unknown");
pub const CODE_USED: Why = Why::of("account_why_code_used");
pub const CODE_VOID: Why = Why::of("account_why_code_void");
pub const CODE_WRONG: Why = Why::of("account_why_code_wrong");
pub const HAS_ACCOUNT: Why = Why::of("account_why_has_account");
pub const NO_ACCOUNT: Why = Why::of("account_why_no_account");
pub const NO_CONTACT: Why = Why::of("account_why_no_contact");
pub const PASSWORDS_DIFFER: Why = Why::of("account_why_passwords_differ");
pub const PASSWORD_WRONG: Why = Why::of("account_why_password_wrong");
pub const USERNAME_SHAPE: Why = Why::of("account_why_username_shape");
pub const USERNAME_TAKEN: Why = Why::of("account_why_username_taken");
