//! What the patient search shows.

use serde::{Deserialize, Serialize};

use crate::{access::EndReason, access::Level};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPatient {
    pub full_name: String,
    /// "May 3, 1988".
    pub birth_date: String,
    /// Completed years.
    pub age: i32,
    pub record_number: Option<String>,
    pub phone: Option<String>,
    pub has_account: bool,
    pub emancipated: bool,
    pub proxies: Vec<FoundProxy>,
}

/// Somebody who may, or might, open this patient's chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundProxy {
    pub name: String,
    pub level: Result<Level, EndReason>,
}
