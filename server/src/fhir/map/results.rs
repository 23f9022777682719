//! Observation and DiagnosticReport → values, and the reports that group them.
//!
//! Shown are final, amended and corrected ones; what is preliminary, cancelled or entered in error is kept and not shown.

mod earlier;
mod group;
mod range;

use std::collections::{HashMap, HashSet};

use app::{
    base::ids::new_id,
    people::patient,
    record::{
        note::{entity::note, model::Disclosure},
        result::{
            entity::{measurement, test_result},
            model::{Kind, Status},
        },
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use self::{
    earlier::Earlier,
    group::Place,
    range::{Person, Sex},
};
use super::{Context, insert_all, labels, of_type, summary::visit_of, words};
use crate::fhir::{
    panels::members,
    store::{CHUNK, Row},
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

/// When something was taken, and whether its source said a time and not the day only.
#[derive(Clone, Copy)]
struct Taken {
    at: DateTime<Utc>,
    timed: bool,
}

/// Pages sort by it, so something is needed.
fn taken(value: &Value) -> Option<Taken> {
    let said = [&value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["effectiveInstant"], &value["issued"]];
    let timed = |found: &Value| found.as_str().is_some_and(|text| text.contains('T'));
    said.into_iter().find_map(|found| Some(Taken { at: words::instant(found)?, timed: timed(found) }))
}

/// What observations and reports have in common, when they may be shown.
struct Head<'a> {
    row: &'a Row,
    patient: Uuid,
    class: Class,
    status: Status,
    title: String,
    taken: Option<Taken>,
    sensitive: bool,
}

fn head<'a>(context: &mut Context<'_>, row: &'a Row) -> Option<Head<'a>> {
    let (value, labels) = (&row.value, labels::of(&row.value));
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
fn is_sensitive(context: &mut Context<'_>, row: &Row) -> bool {
    labels::of(&row.value).sensitive || visit_of(context, row).is_some_and(|visit| visit.sensitive)
}

pub async fn all(context: &mut Context<'_>, rows: &[&Row]) -> Result<Vec<Uuid>, DbErr> {
    let earlier = Earlier::take_back(context.tx, rows).await?;
    let people = people(context.tx, rows).await?;
    let observations: Vec<Head<'_>> =
        of_type(rows, "Observation").filter_map(|row| head(context, row)).filter(|head| head.class != Class::Social).collect();
    let reports = reports(context, rows);
    let places = group::places(context, rows, &reports, &observations);
    let mut values: Vec<measurement::ActiveModel> = Vec::new();
    for head in &observations {
        values.extend(values_of(head, places.get(&head.row.id), &earlier, people.get(&head.patient).copied()));
    }
    let texts = texts(context.tx, &reports).await?;
    let mut results: Vec<test_result::ActiveModel> = Vec::new();
    for report in &reports {
        results.extend(result(report, &earlier, texts.get(&report.row.id).copied()));
    }
    for head in alone(&observations, &places, &values) {
        results.extend(result(head, &earlier, None));
    }
    name_for_search(rows, &places, &values, &mut results);
    let panels = of_type(rows, "Observation").filter(|row| places.contains_key(&row.id) && is_panel(&row.value)).map(|row| row.id);
    let shown: Vec<Uuid> = values
        .iter()
        .map(|value| *value.resource_id.as_ref())
        .chain(results.iter().map(|found| *found.id.as_ref()))
        .chain(panels)
        .collect();
    let conflict = OnConflict::column(measurement::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, measurement::Entity, values, conflict.clone());
    let conflict = OnConflict::column(test_result::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, test_result::Entity, results, conflict.clone());
    Ok(shown)
}

/// Sex and birth date of everybody in whose chart something comes, for their ranges.
async fn people(tx: &DatabaseTransaction, rows: &[&Row]) -> Result<HashMap<Uuid, Person>, DbErr> {
    let ids: HashSet<Uuid> = of_type(rows, "Observation").filter_map(|row| row.patient).collect();
    let mut people = HashMap::new();
    for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found = patient::Entity::find().filter(patient::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        people.extend(found.into_iter().map(|row| (row.id, Person { sex: row.sex.as_deref().and_then(Sex::of), born: row.birth_date })));
    }
    Ok(people)
}

/// The reports that are results, the oldest first. One that only wraps a visit's note stays with the visit.
fn reports<'a>(context: &mut Context<'_>, rows: &'a [&'a Row]) -> Vec<Head<'a>> {
    let mut reports: Vec<Head<'a>> = of_type(rows, "DiagnosticReport").filter_map(|row| head(context, row)).collect();
    reports.retain(|report| {
        let is_result = report.class != Class::Result(Kind::Other) || report.row.value["conclusion"].is_string();
        let mut named = members(&report.row.value);
        report.taken.is_some() && (is_result || named.any(|member| context.links.resolve(report.row.id, member).is_some()))
    });
    reports.sort_by_key(|report| report.row.id);
    reports
}

