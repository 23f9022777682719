//! The words of the health summary.

use serde::{Deserialize, Serialize};

use crate::stored::stored_as_text;

/// What an item is; `Other` is everything that no page of its own shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Allergy,
    CarePlan,
    CareTeam,
    Condition,
    Device,
    Document,
    FamilyHistory,
    Goal,
    Immunization,
    Medication,
    Other,
    Preventive,
    Procedure,
    SocialHistory,
}

stored_as_text!(Kind {
    Allergy = "allergy",
    CarePlan = "care_plan",
    CareTeam = "care_team",
    Condition = "condition",
    Device = "device",
    Document = "document",
    FamilyHistory = "family_history",
    Goal = "goal",
    Immunization = "immunization",
    Medication = "medication",
    Other = "other",
    Preventive = "preventive",
    Procedure = "procedure",
    SocialHistory = "social_history",
});

/// Where an item stands, as its FHIR status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It holds today.
    Active,
    /// It held once: resolved, stopped, completed.
    Past,
    /// It took place.
    Done,
    /// It was not done, and that was recorded.
    NotDone,
    /// It is planned or asked for.
    Planned,
    /// Its source gives it no status.
    Unstated,
}

stored_as_text!(State {
    Active = "active",
    Past = "past",
    Done = "done",
    NotDone = "not_done",
    Planned = "planned",
    Unstated = "unstated",
});

/// One thing that is known about an item, as its source says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub what: What,
    pub said: String,
}

/// What a fact is about. The values of `Frequency` and of days are told in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Activity,
    Author,
    BodySite,
    Category,
    Condition,
    Criticality,
    Dose,
    DoseNumber,
    /// `2/1/d`: twice in one day, with FHIR's units of time.
    Frequency,
    LotNumber,
    Manufacturer,
    Member,
    Note,
    Outcome,
    Performer,
    Place,
    Prescriber,
    Reaction,
    Reason,
    RefillsLeft,
    Route,
    Severity,
    /// "Target", such as of a goal.
    Target,
    /// An ISO date.
    TargetDay,
    Value,
}

impl Fact {
    pub fn new(what: What, said: impl Into<String>) -> Self {
        Self { what, said: said.into() }
    }
}
