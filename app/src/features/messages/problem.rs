//! Why a message is not sent.

use crate::base::why::Why;

/// It has words of danger, and nobody said that it is no emergency.
pub const DANGER: Why = Why::of("messages_why_danger");
pub const NO_RECIPIENT: Why = Why::of("messages_why_no_recipient");
/// The thread takes no answer.
pub const CLOSED: Why = Why::of("messages_why_closed");
/// A file was not added; the list of files says which one and why.
pub const FILES: Why = Why::of("messages_why_files");
/// The scanner does not answer.
pub const NOT_SCANNED: Why = Why::of("messages_why_not_scanned");
pub const NO_PRICE: Why = Why::of("messages_why_no_price");
/// Neither the patient nor anybody for them reads messages here.
pub const NOBODY_READS: Why = Why::of("messages_why_nobody_reads");
/// The price is another one than the one that was read.
pub const OTHER_PRICE: Why = Why::of("messages_why_other_price");
/// The form did not arrive as a whole.
pub const BROKEN: Why = Why::of("messages_why_broken");
