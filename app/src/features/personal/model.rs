//! What the personal information page shows.

use crate::base::ids::PatientId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalInformation {
    pub patient: PatientId,
    pub full_name: String,
    /// "May 3, 1988".
    pub birth_date: String,
    /// Completed years.
    /// Nothing where the record does not say the day of birth.
    pub age: Option<i32>,
    /// FHIR's administrative gender: male, female, other, unknown.
    pub sex: Option<String>,
    pub record_number: Option<String>,
    pub marital_status: Option<String>,
    /// The tag of the language the person wants to be spoken to in.
    pub language: Option<String>,
    /// One line each.
    pub address: Vec<String>,
    pub phone_home: Option<String>,
    pub phone_mobile: Option<String>,
    pub phone_work: Option<String>,
    pub email: Option<String>,
    pub related: Vec<Related>,
    /// The reader is a teen's parent, who sees this page only.
    pub demographics_only: bool,
    /// The reader may ask for changes.
    pub may_change: bool,
}

/// Somebody named in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    pub name: String,
    pub relationship: Option<String>,
    pub phone: Option<String>,
}
