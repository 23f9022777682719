//! Why something about an appointment is refused.

use crate::base::why::Why;

/// Somebody else has the time.
pub const TAKEN: Why = Why::of("appointments_why_taken");
/// It is no time that is offered to this person for this kind of visit.
pub const NOT_OFFERED: Why = Why::of("appointments_why_not_offered");
/// The person has another visit then.
pub const OVERLAPS: Why = Why::of("appointments_why_overlaps");
/// The time that was chosen is held no longer, and somebody else has it.
pub const HOLD_OVER: Why = Why::of("appointments_why_hold_over");
/// It was renewed once already.
pub const RENEWED: Why = Why::of("appointments_why_renewed");
pub const REASON_LONG: Why = Why::of("appointments_why_reason_long");
/// Words of danger: help comes first.
pub const DANGER: Why = Why::of("appointments_why_danger");
/// The visit cannot be changed any more, or was changed meanwhile.
pub const CHANGED: Why = Why::of("appointments_why_changed");
/// Too late to be moved here.
pub const TOO_LATE: Why = Why::of("appointments_why_too_late");
/// It is confirmed from a week before until the day before.
pub const NOT_YET: Why = Why::of("appointments_why_not_yet");
/// The offer is over.
pub const OFFER_OVER: Why = Why::of("appointments_why_offer_over");
/// The end is not after the beginning.
pub const ENDS_BEFORE: Why = Why::of("appointments_why_ends_before");
/// It is no time of day in steps of five minutes.
pub const NO_TIME: Why = Why::of("appointments_why_no_time");
/// It is no number that is taken.
pub const NOT_IN_RANGE: Why = Why::of("appointments_why_not_in_range");
/// Up to three times are offered.
pub const TOO_MANY: Why = Why::of("appointments_why_too_many");
/// The hours overlap with others of the same clinician.
pub const HOURS_OVERLAP: Why = Why::of("appointments_why_hours_overlap");
pub const NOT_A_PHONE: Why = Why::of("appointments_why_not_a_phone");
/// Neither a phone number nor an email address.
pub const NO_CONTACT: Why = Why::of("appointments_why_no_contact");
