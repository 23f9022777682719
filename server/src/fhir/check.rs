//! Is a resource what it says: required members, types, dates, base64. Only what the portal reads is looked at.

mod moments;

use std::{collections::HashSet, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, NaiveDate};
use serde_json::Value;

use self::moments::moments;

/// What a member must be.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Bool,
    Object,
    Array,
    Date,
    DateTime,
    Instant,
    Base64,
}

/// A member by its path, what it must be, and whether it must be there. `[]` means each item of an array; a name that ends
/// with `[x]` means any of its choices.
type Rule = (&'static str, Kind, bool);

const ANY: &[Rule] = &[
    ("id", Kind::Text, false),
    ("meta", Kind::Object, false),
    ("meta.lastUpdated", Kind::Instant, false),
    ("meta.security", Kind::Array, false),
    ("language", Kind::Text, false),
];

fn rules(resource_type: &str) -> &'static [Rule] {
    match resource_type {
        "Patient" => &[
            ("name", Kind::Array, false),
            ("name[].family", Kind::Text, false),
            ("name[].given", Kind::Array, false),
            ("birthDate", Kind::Date, false),
            ("gender", Kind::Text, false),
            ("active", Kind::Bool, false),
            ("deceasedBoolean", Kind::Bool, false),
            ("deceasedDateTime", Kind::DateTime, false),
            ("telecom", Kind::Array, false),
            ("address", Kind::Array, false),
            ("communication", Kind::Array, false),
        ],
        "RelatedPerson" => &[("patient", Kind::Object, true), ("name", Kind::Array, false), ("relationship", Kind::Array, false)],
        "Practitioner" => &[("name", Kind::Array, false), ("telecom", Kind::Array, false)],
        "PractitionerRole" => &[("practitioner", Kind::Object, false), ("specialty", Kind::Array, false), ("location", Kind::Array, false)],
        "Organization" => &[("name", Kind::Text, false), ("address", Kind::Array, false), ("telecom", Kind::Array, false)],
        "Location" => &[("name", Kind::Text, false), ("address", Kind::Object, false), ("telecom", Kind::Array, false)],
        "Encounter" => &[
            ("status", Kind::Text, true),
            ("class", Kind::Object, true),
            ("type", Kind::Array, false),
            ("period", Kind::Object, false),
            ("period.start", Kind::DateTime, false),
            ("period.end", Kind::DateTime, false),
            ("participant", Kind::Array, false),
            ("diagnosis", Kind::Array, false),
            ("location", Kind::Array, false),
            ("reasonCode", Kind::Array, false),
        ],
        "Appointment" => &[
            ("status", Kind::Text, true),
            ("participant", Kind::Array, true),
            ("start", Kind::Instant, false),
            ("end", Kind::Instant, false),
            ("created", Kind::DateTime, false),
            ("serviceType", Kind::Array, false),
            ("patientInstruction", Kind::Text, false),
        ],
        "DocumentReference" => &[
            ("status", Kind::Text, true),
            ("content", Kind::Array, true),
            ("content[].attachment", Kind::Object, true),
            ("content[].attachment.data", Kind::Base64, false),
            ("date", Kind::Instant, false),
            ("author", Kind::Array, false),
            ("relatesTo", Kind::Array, false),
            ("context", Kind::Object, false),
        ],
        "DiagnosticReport" => &[
            ("status", Kind::Text, true),
            ("code", Kind::Object, true),
            ("effectiveDateTime", Kind::DateTime, false),
            ("issued", Kind::Instant, false),
            ("presentedForm", Kind::Array, false),
            ("presentedForm[].data", Kind::Base64, false),
        ],
        "Observation" => &[
            ("status", Kind::Text, true),
            ("code", Kind::Object, true),
            ("effectiveDateTime", Kind::DateTime, false),
            ("valueQuantity", Kind::Object, false),
            ("valueString", Kind::Text, false),
            ("component", Kind::Array, false),
        ],
        "Condition" => &[("subject", Kind::Object, true), ("code", Kind::Object, false), ("recordedDate", Kind::DateTime, false)],
        "MedicationRequest" => &[
            ("status", Kind::Text, true),
            ("intent", Kind::Text, true),
            ("subject", Kind::Object, true),
            ("medication[x]", Kind::Object, true),
            ("authoredOn", Kind::DateTime, false),
            ("doNotPerform", Kind::Bool, false),
            ("dosageInstruction", Kind::Array, false),
        ],
        "ServiceRequest" => &[
            ("status", Kind::Text, true),
            ("intent", Kind::Text, true),
            ("subject", Kind::Object, true),
            ("occurrenceDateTime", Kind::DateTime, false),
            ("category", Kind::Array, false),
        ],
        "CarePlan" => {
            &[("status", Kind::Text, true), ("intent", Kind::Text, true), ("subject", Kind::Object, true), ("activity", Kind::Array, false)]
        }
        _ => &[],
    }
}

/// What is wrong, and where.
pub struct Fault {
    pub path: String,
    pub reason: &'static str,
}

/// All faults of a resource, in the order of its rules; none when it is what it says.
pub fn resource(resource_type: &str, value: &Value) -> Vec<Fault> {
    let (whole, mut faults) = (Way::Type(resource_type), Vec::new());
    for (path, kind, required) in ANY.iter().chain(rules(resource_type)) {
        walk(value, path, *kind, *required, &whole, &mut faults);
    }
    moments(value, &whole, &mut faults);
    let mut seen = HashSet::new();
    faults.retain(|fault| seen.insert(fault.path.clone()));
    faults
}

