//! Why answers are refused.

use crate::base::why::Why;

pub const NOT_A_NUMBER: Why = Why::of("questionnaires_why_not_a_number");
pub const NOT_WHOLE: Why = Why::of("questionnaires_why_not_whole");
/// Smaller or larger than the questionnaire allows; the hint says how much.
pub const NOT_IN_RANGE: Why = Why::of("questionnaires_why_not_in_range");
pub const TOO_PRECISE: Why = Why::of("questionnaires_why_too_precise");
pub const TOO_SHORT: Why = Why::of("questionnaires_why_too_short");
pub const NOT_A_TIME: Why = Why::of("questionnaires_why_not_a_time");
pub const NOT_AN_ADDRESS: Why = Why::of("questionnaires_why_not_an_address");
pub const NOT_AN_OPTION: Why = Why::of("questionnaires_why_not_an_option");
pub const TOO_MANY: Why = Why::of("questionnaires_why_too_many");
pub const TOO_FEW: Why = Why::of("questionnaires_why_too_few");
/// "None of these" and another answer.
pub const NOT_TOGETHER: Why = Why::of("questionnaires_why_not_together");
/// Answered elsewhere meanwhile, in another tab or by somebody else.
pub const CHANGED: Why = Why::of("questionnaires_why_changed");
/// It is completed, or nobody asks for it any more.
pub const NOT_OPEN: Why = Why::of("questionnaires_why_not_open");
/// The office changed the questionnaire while it was filled in.
pub const OTHER_FORM: Why = Why::of("questionnaires_why_other_form");
/// Nobody answers for the department.
pub const NO_CARE_TEAM: Why = Why::of("questionnaires_why_no_care_team");
/// The kind of a file, as it is read from its content.
pub const NOT_A_FILE: Why = Why::of("questionnaires_why_not_a_file");
/// So many files an answer takes.
pub const MANY_FILES: Why = Why::of("questionnaires_why_many_files");
/// The answers bring up questions that the page did not show.
pub const MORE_QUESTIONS: Why = Why::of("questionnaires_why_more_questions");
