//! The words of the health summary.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

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
    /// The source says that there is nothing of a kind: a sentence, and no entry. Its title is a [`Nothing`].
    NoneKnown,
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
    NoneKnown = "none_known",
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

/// What a source says that there is not, or that it does not know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nothing {
    Allergies,
    DrugAllergies,
    FoodAllergies,
    EnvironmentAllergies,
    LatexAllergy,
    Problems,
    Medications,
    Procedures,
    Devices,
    Immunizations,
    AllergyInformation,
    ProblemInformation,
    MedicationInformation,
    ProcedureInformation,
    DeviceInformation,
    ImmunizationInformation,
}

stored_as_text!(Nothing {
    Allergies = "allergies",
    DrugAllergies = "drug_allergies",
    FoodAllergies = "food_allergies",
    EnvironmentAllergies = "environment_allergies",
    LatexAllergy = "latex_allergy",
    Problems = "problems",
    Medications = "medications",
    Procedures = "procedures",
    Devices = "devices",
    Immunizations = "immunizations",
    AllergyInformation = "allergy_information",
    ProblemInformation = "problem_information",
    MedicationInformation = "medication_information",
    ProcedureInformation = "procedure_information",
    DeviceInformation = "device_information",
    ImmunizationInformation = "immunization_information",
});

impl Nothing {
    /// The kind of items of which there is none.
    pub fn kind(self) -> Kind {
        match self {
            Nothing::Allergies
            | Nothing::DrugAllergies
            | Nothing::FoodAllergies
            | Nothing::EnvironmentAllergies
            | Nothing::LatexAllergy
            | Nothing::AllergyInformation => Kind::Allergy,
            Nothing::Problems | Nothing::ProblemInformation => Kind::Condition,
            Nothing::Medications | Nothing::MedicationInformation => Kind::Medication,
            Nothing::Procedures | Nothing::ProcedureInformation => Kind::Procedure,
            Nothing::Devices | Nothing::DeviceInformation => Kind::Device,
            Nothing::Immunizations | Nothing::ImmunizationInformation => Kind::Immunization,
        }
    }

    /// Whether an item that holds today says otherwise. `categories` are FHIR's of an allergy: food, medication, environment,
    /// biologic; an allergy without one may be of any.
    pub fn is_contradicted_by(self, kind: Kind, categories: &[&str]) -> bool {
        let may_be = |these: &[&str]| categories.is_empty() || categories.iter().any(|category| these.contains(category));
        kind == self.kind()
            && match self {
                Nothing::DrugAllergies => may_be(&["medication", "biologic"]),
                Nothing::FoodAllergies => may_be(&["food"]),
                Nothing::EnvironmentAllergies | Nothing::LatexAllergy => may_be(&["environment"]),
                _ => true,
            }
    }
}

/// One thing that is known about an item, as its source says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub what: What,
    pub said: String,
}

/// What a fact is about. Codes, days and spans are told in the reader's language by `words.rs`; a day may be a year or a
/// month, where the source knows no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Activity,
    /// Taken only when it is needed: what for, or `yes`.
    AsNeeded,
    Author,
    BodySite,
    Category,
    Condition,
    Criticality,
    /// The day of something that took place, where it is known as a year, a month or in words only.
    Day,
    Dose,
    DoseNumber,
    Expires,
    /// A file that can be downloaded: its name. Its number is its place among these facts.
    File,
    /// `2/1/d`: twice in one day; `1/4–6/h`: once every 4 to 6 hours. FHIR's units of time.
    Frequency,
    /// `10/d`: for ten days; `5/times`; `2026-03-01..2026-03-10`, of which one end may be missing.
    HowLong,
    Instruction,
    LotNumber,
    Made,
    Manufacturer,
    Member,
    Model,
    /// `4 tablet|24/h`: no more than that in that time; `2 tablet|dose`; `9 mg|life`.
    Most,
    Note,
    Outcome,
    Performer,
    Place,
    Prescriber,
    Reaction,
    Reason,
    RefillsLeft,
    /// A sentence of the portal's own, by its key.
    Remark,
    Route,
    SerialNumber,
    Severity,
    /// When it began, where that is known as a year, a month or in words only.
    Since,
    /// `0:uuid`: the place of an attachment, and the Binary in which its content is. Told to nobody.
    /// Why its status is what it is: why a medicine was stopped.
    StatusReason,
    Stored,
    /// "Target", such as of a goal.
    Target,
    /// An ISO date.
    TargetDay,
    Udi,
    /// When it ended, where that is known as a year or a month only.
    Until,
    Value,
    /// `AC`, `30/HS` (minutes before), `mon`, `08:00`: FHIR's events, days and times of day, separated by commas.
    When,
}

/// Keys of [`What::Remark`].
pub mod remark {
    /// The source changes what it says in a way that only its own system understands.
    pub const CANNOT_BE_SHOWN: &str = "cannot_be_shown";
    /// An order that something must not be done or taken.
    pub const DO_NOT: &str = "do_not";
    /// Begun, and not brought to its end.
    pub const BROKEN_OFF: &str = "broken_off";
    pub const ON_HOLD: &str = "on_hold";
    pub const UNDER_WAY: &str = "under_way";
    /// A relative is dead.
    pub const HAS_DIED: &str = "has_died";
    /// Nobody knows how a relative is.
    pub const HEALTH_UNKNOWN: &str = "health_unknown";
    /// The record has an address of the file and not the file.
    pub const KEPT_ELSEWHERE: &str = "kept_elsewhere";
    /// A request that is only proposed, or one of several choices.
    pub const PROPOSED: &str = "proposed";
    /// A dose of a vaccine that was too weak to count.
    pub const SUBPOTENT: &str = "subpotent";
}

impl Fact {
    pub fn new(what: What, said: impl Into<String>) -> Self {
        Self { what, said: said.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_of_the_same_kind_contradicts() {
        for (nothing, kind, categories, contradicts) in [
            (Nothing::Allergies, Kind::Allergy, &["food"][..], true),
            (Nothing::DrugAllergies, Kind::Allergy, &["food"], false),
            (Nothing::DrugAllergies, Kind::Allergy, &["food", "biologic"], true),
            (Nothing::DrugAllergies, Kind::Allergy, &[], true),
            (Nothing::FoodAllergies, Kind::Allergy, &["medication"], false),
            (Nothing::Allergies, Kind::Condition, &[], false),
            (Nothing::Problems, Kind::Condition, &[], true),
        ] {
            assert_eq!(nothing.is_contradicted_by(kind, categories), contradicts, "{nothing:?} {kind:?} {categories:?}");
        }
    }
}
