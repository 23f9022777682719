//! The words for what people are to each other, and to the hospital.

use serde::{Deserialize, Serialize};

use crate::base::{i18n::Texts, stored::stored_as_text};

/// What the account holder is to the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    Parent,
    Child,
    Spouse,
    Caregiver,
    Guardian,
}

stored_as_text!(Relationship {
    Parent = "parent",
    Child = "child",
    Spouse = "spouse",
    Caregiver = "caregiver",
    Guardian = "guardian",
});

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    FrontDesk,
    Support,
    Billing,
    /// Keeps the records: looks into corrections.
    Records,
    Clinician,
    Nurse,
}

stored_as_text!(StaffRole {
    FrontDesk = "front_desk",
    Support = "support",
    Billing = "billing",
    Records = "records",
    Clinician = "clinician",
    Nurse = "nurse",
});

impl StaffRole {
    /// Looks up patients.
    pub fn finds_patients(self) -> bool {
        !matches!(self, StaffRole::Records)
    }

    /// Answers what patients write to a department.
    pub fn answers_messages(self) -> bool {
        matches!(self, StaffRole::Clinician | StaffRole::Nurse)
    }

    /// Keeps calendars.
    pub fn schedules(self) -> bool {
        matches!(self, StaffRole::FrontDesk | StaffRole::Clinician | StaffRole::Nurse)
    }

    /// Keeps the ledgers of bills.
    pub fn keeps_ledgers(self) -> bool {
        self == StaffRole::Billing
    }

    pub fn in_words(self, t: Texts) -> &'static str {
        match self {
            StaffRole::FrontDesk => t.people_front_desk(),
            StaffRole::Support => t.people_support(),
            StaffRole::Billing => t.people_billing(),
            StaffRole::Records => t.people_records(),
            StaffRole::Clinician => t.people_clinician(),
            StaffRole::Nurse => t.people_nurse(),
        }
    }

    /// Has requests to answer.
    pub fn has_queue(self) -> bool {
        !matches!(self, StaffRole::Clinician | StaffRole::Nurse)
    }
}

/// Why somebody may act for somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    ParentChild,
    AdultAdult,
    /// By a power of attorney or a court's paper: the ages up to 17 apply, but access does not end at 18.
    Papers,
}

stored_as_text!(Basis { ParentChild = "parent_child", AdultAdult = "adult_adult", Papers = "papers" });

/// What an adult lets another adult see: each level includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdultLevel {
    ScheduleMessages,
    ScheduleMessagesBilling,
    AllButSensitive,
    All,
}

stored_as_text!(AdultLevel {
    ScheduleMessages = "schedule_messages",
    ScheduleMessagesBilling = "schedule_messages_billing",
    AllButSensitive = "all_but_sensitive",
    All = "all",
});
