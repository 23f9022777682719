//! The newest vital signs, and the blood group.

use super::{
    store::{self, ReadsValues},
    words::{measured, name, shown_unit},
};
use crate::{
    access::Grant,
    base::{error::Error, i18n::Texts},
    record::result::{entity::measurement, model::Kind},
};

/// LOINC: systolic and diastolic blood pressure, which people read as one.
const SYSTOLIC: &str = "http://loinc.org|8480-6";
const DIASTOLIC: &str = "http://loinc.org|8462-4";
/// LOINC: ABO and Rh group.
const BLOOD_GROUP: [&str; 2] = ["http://loinc.org|882-1", "http://loinc.org|883-9"];

/// Name, what it shows, the value, and the code of its other half: blood pressure is one line.
pub(super) fn together(t: Texts, found: &[measurement::Model]) -> Vec<(String, String, &measurement::Model, Option<&'static str>)> {
    let lower = found.iter().find(|value| value.code == DIASTOLIC);
    let pair = |value: &measurement::Model| {
        lower.filter(|lower| {
            let is_one = value.code == SYSTOLIC && lower.resource_id == value.resource_id;
            is_one && !(value.shown.is_empty() && lower.shown.is_empty())
        })
    };
    let paired = found.iter().any(|value| pair(value).is_some());
    let shown = found.iter().filter(|value| !(paired && value.code == DIASTOLIC));
    shown
        .map(|value| match pair(value) {
            Some(lower) => {
                let half = |value: &measurement::Model| if value.shown.is_empty() { "–".to_owned() } else { value.shown.clone() };
                let unit = Some(shown_unit(t, value)).filter(|unit| !unit.is_empty()).unwrap_or_else(|| shown_unit(t, lower));
                let shown = format!("{}/{} {unit}", half(value), half(lower));
                (format!("{} / {}", name(t, value), name(t, lower)), shown.trim().to_owned(), value, Some(DIASTOLIC))
            }
            None => (name(t, value), measured(t, value), value, None),
        })
        .collect()
}

/// The newest vital signs in one line each, for the summary.
///
/// # Errors
/// When the database fails.
pub async fn latest_vitals(grant: &Grant<impl ReadsValues>) -> Result<Vec<(String, String)>, Error> {
    let t = grant.texts();
    let found = store::latest(grant, Kind::Vital).await?;
    let lines = together(t, &found)
        .into_iter()
        .map(|(name, shown, value, _)| (name, format!("{shown} ({})", t.when_day(&value.when(), grant.zone()))));
    Ok(lines.collect())
}

/// The blood group, when the record has one.
///
/// # Errors
/// When the database fails.
pub async fn blood_group(grant: &Grant<impl ReadsValues>) -> Result<Option<String>, Error> {
    let series = store::series_of(grant, &BLOOD_GROUP).await?;
    let last = |values: Vec<measurement::Model>| values.into_iter().rfind(|value| !value.shown.is_empty());
    Ok(series.into_iter().find_map(last).map(|value| value.shown))
}
