//! Why something about a bill or a payment is refused.

use crate::base::why::Why;

/// No sum of money.
pub const NOT_MONEY: Why = Why::of("billing_why_not_money");
/// Less than the least part, and not all that is due.
pub const TOO_LITTLE: Why = Why::of("billing_why_too_little");
/// More than is due.
pub const TOO_MUCH: Why = Why::of("billing_why_too_much");
/// Nothing was chosen.
pub const NOTHING_CHOSEN: Why = Why::of("billing_why_nothing_chosen");
/// Another payment is being checked: nobody pays twice.
pub const BEING_CHECKED: Why = Why::of("billing_why_being_checked");
/// The bill was changed or paid meanwhile.
pub const CHANGED: Why = Why::of("billing_why_changed");
/// There is no processor, or it does not answer.
pub const NOT_NOW: Why = Why::of("billing_why_not_now");
/// No card was typed, or the processor did not take it.
pub const NO_CARD: Why = Why::of("billing_why_no_card");
/// The rules of plans do not allow it.
pub const NO_PLAN: Why = Why::of("billing_why_no_plan");
/// Neither these details nor this code open a bill.
pub const NO_BILL: Why = Why::of("billing_why_no_bill");
/// More than was paid, less what went back.
pub const MORE_THAN_PAID: Why = Why::of("billing_why_more_than_paid");
/// Somebody else decides about it.
pub const SECOND_PERSON: Why = Why::of("billing_why_second_person");
