//! What an Observation is, by its category.

use serde_json::Value;

use crate::record::{
    fhir,
    result::model::{Kind, Status},
};

/// What an observation is, as far as pages treat it differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Vital,
    /// Answers about life and habits: a line of the health summary.
    Social,
    Result(Kind),
}

const SOCIAL: [&str; 9] = [
    "social-history",
    "survey",
    "sdoh",
    "activity",
    "functional-status",
    "disability-status",
    "cognitive-status",
    "treatment-intervention-preference",
    "care-experience-preference",
];

/// HL7 v2-0074 diagnostic service sections, and the LOINC document classes that US Core names.
const LABORATORY: [&str; 13] = ["laboratory", "LAB", "HM", "CH", "CUS", "BLB", "IMM", "MB", "MCB", "SR", "TX", "VR", "LP29693-6"];

const IMAGING: [&str; 9] = ["imaging", "RAD", "RUS", "CT", "NMR", "NMS", "XRC", "LP29684-5", "18748-4"];

const PATHOLOGY: [&str; 5] = ["SP", "CP", "CG", "PAT", "LP7839-6"];

/// What pages make of an Observation; nothing when its status says that it must not be shown.
pub fn class(value: &Value) -> Option<Class> {
    status(value)?;
    let category = &value["category"];
    Some(if fhir::has_code(category, &["vital-signs"]) {
        Class::Vital
    } else if fhir::has_code(category, &["laboratory"]) {
        Class::Result(Kind::Laboratory)
    } else if fhir::has_code(category, &SOCIAL) {
        Class::Social
    } else {
        Class::Result(kind(category))
    })
}

pub fn kind(category: &Value) -> Kind {
    [(Kind::Laboratory, LABORATORY.as_slice()), (Kind::Imaging, IMAGING.as_slice()), (Kind::Pathology, PATHOLOGY.as_slice())]
        .into_iter()
        .find(|(_, codes)| fhir::has_code(category, codes))
        .map_or(Kind::Other, |(kind, _)| kind)
}

pub fn status(value: &Value) -> Option<Status> {
    match value["status"].as_str()? {
        "final" => Some(Status::Final),
        "amended" | "corrected" | "appended" => Some(Status::Amended),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_final_or_amended_is_a_result() {
        for (status, shown) in
            [("final", true), ("corrected", true), ("preliminary", false), ("entered-in-error", false), ("cancelled", false)]
        {
            assert_eq!(class(&json!({"status": status, "category": [{"coding": [{"code": "laboratory"}]}]})).is_some(), shown, "{status}");
        }
    }
}
