//! The head of a visit's summary and of its notes: no more than this reaches the browser.

use serde::{Deserialize, Serialize};

use crate::base::ids::PatientId;

/// Which visit this is about, as the head of a letter says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitHead {
    pub patient: PatientId,
    pub full_name: String,
    /// "May 3, 1988".
    pub birth_date: String,
    pub title: String,
    /// "Wednesday, October 14, 2026, 9:40 am".
    pub when: Option<String>,
    pub place: Option<Place>,
    pub clinicians: Vec<Clinician>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub name: String,
    pub address: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinician {
    pub name: String,
    pub specialty: Option<String>,
    pub phone: Option<String>,
}
