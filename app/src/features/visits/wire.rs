//! What the visits page shows: no more than this reaches the browser.

use serde::{Deserialize, Serialize};

use crate::{
    base::{dates::Day, ids::VisitId},
    record::visit::model::{Kind, Status},
};

/// What somebody wants to see of the visits. Empty means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    #[serde(default)]
    pub year: Option<i32>,
    /// A department's id.
    #[serde(default)]
    pub department: Option<uuid::Uuid>,
    /// A clinician's id.
    #[serde(default)]
    pub clinician: Option<uuid::Uuid>,
    /// Of the past visits, counted from 1.
    #[serde(default)]
    pub page: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visits {
    pub given_name: String,
    pub upcoming: Vec<VisitCard>,
    pub past: Vec<VisitCard>,
    /// Of the past visits, counted from 1.
    pub page: u64,
    pub pages: u64,
    /// How many past visits match the filter.
    pub total: u64,
    pub choices: Choices,
}

/// What can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    pub years: Vec<i32>,
    /// Id and name.
    pub departments: Vec<(String, String)>,
    /// Id and name.
    pub clinicians: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitCard {
    pub id: VisitId,
    pub status: Status,
    pub kind: Kind,
    pub title: String,
    /// The person, or somebody for them, said that it takes place.
    pub confirmed: bool,
    pub day: Option<Day>,
    /// "9:40 am · 30 minutes".
    pub time: Option<String>,
    pub place: Option<String>,
    pub clinicians: Option<String>,
    pub reason: Option<String>,
    /// What to do before the visit.
    pub instruction: Option<String>,
    pub cancel_reason: Option<String>,
    /// "November 21, 2026".
    pub requested_on: Option<String>,
    pub has_summary: bool,
    pub has_notes: bool,
    /// While it is open: whether nothing is asked of anybody, how far it is in words, and its page below that of the visit.
    pub check_in: Option<(bool, String, String)>,
}
