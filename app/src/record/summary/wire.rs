//! What a summary shows: no more than this reaches the browser.

use serde::{Deserialize, Serialize};

use crate::record::{note::wire::Body, visit::wire::VisitHead};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub visit: VisitHead,
    pub reason: Option<String>,
    pub diagnoses: Vec<Line>,
    pub vitals: Vec<Line>,
    pub started: Vec<Line>,
    pub changed: Vec<Line>,
    pub stopped: Vec<Line>,
    pub tests: Vec<Line>,
    pub instructions: Vec<Body>,
    pub follow_ups: Vec<Line>,
    pub has_notes: bool,
}

/// One line of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    pub detail: Option<String>,
    /// "December 3, 2026".
    pub due: Option<String>,
}
