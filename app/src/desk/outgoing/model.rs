//! The words of what goes out.

use crate::base::stored::stored_as_text;

/// What an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActKind {
    Message,
    RefillRequest,
    Proposal,
    /// A visit that was booked, moved, confirmed or called off.
    Appointment,
    /// A visit that is asked for.
    VisitRequest,
    /// Something that was paid here, or went back.
    Payment,
    /// Something that staff were asked: a question about a bill, an estimate, a change of insurance.
    Request,
    /// Answers to a questionnaire.
    Answers,
    /// What was decided about a document.
    Consent,
}

stored_as_text!(ActKind { Message = "message", RefillRequest = "refill_request", Proposal = "proposal", Appointment = "appointment", VisitRequest = "visit_request", Payment = "payment", Request = "request", Answers = "answers", Consent = "consent" });
