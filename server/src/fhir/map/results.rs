//! Observation and DiagnosticReport → values, and the reports that group them.
//!
//! Shown are final, amended and corrected ones; what is preliminary, cancelled or entered in error is kept and not shown.

use std::collections::{HashMap, HashSet};

use app::{
    ids::new_id,
    notes::{entity::note, model::Disclosure},
    results::{
        entity::{measurement, measurement_before, test_result},
        model::{Kind, Status},
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{Context, insert_all, labels, of_type, summary::visit_of, words};
use crate::fhir::store::{self, CHUNK, Row};

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
    Some(if words::has_code(category, &["vital-signs"]) {
        Class::Vital
    } else if words::has_code(category, &["laboratory"]) {
        Class::Result(Kind::Laboratory)
    } else if words::has_code(category, &SOCIAL) {
        Class::Social
    } else {
        Class::Result(kind(category))
    })
}

fn kind(category: &Value) -> Kind {
    [(Kind::Laboratory, LABORATORY.as_slice()), (Kind::Imaging, IMAGING.as_slice()), (Kind::Pathology, PATHOLOGY.as_slice())]
        .into_iter()
        .find(|(_, codes)| words::has_code(category, codes))
        .map_or(Kind::Other, |(kind, _)| kind)
}

fn status(value: &Value) -> Option<Status> {
    match value["status"].as_str()? {
        "final" => Some(Status::Final),
        "amended" | "corrected" | "appended" => Some(Status::Amended),
        _ => None,
    }
}

/// When it was taken: pages sort by it, so something is needed.
fn taken(value: &Value) -> Option<DateTime<Utc>> {
    [&value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["effectiveInstant"], &value["issued"]]
        .into_iter()
        .find_map(words::instant)
}

pub async fn all(context: &mut Context<'_>, rows: &[&Row]) -> Result<Vec<Uuid>, DbErr> {
    remember_amended(context, rows).await?;
    let mut values: Vec<measurement::ActiveModel> = Vec::new();
    let mut results: HashMap<Uuid, test_result::ActiveModel> = HashMap::new();
    for row in of_type(rows, "Observation") {
        let (Some(patient_id), Some(class), Some(status), Some(taken_at)) =
            (row.patient, class(&row.value), status(&row.value), taken(&row.value))
        else {
            continue;
        };
        if class == Class::Social {
            continue;
        }
        let Some(title) = words::concept(&row.value["code"]) else { continue };
        let labels = labels::of(&row.value);
        if labels.hidden || labels.kept_back {
            continue;
        }
        let sensitive = labels.sensitive || visit_of(context, row).is_some_and(|visit| visit.sensitive);
        let kind = if let Class::Result(kind) = class { kind } else { Kind::Vital };
        let result_id = (class != Class::Vital).then_some(row.id);
        for (position, part) in (0..).zip(parts(&row.value)) {
            let Some(shown) = shown(part) else { continue };
            let (low, high, range_text) = range(part);
            values.push(measurement::ActiveModel {
                id: Set(new_id()),
                resource_id: Set(row.id),
                patient_id: Set(patient_id),
                result_id: Set(result_id),
                position: Set(position),
                kind: Set(kind),
                code: Set(code(&part["code"])),
                name: Set(words::concept(&part["code"]).unwrap_or_else(|| title.clone())),
                value: Set(part["valueQuantity"]["value"].as_f64().filter(|_| part["valueQuantity"]["comparator"].is_null())),
                shown: Set(shown),
                unit: Set(Some(words::unit(&part["valueQuantity"])).filter(|unit| !unit.is_empty())),
                low: Set(low),
                high: Set(high),
                range_text: Set(range_text),
                flag: Set(words::items(&part["interpretation"])
                    .flat_map(words::codings)
                    .find_map(|coding| coding["code"].as_str())
                    .map(str::to_owned)),
                status: Set(status),
                taken_at: Set(taken_at),
                available_at: Set(words::instant(&row.value["issued"]).unwrap_or(taken_at)),
                comment: Set(notes(&row.value).filter(|_| position == 0)),
                sensitive: Set(sensitive),
            });
        }
        if result_id.is_some() {
            results.insert(row.id, result(row, patient_id, kind, title, status, taken_at, None, sensitive));
        }
    }
    let mut members: Vec<(Uuid, Uuid)> = Vec::new();
    for row in of_type(rows, "DiagnosticReport") {
        let (Some(patient_id), Some(status), Some(taken_at)) = (row.patient, status(&row.value), taken(&row.value)) else { continue };
        let labels = labels::of(&row.value);
        let Some(title) = words::concept(&row.value["code"]) else { continue };
        if labels.hidden || labels.kept_back {
            continue;
        }
        let found: Vec<Uuid> = words::items(&row.value["result"]).filter_map(|item| context.links.resolve(row.id, item)).collect();
        let written = note::Entity::find()
            .filter(note::Column::ResourceId.eq(row.id))
            .filter(note::Column::Disclosure.eq(Disclosure::Shown))
            .one(context.tx)
            .await?;
        let conclusion = row.value["conclusion"].as_str().map(str::to_owned);
        // A report that only wraps a visit's note stays with the visit.
        if found.is_empty() && conclusion.is_none() && kind(&row.value["category"]) == Kind::Other {
            continue;
        }
        members.extend(found.into_iter().map(|member| (member, row.id)));
        let sensitive = labels.sensitive || visit_of(context, row).is_some_and(|visit| visit.sensitive);
        let kind = kind(&row.value["category"]);
        let mut model = result(row, patient_id, kind, title, status, taken_at, conclusion, sensitive);
        model.note_id = Set(written.map(|note| note.id));
        results.insert(row.id, model);
    }
    group(context, &members, &mut values, &mut results).await?;
    let shown: Vec<Uuid> = values.iter().map(|value| value.resource_id.clone().unwrap()).chain(results.keys().copied()).collect();
    let results: Vec<test_result::ActiveModel> = results.into_values().collect();
    let conflict = OnConflict::column(measurement::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, measurement::Entity, values, conflict.clone());
    let conflict = OnConflict::column(test_result::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, test_result::Entity, results, conflict.clone());
    Ok(shown)
}

/// Gives the values that reports name to their reports, also those that came with an earlier file. Of two reports that name
/// the same value the first keeps it.
async fn group(
    context: &Context<'_>,
    members: &[(Uuid, Uuid)],
    values: &mut [measurement::ActiveModel],
    results: &mut HashMap<Uuid, test_result::ActiveModel>,
) -> Result<(), DbErr> {
    let here: HashSet<Uuid> = values.iter().map(|value| value.resource_id.clone().unwrap()).collect();
    let mut reports: HashMap<Uuid, Uuid> = HashMap::new();
    for (member, report) in members {
        reports.entry(*member).or_insert(*report);
    }
    for value in values {
        if let Some(report) = reports.get(value.resource_id.as_ref()) {
            results.remove(value.resource_id.as_ref());
            value.result_id = Set(Some(*report));
        }
    }
    let mut earlier: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (member, report) in reports.into_iter().filter(|(member, _)| !here.contains(member)) {
        earlier.entry(report).or_default().push(member);
    }
    for (report, members) in earlier {
        for chunk in members.chunks(CHUNK) {
            let change = measurement::ActiveModel { result_id: Set(Some(report)), ..Default::default() };
            measurement::Entity::update_many()
                .set(change)
                .filter(measurement::Column::ResourceId.is_in(chunk.iter().copied()))
                .exec(context.tx)
                .await?;
            test_result::Entity::delete_many().filter(test_result::Column::Id.is_in(chunk.iter().copied())).exec(context.tx).await?;
        }
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn result(
    row: &Row,
    patient_id: Uuid,
    kind: Kind,
    title: String,
    status: Status,
    taken_at: DateTime<Utc>,
    conclusion: Option<String>,
    sensitive: bool,
) -> test_result::ActiveModel {
    let issued_at = words::instant(&row.value["issued"]);
    test_result::ActiveModel {
        id: Set(row.id),
        patient_id: Set(patient_id),
        kind: Set(kind),
        search_title: Set(title.to_lowercase()),
        title: Set(title),
        status: Set(status),
        taken_at: Set(taken_at),
        issued_at: Set(issued_at),
        available_at: Set(issued_at.unwrap_or(taken_at)),
        conclusion: Set(conclusion),
        note_id: Set(None),
        sensitive: Set(sensitive),
    }
}

/// What amended observations said before, while the database still has it.
async fn remember_amended(context: &Context<'_>, rows: &[&Row]) -> Result<(), DbErr> {
    let amended: HashMap<Uuid, &Row> =
        of_type(rows, "Observation").filter(|row| status(&row.value) == Some(Status::Amended)).map(|row| (row.id, row)).collect();
    let before = store::load(context.tx, amended.keys().copied().collect()).await?;
    let mut said = Vec::new();
    for old in before.iter().filter(|old| status(&old.value).is_some()) {
        let Some(new) = amended.get(&old.id) else { continue };
        for (position, (old_part, new_part)) in (0..).zip(parts(&old.value).zip(parts(&new.value))) {
            let whole = |part: &Value| Some(format!("{} {}", shown(part)?, words::unit(&part["valueQuantity"])).trim().to_owned());
            if let Some(text) = whole(old_part).filter(|text| Some(text) != whole(new_part).as_ref()) {
                said.push(measurement_before::ActiveModel {
                    resource_id: Set(old.id),
                    position: Set(position),
                    shown: Set(text),
                    replaced_at: Set(Utc::now()),
                });
            }
        }
    }
    let key = [measurement_before::Column::ResourceId, measurement_before::Column::Position, measurement_before::Column::Shown];
    let conflict = OnConflict::columns(key).do_nothing().to_owned();
    insert_all!(context.tx, measurement_before::Entity, said, conflict.clone());
    Ok(())
}

/// The observation's own value, if any, then its components.
fn parts(value: &Value) -> impl Iterator<Item = &Value> {
    std::iter::once(value).chain(words::items(&value["component"]))
}

/// The value as people read it, without its unit.
fn shown(part: &Value) -> Option<String> {
    let quantity = &part["valueQuantity"];
    if let Some(number) = words::number(&quantity["value"]) {
        return Some(format!("{}{number}", quantity["comparator"].as_str().unwrap_or_default()));
    }
    value_in_words(part)
}

/// Every other form of a FHIR value.
pub fn value_in_words(part: &Value) -> Option<String> {
    let ratio = || {
        let side = |name: &str| words::number(&part["valueRatio"][name]["value"]);
        Some(format!("{}:{}", side("numerator")?, side("denominator")?))
    };
    let between = || {
        let end = |name: &str| words::number(&part["valueRange"][name]["value"]);
        Some(format!("{}–{}", end("low")?, end("high")?))
    };
    let flag = || part["valueBoolean"].as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned());
    part["valueString"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| words::concept(&part["valueCodeableConcept"]))
        .or_else(|| part["valueInteger"].as_i64().map(|number| number.to_string()))
        .or_else(ratio)
        .or_else(between)
        .or_else(|| part["valueDateTime"].as_str().map(str::to_owned))
        .or_else(flag)
}

/// The range as given: the first one that is for everybody or for normal people, never one for a special group.
fn range(part: &Value) -> (Option<f64>, Option<f64>, Option<String>) {
    let is_normal = |range: &&Value| range["type"].is_null() || words::has_code(&range["type"], &["normal"]);
    let Some(range) = words::items(&part["referenceRange"]).find(is_normal) else { return (None, None, None) };
    let limit = |name: &str| range[name]["value"].as_f64();
    (limit("low"), limit("high"), range["text"].as_str().map(str::to_owned))
}

/// `system|code`, of LOINC when there is one; the words where nothing is coded.
pub fn code(concept: &Value) -> String {
    let coding = words::codings(concept).find(|coding| coding["system"] == "http://loinc.org").or_else(|| words::codings(concept).next());
    match coding.and_then(|coding| coding["code"].as_str().map(|code| (coding["system"].as_str().unwrap_or_default(), code))) {
        Some((system, code)) => format!("{system}|{code}"),
        None => format!("|{}", words::concept(concept).unwrap_or_default().to_lowercase()),
    }
}

/// What was said beside the value.
pub fn notes(value: &Value) -> Option<String> {
    let said: Vec<&str> = words::items(&value["note"]).filter_map(|note| note["text"].as_str()).collect();
    (!said.is_empty()).then(|| said.join("\n"))
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

    #[test]
    fn values_of_every_form_are_shown_as_given() {
        assert_eq!(shown(&json!({"valueQuantity": {"value": 6.30, "comparator": "<"}})).as_deref(), Some("<6.3"));
        assert_eq!(shown(&json!({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}})).as_deref(), Some("1:128"));
        assert_eq!(shown(&json!({"valueBoolean": false})).as_deref(), Some("no"));
        assert_eq!(shown(&json!({"dataAbsentReason": {"text": "unsatisfactory"}})), None);
    }

    #[test]
    fn a_range_for_a_special_group_is_nobodys_range() {
        let special = json!({"referenceRange": [{"type": {"coding": [{"code": "treatment"}]}, "low": {"value": 1}}, {"low": {"value": 3.1}, "high": {"value": 6.2}}]});
        assert_eq!(range(&special), (Some(3.1), Some(6.2), None));
        assert_eq!(range(&json!({})), (None, None, None));
    }

    #[test]
    fn codes_are_loincs_where_there_is_one() {
        let both = json!({"coding": [{"system": "urn:x", "code": "1"}, {"system": "http://loinc.org", "code": "718-7"}]});
        assert_eq!(code(&both), "http://loinc.org|718-7");
        assert_eq!(code(&json!({"text": "Iron"})), "|iron");
    }
}
