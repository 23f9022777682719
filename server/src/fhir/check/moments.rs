//! Dates, dateTimes, instants and Periods: a time without a zone is no moment.

use serde_json::Value;

use super::{Fault, Kind, Way, is};

/// Members that are a date or a dateTime in every type that has them, beside those whose names end with `DateTime`. FHIR R4: a
/// time stands with its zone.
const MOMENTS: [&str; 17] = [
    "assertedDate",
    "authored",
    "authoredOn",
    "created",
    "date",
    "dateAsserted",
    "dateWritten",
    "issued",
    "occurredDateTime",
    "received",
    "receivedTime",
    "recorded",
    "recordedDate",
    "sent",
    "started",
    "whenHandedOver",
    "whenPrepared",
];

/// Looks at every date, dateTime, instant and Period, wherever it stands.
pub(super) fn moments(value: &Value, so_far: &Way<'_>, faults: &mut Vec<Fault>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !matches!(name.as_str(), "extension" | "modifierExtension" | "text")) {
                let here = Way::Member(so_far, name);
                if let Value::String(_) = member {
                    let kind = match name.as_str() {
                        name if name.ends_with("DateTime") || MOMENTS.contains(&name) => Kind::DateTime,
                        name if name.ends_with("Instant") => Kind::Instant,
                        _ => continue,
                    };
                    faults.extend(is(member, kind).err().map(|reason| Fault { path: here.to_string(), reason }));
                    continue;
                }
                if name == "period" || name.ends_with("Period") {
                    for end in ["start", "end"] {
                        let reason = member.get(end).filter(|end| end.is_string()).and_then(|end| is(end, Kind::DateTime).err());
                        faults.extend(reason.map(|reason| Fault { path: format!("{here}.{end}"), reason }));
                    }
                }
                if name == "event" {
                    let moments = member.as_array().into_iter().flatten().enumerate().filter(|(_, moment)| moment.is_string());
                    let wrong = moments.filter_map(|(index, moment)| Some((index, is(moment, Kind::DateTime).err()?)));
                    faults.extend(wrong.map(|(index, reason)| Fault { path: format!("{here}[{index}]"), reason }));
                }
                moments(member, &here, faults);
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| moments(item, &Way::Item(so_far, index), faults)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fhir::check::resource;

    #[test]
    fn a_time_without_a_zone_is_refused_wherever_it_stands_and_all_faults_are_told() {
        let paths = |value: Value| -> Vec<String> {
            resource(value["resourceType"].as_str().expect("a type"), &value).into_iter().map(|fault| fault.path).collect()
        };
        for (value, path) in [
            (json!({"resourceType": "Condition", "subject": {}, "onsetDateTime": "2026-10-06T22:15:00"}), "Condition.onsetDateTime"),
            (
                json!({"resourceType": "Condition", "subject": {}, "abatementPeriod": {"end": "2026-10-06 22:15"}}),
                "Condition.abatementPeriod.end",
            ),
            (
                json!({"resourceType": "Observation", "status": "final", "code": {}, "effectivePeriod": {"start": "2026-10-06T10:00:00"}}),
                "Observation.effectivePeriod.start",
            ),
            (
                json!({"resourceType": "Observation", "status": "final", "code": {}, "effectiveInstant": "2026-10-06"}),
                "Observation.effectiveInstant",
            ),
            (
                json!({"resourceType": "Observation", "status": "final", "code": {}, "effectiveTiming": {"event": ["2026-10-06", "now"]}}),
                "Observation.effectiveTiming.event[1]",
            ),
            (json!({"resourceType": "Immunization", "recorded": "2026-10-06T10:00:00"}), "Immunization.recorded"),
            (json!({"resourceType": "Claim", "billablePeriod": {"start": "2026-10-06T10:00:00"}}), "Claim.billablePeriod.start"),
            (
                json!({"resourceType": "DiagnosticReport", "status": "final", "code": {}, "contained": [{"resourceType": "Observation",
                    "effectiveDateTime": "2026-10-06T10:00:00"}]}),
                "DiagnosticReport.contained[0].effectiveDateTime",
            ),
        ] {
            assert_eq!(paths(value.clone()), [path], "{value}");
        }
        let several = json!({"resourceType": "Encounter", "class": {}, "period": {"start": "2026-10-06T10:00:00", "end": "later"}});
        assert_eq!(paths(several), ["Encounter.status", "Encounter.period.start", "Encounter.period.end"]);
    }
}
