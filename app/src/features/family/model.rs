//! Invitations and reminders.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Written, and shown to the patient as the other will see it.
    Draft,
    Sent,
    Accepted,
    Declined,
    /// Three wrong birth dates.
    Void,
    Withdrawn,
}

stored_as_text!(InvitationState {
    Draft = "draft",
    Sent = "sent",
    Accepted = "accepted",
    Declined = "declined",
    Void = "void",
    Withdrawn = "withdrawn",
});

/// An invitation may be accepted for so long.
pub const INVITATION_LIFE: TimeDelta = TimeDelta::days(14);
/// After so many wrong birth dates it is void.
pub const WRONG_BIRTH_DATES: i32 = 3;
/// Access between adults is given for no longer than so many days at a time; then it is renewed.
pub const LONGEST_ACCESS_DAYS: i64 = 365;
/// Birthdays that change what a parent sees are told so many days ahead.
pub const BIRTHDAY_NOTICES: [i64; 3] = [60, 30, 7];
/// The end of access is told so many days ahead.
pub const EXPIRY_NOTICES: [i64; 2] = [30, 7];
/// A photo is no larger than so many pixels on each side ...
pub const PHOTO_SIDE: u32 = 192;
