//! The words of prescriptions.

use crate::base::stored::stored_as_text;

/// Where a dispense stands. FHIR R4: MedicationDispense.status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DispenseState {
    /// In preparation or in progress.
    InProgress,
    Completed,
    /// On hold, cancelled, stopped or declined.
    NotGiven,
}

stored_as_text!(DispenseState { InProgress = "in_progress", Completed = "completed", NotGiven = "not_given" });

impl DispenseState {
    /// `None` for what was entered in error, and for what FHIR does not know.
    pub fn of_status(status: &str) -> Option<Self> {
        Some(match status {
            "preparation" | "in-progress" => DispenseState::InProgress,
            "completed" => DispenseState::Completed,
            "cancelled" | "on-hold" | "stopped" | "declined" => DispenseState::NotGiven,
            _ => return None,
        })
    }
}
