//! What observations and reports have in common.

use chrono::{DateTime, Months, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::class::{Class, class, kind, status};
use crate::{
    base::when::When,
    record::{
        fhir::{self, labels},
        import::{Context, Incoming, is_of_sensitive_visit},
        result::model::Status,
    },
};

/// When something was taken.
#[derive(Clone)]
pub(super) struct Taken {
    /// By which lists are sorted.
    pub(super) at: DateTime<Utc>,
    /// As exact as its source says it.
    pub(super) when: When,
}

impl Taken {
    /// What says nothing of it stands last.
    pub(super) fn unsaid() -> Self {
        Self { at: DateTime::UNIX_EPOCH, when: When::Unsaid }
    }

    /// When it was available at the earliest, where no moment of issue was sent: of a year or a month its end, and of what has no
    /// date this moment, so that nothing that came in today counts as history.
    pub(super) fn released(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let after = |months: u32| self.at.checked_add_months(Months::new(months)).unwrap_or(now).min(now);
        match self.when {
            When::Unsaid => now,
            When::Year(_) => after(12),
            When::Month(_) => after(1),
            _ => self.at,
        }
    }

    /// Whether the source says a time, and not the day only.
    pub(super) fn timed(&self) -> bool {
        self.when.to_stored().contains('T')
    }
}

/// Of what was issued only, that it was reported then.
pub(super) fn taken(value: &Value) -> Option<Taken> {
    let reported = || Some(When::Reported(Box::new(fhir::date::when(&value["issued"])?)));
    let when = fhir::date::choice(value, "effective").or_else(reported)?;
    Some(Taken { at: when.sort_key()?, when })
}

/// What observations and reports have in common, when they may be shown.
pub(super) struct Head<'a> {
    pub(super) row: Incoming<'a>,
    pub(super) patient: Uuid,
    pub(super) class: Class,
    pub(super) status: Status,
    pub(super) title: String,
    pub(super) taken: Option<Taken>,
    pub(super) sensitive: bool,
}

pub(super) fn head<'a>(context: &mut Context<'_>, row: Incoming<'a>) -> Option<Head<'a>> {
    let (value, labels) = (row.value, labels::of(row.value));
    if labels.hidden || labels.kept_back {
        return None;
    }
    let is_report = row.resource_type == "DiagnosticReport";
    Some(Head {
        row,
        patient: row.patient?,
        class: if is_report { Class::Result(kind(&value["category"])) } else { class(value)? },
        status: status(value)?,
        title: title(&value["code"])?,
        taken: taken(value),
        sensitive: is_sensitive(context, row),
    })
}

/// By its own labels or by those of its visit.
pub(super) fn is_sensitive(context: &mut Context<'_>, row: Incoming<'_>) -> bool {
    labels::of(row.value).sensitive || is_of_sensitive_visit(context, row)
}

/// The references by which a report or a panel names what stands in it.
pub fn members(value: &Value) -> impl Iterator<Item = &Value> {
    ["result", "hasMember"].into_iter().flat_map(move |name| value[name].as_array().into_iter().flatten())
}

/// Whether a reference means a resource that its own resource contains.
pub(super) fn is_inside(reference: &Value) -> bool {
    reference["reference"].as_str().is_some_and(|text| text.starts_with('#'))
}

pub(super) fn is_panel(value: &Value) -> bool {
    members(value).next().is_some()
}

/// Percentiles of children by age and sex, in LOINC. Source: US Core pediatric profiles.
const PERCENTILES: [&str; 3] = ["59576-9", "77606-2", "8289-1"];

/// What was measured. Percentiles are told as their code says it: hospitals call them by what they are of, and a BMI of 65 % is none.
pub(super) fn title(code: &Value) -> Option<String> {
    let of_percentile =
        |coding: &&Value| coding["system"] == "http://loinc.org" && coding["code"].as_str().is_some_and(|code| PERCENTILES.contains(&code));
    let percentile = fhir::codings(code).find(of_percentile).and_then(|coding| coding["display"].as_str());
    percentile.map(str::to_owned).or_else(|| fhir::named(code))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_percentile_is_not_told_as_what_it_is_of() {
        let called =
            |code: &str| title(&json!({"text": "BMI", "coding": [{"system": "http://loinc.org", "code": code, "display": "By LOINC"}]}));
        let bare = json!({"coding": [{"system": "http://loinc.org", "code": "718-7"}]});
        assert_eq!(title(&bare).as_deref(), Some("LOINC 718-7"), "a result without a word is one by its code");
        assert_eq!((called("59576-9").as_deref(), called("39156-5").as_deref()), (Some("By LOINC"), Some("BMI")));
    }

    #[test]
    fn a_day_without_a_time_is_known_as_such() {
        let timed = |value: Value| taken(&value).map(|taken| taken.timed());
        assert_eq!(timed(json!({"effectiveDateTime": "2005-07-05"})), Some(false));
        assert_eq!(timed(json!({"effectiveDateTime": "2005-07-05T08:00:00-04:00"})), Some(true));
        assert_eq!(timed(json!({})), None);
        let reported = taken(&json!({"issued": "2026-10-07T16:00:00-04:00"})).expect("a moment");
        assert!(matches!(reported.when, When::Reported(_)) && reported.timed());
    }
}
