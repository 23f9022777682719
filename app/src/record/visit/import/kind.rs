//! Where a visit takes place.

use serde_json::Value;

use crate::record::{fhir, visit::model::Kind};

/// FHIR Encounter.class, and what types say of video and telephone (SNOMED 448337001, 185317003).
pub(super) fn kind(class: Option<&str>, types: &[&Value]) -> Kind {
    let said = |words_in: &[&str], code: &str| {
        types.iter().any(|list| {
            let text = fhir::concepts(list).or_else(|| fhir::concept(list)).unwrap_or_default().to_lowercase();
            fhir::has_code(list, &[code]) || words_in.iter().any(|word| text.contains(word))
        })
    };
    match class {
        Some("VR") if said(&["telephone", "phone call"], "185317003") => Kind::Phone,
        Some("VR") => Kind::Video,
        Some("EMER") => Kind::Emergency,
        Some("IMP" | "ACUTE" | "NONAC" | "OBSENC") => Kind::Inpatient,
        Some("HH") => Kind::Home,
        _ if said(&["video", "telehealth"], "448337001") => Kind::Video,
        _ if said(&["telephone", "phone call"], "185317003") => Kind::Phone,
        _ => Kind::Office,
    }
}

pub(super) fn default_title(kind: Kind) -> &'static str {
    match kind {
        Kind::Office => "Office visit",
        Kind::Video => "Video visit",
        Kind::Phone => "Phone call",
        Kind::Emergency => "Emergency visit",
        Kind::Inpatient => "Hospital stay",
        Kind::Home => "Home visit",
    }
}
