//! The portal that the benchmarks ask.

use std::path::Path;

use server::config::Organization;

/// A hospital in its own time zone, whose pages are read from `folder`.
pub fn organization(folder: &Path) -> Organization {
    Organization {
        time_zone: chrono_tz::America::New_York,
        product: "MyChart".into(),
        organisation: "Middlesex Health".into(),
        support_phone: "860-358-4111".into(),
        idle_minutes: 120,
        session_hours: 24,
        site_root: folder.to_owned(),
    }
}
