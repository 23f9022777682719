//! Lines of the access log.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::people::relation::StaffRole;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    You,
    Patient(String),
    Proxy(String),
    Staff(String, StaffRole),
    /// Somebody to whom the record was shared; who they are stands beside the device. The name of whoever shared it, where
    /// that was not the reader.
    Recipient(Option<String>),
}

/// One line.
pub struct Line {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub who: Who,
    /// The name of the permission that was used.
    pub what: String,
    pub allowed: bool,
    /// It was allowed, and refused for another reason.
    pub not_done: bool,
    /// The page for it was opened, and it was not done.
    pub looked: bool,
    pub device: Option<String>,
}

/// Of which people lines are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Everybody,
    Proxies,
    Staff,
    Me,
}
