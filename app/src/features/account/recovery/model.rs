//! Links in e-mails.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Choose a new password.
    Password,
    /// Prove that an e-mail address is one's own.
    Email,
}

stored_as_text!(Purpose { Password = "password", Email = "email" });

impl Purpose {
    /// How long a link is good for.
    pub fn life(self) -> TimeDelta {
        match self {
            Purpose::Password => TimeDelta::hours(1),
            Purpose::Email => TimeDelta::days(3),
        }
    }
}

/// After so many wrong answers a link is void.
pub const WRONG_TRIES: i32 = 5;
