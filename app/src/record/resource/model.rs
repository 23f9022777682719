//! Why there is something new in a chart.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Resources came in.
    Import,
    /// Results wait no longer.
    Release,
    /// Results wait no longer, all of them sensitive.
    SensitiveRelease,
}

stored_as_text!(Reason { Import = "import", Release = "release", SensitiveRelease = "sensitive_release" });
