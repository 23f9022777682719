//! Why a request for medicine is refused.

use crate::base::why::Why;

pub const NONE_CHOSEN: Why = Why::of("medications_why_none_chosen");
/// It was asked for already.
pub const ASKED: Why = Why::of("medications_why_asked");
pub const TOO_EARLY: Why = Why::of("medications_why_too_early");
/// It cannot be asked for here; its page says why.
pub const NOT_NOW: Why = Why::of("medications_why_not_now");
pub const NOT_DAYS: Why = Why::of("medications_why_not_days");
pub const COMMENT_LONG: Why = Why::of("medications_why_comment_long");
pub const NO_OFFICE: Why = Why::of("medications_why_no_office");
/// Only a clinician decides about a controlled substance, or reviews what a patient told.
pub const CLINICIAN_ONLY: Why = Why::of("medications_why_clinician_only");
pub const NOT_REFILLS: Why = Why::of("medications_why_not_refills");
