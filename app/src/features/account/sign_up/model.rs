//! Activation codes and user names.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// How a code reached the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeDelivery {
    /// On paper or on the screen, at the office.
    Office,
    /// To the e-mail address on file.
    Mailed,
}

stored_as_text!(CodeDelivery { Office = "office", Mailed = "mailed" });

/// A code is good for so long.
pub const LIFE: TimeDelta = TimeDelta::days(45);
/// After so many wrong tries a code is void.
pub const WRONG_TRIES: i32 = 5;
/// The security questions, by the key under which they are stored.
pub const QUESTIONS: [&str; 5] = ["teacher", "street", "pet", "meal", "friend"];