/// The texts of these reports that may be read, by the reports' ids.
async fn texts(tx: &DatabaseTransaction, reports: &[Head<'_>]) -> Result<HashMap<Uuid, Uuid>, DbErr> {
    let mut texts = HashMap::new();
    for chunk in reports.chunks(CHUNK) {
        let found: Vec<(Uuid, Uuid)> = note::Entity::find()
            .select_only()
            .columns([note::Column::ResourceId, note::Column::Id])
            .filter(note::Column::ResourceId.is_in(chunk.iter().map(|report| report.row.id)))
            .filter(note::Column::Disclosure.eq(Disclosure::Shown))
            .into_tuple()
            .all(tx)
            .await?;
        texts.extend(found);
    }
    Ok(texts)
}

fn is_panel(value: &Value) -> bool {
    members(value).next().is_some()
}

/// The observations that are results themselves: they stand in no other, and there is something to show of them.
fn alone<'a>(
    observations: &'a [Head<'a>],
    places: &HashMap<Uuid, Place>,
    values: &[measurement::ActiveModel],
) -> impl Iterator<Item = &'a Head<'a>> {
    let filled: HashSet<Uuid> =
        places.values().map(|place| place.result).chain(values.iter().map(|value| *value.resource_id.as_ref())).collect();
    let placed: HashSet<Uuid> = places.keys().copied().collect();
    observations.iter().filter(move |head| {
        let is_empty_panel = is_panel(&head.row.value) && !filled.contains(&head.row.id);
        matches!(head.class, Class::Result(_)) && !placed.contains(&head.row.id) && !is_empty_panel
    })
}

fn result(head: &Head<'_>, earlier: &Earlier, note_id: Option<Uuid>) -> Option<test_result::ActiveModel> {
    let (Class::Result(kind), Taken { at, timed }) = (head.class, head.taken?) else { return None };
    let value = &head.row.value;
    let issued_at = words::instant(&value["issued"]);
    let conclusion = value["conclusion"].as_str();
    Some(test_result::ActiveModel {
        id: Set(head.row.id),
        patient_id: Set(head.patient),
        kind: Set(kind),
        title: Set(head.title.clone()),
        search_title: Set(head.title.to_lowercase()),
        status: Set(head.status),
        taken_at: Set(at),
        timed: Set(timed),
        issued_at: Set(issued_at),
        available_at: Set(earlier.result_since(head.row.id, head.status, issued_at.unwrap_or(at))),
        conclusion: Set(conclusion.map(str::to_owned)),
        conclusion_before: Set(earlier.conclusion_before(head.row.id, head.status, conclusion)),
        note_id: Set(note_id),
        sensitive: Set(head.sensitive),
    })
}

/// Who looks for "LDL" finds the lipid panel. The name of a sensitive value leads to no result that is not sensitive itself:
/// whoever may not see the value would learn of it.
fn name_for_search(
    rows: &[&Row],
    places: &HashMap<Uuid, Place>,
    values: &[measurement::ActiveModel],
    results: &mut [test_result::ActiveModel],
) {
    let mut names: HashMap<Uuid, Vec<(String, bool)>> = HashMap::new();
    for value in values {
        let (result, name): (&Option<Uuid>, &String) = (value.result_id.as_ref(), value.name.as_ref());
        if let Some(result) = result {
            names.entry(*result).or_default().push((name.to_lowercase(), *value.sensitive.as_ref()));
        }
    }
    for row in of_type(rows, "Observation").filter(|row| is_panel(&row.value)) {
        if let (Some(place), Some(title)) = (places.get(&row.id), title(&row.value["code"])) {
            names.entry(place.result).or_default().push((title.to_lowercase(), place.sensitive));
        }
    }
    for found in results {
        let title: &String = found.search_title.as_ref();
        let mut all = vec![title.clone()];
        for (name, sensitive) in names.remove(found.id.as_ref()).unwrap_or_default() {
            if (!sensitive || *found.sensitive.as_ref()) && !all.contains(&name) {
                all.push(name);
            }
        }
        found.search_title = Set(all.join("\n"));
    }
}

