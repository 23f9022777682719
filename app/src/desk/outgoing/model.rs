//! The words of what goes out.

use crate::base::stored::stored_as_text;

/// What an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActKind {
    Message,
    RefillRequest,
    Proposal,
}

stored_as_text!(ActKind { Message = "message", RefillRequest = "refill_request", Proposal = "proposal" });