/// The way to a member. It is written out where something is wrong only.
enum Way<'a> {
    Type(&'a str),
    Member(&'a Way<'a>, &'a str),
    Item(&'a Way<'a>, usize),
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Type(name) => f.write_str(name),
            Way::Member(before, name) => write!(f, "{before}.{name}"),
            Way::Item(before, index) => write!(f, "{before}[{index}]"),
        }
    }
}

fn walk(value: &Value, path: &str, kind: Kind, required: bool, so_far: &Way<'_>, faults: &mut Vec<Fault>) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let each = name.ends_with("[]");
    let choice = name.strip_suffix("[x]");
    let name = name.trim_end_matches("[]");
    let here = Way::Member(so_far, name);
    let found = match choice {
        Some(stem) => value.as_object().and_then(|members| members.iter().find(|(name, _)| name.starts_with(stem))).map(|(_, found)| found),
        None => value.get(name),
    };
    let Some(found) = found else {
        if required && (rest.is_none() || each) {
            faults.push(Fault { path: here.to_string(), reason: "is missing" });
        }
        return;
    };
    match (rest, each) {
        (None, _) => faults.extend(is(found, kind).err().map(|reason| Fault { path: here.to_string(), reason })),
        (Some(rest), false) => walk(found, rest, kind, required, &here, faults),
        (Some(rest), true) => match found.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, rest, kind, required, &Way::Item(&here, index), faults);
                }
            }
            None => faults.push(Fault { path: here.to_string(), reason: "must be an array" }),
        },
    }
}

fn is(value: &Value, kind: Kind) -> Result<(), &'static str> {
    let text = value.as_str();
    match kind {
        Kind::Text => text.filter(|text| !text.trim().is_empty()).map(drop).ok_or("must be a text that is not empty"),
        Kind::Bool => value.as_bool().map(drop).ok_or("must be true or false"),
        Kind::Object => value.as_object().map(drop).ok_or("must be an object"),
        Kind::Array => value.as_array().map(drop).ok_or("must be an array"),
        Kind::Date => text.filter(|text| is_date(text)).map(drop).ok_or("must be a date such as 2026-05-03"),
        Kind::DateTime => {
            text.filter(|text| is_date(text) || is_instant(text)).map(drop).ok_or("must be a date or a date with time and zone")
        }
        Kind::Instant => text.filter(|text| is_instant(text)).map(drop).ok_or("must be a date with time and zone"),
        Kind::Base64 => text
            .filter(|text| BASE64_STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).is_ok())
            .map(drop)
            .ok_or("must be base64"),
    }
}

/// A year, a month or a day that is in the calendar.
fn is_date(text: &str) -> bool {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    day.len() == 10 && NaiveDate::parse_from_str(&day, "%Y-%m-%d").is_ok()
}

fn is_instant(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(value: &Value) -> Option<(String, &'static str)> {
        let faults = resource(value["resourceType"].as_str().expect("a type"), value);
        faults.into_iter().next().map(|fault| (fault.path, fault.reason))
    }

    #[test]
    fn each_fault_is_told_with_its_path() {
        for (value, path) in [
            (json!({"resourceType": "Patient", "birthDate": "01/02/2003"}), "Patient.birthDate"),
            (json!({"resourceType": "Patient", "birthDate": "2003-02-30"}), "Patient.birthDate"),
            (json!({"resourceType": "Patient", "active": "yes"}), "Patient.active"),
            (json!({"resourceType": "Patient", "name": [{"family": 7}]}), "Patient.name[0].family"),
            (json!({"resourceType": "Encounter", "class": {}}), "Encounter.status"),
            (json!({"resourceType": "Encounter", "status": "finished"}), "Encounter.class"),
            (
                json!({"resourceType": "Encounter", "status": "finished", "class": {}, "period": {"start": "yesterday"}}),
                "Encounter.period.start",
            ),
            (
                json!({"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {"data": "?"}}]}),
                "DocumentReference.content[0].attachment.data",
            ),
            (json!({"resourceType": "DocumentReference", "status": "current", "content": [{}]}), "DocumentReference.content[0].attachment"),
            (json!({"resourceType": "Observation", "code": {}}), "Observation.status"),
            (
                json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {}}),
                "MedicationRequest.medication[x]",
            ),
            (json!({"resourceType": "Basic", "meta": {"lastUpdated": "now"}}), "Basic.meta.lastUpdated"),
            (json!({"resourceType": "Basic", "id": 7}), "Basic.id"),
        ] {
            assert_eq!(fault(&value).map(|(path, _)| path).as_deref(), Some(path), "{value}");
        }
    }

    #[test]
    fn what_is_right_is_taken() {
        for value in [
            json!({"resourceType": "Patient", "birthDate": "2003"}),
            json!({"resourceType": "Patient", "birthDate": "2004-02-29", "deceasedDateTime": "2010-05"}),
            json!({"resourceType": "Encounter", "status": "finished", "class": {}, "period": {"start": "2020-01-01T10:00:00.123-05:00"}}),
            json!({"resourceType": "Anything", "birthDate": "01/02/2003"}),
        ] {
            assert_eq!(fault(&value), None, "{value}");
        }
    }
}