/// The values of one observation, in the unit in which they were measured.
fn values_of(head: &Head<'_>, place: Option<&Place>, earlier: &Earlier, person: Option<Person>) -> Vec<measurement::ActiveModel> {
    let (id, value) = (head.row.id, &head.row.value);
    let Some(taken) = head.taken.or(place.and_then(|place| place.taken)) else { return Vec::new() };
    let is_result = matches!(head.class, Class::Result(_));
    let kind = match (head.class, place) {
        // Trends, cards and the choice when results are shown go by it.
        (Class::Result(Kind::Other), Some(place)) => place.kind,
        (Class::Result(kind), _) => kind,
        _ => Kind::Vital,
    };
    let since = earlier.values_since(id, head.status, words::instant(&value["issued"]).unwrap_or(taken.at));
    let mut comment = notes(value);
    let one = |position: i32, part: &Value, shown: Option<String>, absent: Option<String>, comment: Option<String>| {
        let quantity = &part["valueQuantity"];
        let range = range::of(part, person, taken.at.date_naive());
        measurement::ActiveModel {
            id: Set(new_id()),
            resource_id: Set(id),
            patient_id: Set(head.patient),
            result_id: Set(place.map(|place| place.result).or(is_result.then_some(id))),
            position: Set(position),
            kind: Set(kind),
            code: Set(code(&part["code"])),
            name: Set(title(&part["code"]).unwrap_or_else(|| head.title.clone())),
            value: Set(quantity["value"].as_f64().filter(|_| quantity["comparator"].is_null())),
            shown: Set(shown.unwrap_or_default()),
            absent: Set(absent),
            unit: Set(Some(words::unit(quantity)).filter(|unit| !unit.is_empty())),
            ucum: Set(quantity["code"].as_str().filter(|_| quantity["system"] == UCUM).map(str::to_owned)),
            low: Set(range.low),
            high: Set(range.high),
            range_text: Set(range.text),
            flag: Set(flag(part)),
            status: Set(head.status),
            taken_at: Set(taken.at),
            timed: Set(taken.timed),
            available_at: Set(since),
            comment: Set(comment),
            sensitive: Set(head.sensitive || place.is_some_and(|place| place.sensitive)),
        }
    };
    let mut values: Vec<measurement::ActiveModel> = Vec::new();
    for (position, part) in (0..).zip(parts(value)) {
        let shown = shown(part);
        let absent = if shown.is_none() && is_result { absent(part) } else { None };
        if shown.is_some() || absent.is_some() {
            values.push(one(position, part, shown, absent, comment.take()));
        }
    }
    // A clinician's word is not lost where there is no value.
    if is_result && comment.is_some() {
        values.push(one(0, value, None, None, comment));
    }
    values
}

/// The code system of units.
const UCUM: &str = "http://unitsofmeasure.org";

fn flag(part: &Value) -> Option<String> {
    words::items(&part["interpretation"]).flat_map(words::codings).find_map(|coding| coding["code"].as_str()).map(str::to_owned)
}

/// Why there is no value, in the words of the source. What consists of parts has its values there.
fn absent(part: &Value) -> Option<String> {
    let reason = &part["dataAbsentReason"];
    let consists_of_parts = words::items(&part["component"]).next().is_some() || is_panel(part);
    let code = || words::codings(reason).find_map(|coding| coding["code"].as_str()).map(|code| code.replace('-', " "));
    words::concept(reason).or_else(code).filter(|_| !consists_of_parts)
}

/// Percentiles of children by age and sex, in LOINC. Source: US Core pediatric profiles.
const PERCENTILES: [&str; 3] = ["59576-9", "77606-2", "8289-1"];

/// What was measured. Percentiles are told as their code says it: hospitals call them by what they are of, and a BMI of 65 % is none.
fn title(code: &Value) -> Option<String> {
    let of_percentile =
        |coding: &&Value| coding["system"] == "http://loinc.org" && coding["code"].as_str().is_some_and(|code| PERCENTILES.contains(&code));
    let percentile = words::codings(code).find(of_percentile).and_then(|coding| coding["display"].as_str());
    percentile.map(str::to_owned).or_else(|| words::concept(code))
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
    fn a_percentile_is_not_told_as_what_it_is_of() {
        let called =
            |code: &str| title(&json!({"text": "BMI", "coding": [{"system": "http://loinc.org", "code": code, "display": "By LOINC"}]}));
        assert_eq!((called("59576-9").as_deref(), called("39156-5").as_deref()), (Some("By LOINC"), Some("BMI")));
    }

    #[test]
    fn values_of_every_form_are_shown_as_given() {
        assert_eq!(shown(&json!({"valueQuantity": {"value": 6.30, "comparator": "<"}})).as_deref(), Some("<6.3"));
        assert_eq!(shown(&json!({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}})).as_deref(), Some("1:128"));
        assert_eq!(shown(&json!({"valueBoolean": false})).as_deref(), Some("no"));
        assert_eq!(shown(&json!({"dataAbsentReason": {"text": "unsatisfactory"}})), None);
    }

    #[test]
    fn what_has_no_value_says_why_and_what_has_parts_does_not() {
        let reason = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "not-performed"}]});
        assert_eq!(absent(&json!({"dataAbsentReason": reason})).as_deref(), Some("not performed"));
        assert_eq!(absent(&json!({"dataAbsentReason": {"text": "Clotted"}})).as_deref(), Some("Clotted"));
        assert_eq!(absent(&json!({"dataAbsentReason": reason, "component": [{"valueString": "x"}]})), None);
        assert_eq!(absent(&json!({})), None);
    }

    #[test]
    fn a_day_without_a_time_is_known_as_such() {
        let timed = |value: Value| taken(&value).map(|taken| taken.timed);
        assert_eq!(timed(json!({"effectiveDateTime": "2005-07-05"})), Some(false));
        assert_eq!(timed(json!({"effectiveDateTime": "2005-07-05T08:00:00-04:00"})), Some(true));
        assert_eq!(timed(json!({})), None);
    }

    #[test]
    fn codes_are_loincs_where_there_is_one() {
        let both = json!({"coding": [{"system": "urn:x", "code": "1"}, {"system": "http://loinc.org", "code": "718-7"}]});
        assert_eq!(code(&both), "http://loinc.org|718-7");
        assert_eq!(code(&json!({"text": "Iron"})), "|iron");
    }
}
