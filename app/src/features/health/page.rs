//! The pages behind the summary.

use crate::{base::i18n::Texts, record::item::model::Kind};

/// One page of items, in the order of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthPage {
    Conditions,
    Allergies,
    Medications,
    Immunizations,
    Procedures,
    Devices,
    CareTeam,
    Goals,
    History,
    PreventiveCare,
    Documents,
    Other,
}

impl HealthPage {
    pub const ALL: [HealthPage; 12] = [
        HealthPage::Conditions,
        HealthPage::Allergies,
        HealthPage::Medications,
        HealthPage::Immunizations,
        HealthPage::Procedures,
        HealthPage::Devices,
        HealthPage::CareTeam,
        HealthPage::Goals,
        HealthPage::History,
        HealthPage::PreventiveCare,
        HealthPage::Documents,
        HealthPage::Other,
    ];

    /// The last part of its address.
    pub fn name(self) -> &'static str {
        match self {
            HealthPage::Conditions => "conditions",
            HealthPage::Allergies => "allergies",
            HealthPage::Medications => "medications",
            HealthPage::Immunizations => "immunizations",
            HealthPage::Procedures => "procedures",
            HealthPage::Devices => "devices",
            HealthPage::CareTeam => "care-team",
            HealthPage::Goals => "goals",
            HealthPage::History => "history",
            HealthPage::PreventiveCare => "preventive-care",
            HealthPage::Documents => "documents",
            HealthPage::Other => "other",
        }
    }

    /// The kinds of items that it shows, the one that it is named after first.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            HealthPage::Conditions => &[Kind::Condition],
            HealthPage::Allergies => &[Kind::Allergy],
            HealthPage::Medications => &[Kind::Medication],
            HealthPage::Immunizations => &[Kind::Immunization],
            HealthPage::Procedures => &[Kind::Procedure],
            HealthPage::Devices => &[Kind::Device],
            HealthPage::CareTeam => &[Kind::CareTeam],
            HealthPage::Goals => &[Kind::Goal, Kind::CarePlan],
            HealthPage::History => &[Kind::FamilyHistory, Kind::SocialHistory],
            HealthPage::PreventiveCare => &[Kind::Preventive],
            HealthPage::Documents => &[Kind::Document],
            HealthPage::Other => &[Kind::Other],
        }
    }

    /// The page that shows items of a kind.
    pub fn of(kind: Kind) -> Self {
        Self::ALL.into_iter().find(|page| page.kinds().contains(&kind)).unwrap_or(HealthPage::Other)
    }

    pub fn title(self, t: Texts) -> &'static str {
        match self {
            HealthPage::Conditions => t.health_conditions(),
            HealthPage::Allergies => t.health_allergies(),
            HealthPage::Medications => t.health_medications(),
            HealthPage::Immunizations => t.health_immunizations(),
            HealthPage::Procedures => t.health_procedures(),
            HealthPage::Devices => t.health_devices(),
            HealthPage::CareTeam => t.health_care_team(),
            HealthPage::Goals => t.health_goals_plans(),
            HealthPage::History => t.health_history(),
            HealthPage::PreventiveCare => t.health_preventive(),
            HealthPage::Documents => t.health_documents(),
            HealthPage::Other => t.health_other(),
        }
    }

    pub fn lead(self, t: Texts) -> &'static str {
        match self {
            HealthPage::Conditions => t.health_conditions_lead(),
            HealthPage::Allergies => t.health_allergies_lead(),
            HealthPage::Medications => t.health_medications_lead(),
            HealthPage::Immunizations => t.health_immunizations_lead(),
            HealthPage::PreventiveCare => t.health_preventive_lead(),
            HealthPage::Documents => t.health_documents_lead(),
            HealthPage::Other => t.health_other_lead(),
            HealthPage::Procedures | HealthPage::Devices | HealthPage::CareTeam | HealthPage::Goals | HealthPage::History => "",
        }
    }
}
