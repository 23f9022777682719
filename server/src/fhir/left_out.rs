//! What is somebody's and is in nobody's chart, and why.

use super::{
    chart,
    links::{Links, Missing},
    store::Row,
};

/// Types that are always somebody's (FHIR R4, Patient compartment).
const PERSONAL: [&str; 16] = [
    "AllergyIntolerance",
    "CarePlan",
    "CareTeam",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "ExplanationOfBenefit",
    "Goal",
    "Immunization",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
];

/// Why a resource that is somebody's is in no chart.
pub fn why(row: &Row, links: &Links) -> Option<Missing> {
    if row.patient.is_some() || row.resource_type == "Patient" {
        return None;
    }
    match chart::references(&row.value).first() {
        Some((member, reference)) => Some(links.missing(row.id, member, reference)),
        None => PERSONAL.contains(&row.resource_type.as_str()).then_some(Missing::Nobody),
    }
}
