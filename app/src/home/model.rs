//! What needs somebody.

use serde::{Deserialize, Serialize};

use crate::{access::EndReason, dates::Day, ids::PatientId};

/// Everything that waits for the account holder, soonest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    pub items: Vec<Need>,
    pub ended: Vec<EndedAccess>,
}

/// One thing that waits, tagged with its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub patient: PatientId,
    pub given_name: String,
    pub hue: u8,
    pub day: Day,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A visit in the next two weeks.
    Visit { title: String, time: String, place: Option<String>, instruction: Option<String> },
    /// A follow-up that a clinician asked for and that is due soon or overdue.
    FollowUp { text: String },
    /// A child's 13th birthday: from then on the parent sees demographics only.
    TurnsThirteen,
    /// A teen's 18th birthday: the parent's access ends.
    TurnsEighteen,
    /// Access that was given until a day.
    AccessExpires,
}

/// A chart that was open to the account holder once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedAccess {
    pub given_name: String,
    pub reason: EndReason,
}
