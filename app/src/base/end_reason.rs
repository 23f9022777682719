//! Why access to a chart ended.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// Why a proxy has no access any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    TurnedEighteen,
    Emancipated,
    Expired,
    Revoked,
    /// The patient has died, and the time for which others may read the chart is over.
    Deceased,
}

stored_as_text!(EndReason {
    TurnedEighteen = "turned_eighteen",
    Emancipated = "emancipated",
    Expired = "expired",
    Revoked = "revoked",
    Deceased = "deceased",
});
