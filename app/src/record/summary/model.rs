//! The words of After Visit Summaries.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// The parts of an After Visit Summary that resources tell of, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Diagnosis,
    Vital,
    MedicineStart,
    MedicineChange,
    MedicineStop,
    Test,
    Instruction,
    FollowUp,
}

stored_as_text!(Section {
    Diagnosis = "diagnosis",
    Vital = "vital",
    MedicineStart = "medicine_start",
    MedicineChange = "medicine_change",
    MedicineStop = "medicine_stop",
    Test = "test",
    Instruction = "instruction",
    FollowUp = "follow_up",
});
