//! Condition, Observation, MedicationRequest, ServiceRequest, DiagnosticReport and CarePlan → lines of a visit's summary.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{entity::summary_item, model::Section};
use crate::{
    base::ids::new_id,
    record::{
        fhir::{
            self, labels,
            none_known::none_known,
            value::{shown, unit_of},
            value_in_words,
        },
        import::{Context, Incoming, insert_all, medicine, of_type, visit_of},
    },
};

const LABORATORY: &str = "108252007";
const IMAGING: &str = "363679005";
const FOLLOW_UP: &str = "390906007";
const REFERRAL: &str = "3457005";

/// One line, before it has a place.
struct Line {
    section: Section,
    text: String,
    detail: Option<String>,
    due_on: Option<chrono::NaiveDate>,
    /// By itself, whatever its visit is.
    sensitive: bool,
}

pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut items: Vec<summary_item::ActiveModel> = Vec::new();
    for (position, row) in (0..).zip(rows.iter().copied()) {
        let Some(visit) = visit_of(context, row) else { continue };
        let labels = labels::of(row.value);
        if labels.withheld() {
            continue;
        }
        let lines = match row.resource_type {
            "Encounter" => diagnoses_of_encounter(context, row).await?,
            "Condition" => condition(row.value).into_iter().collect(),
            "Observation" => vital(row.value).into_iter().collect(),
            "MedicationRequest" => medication(context, row).await?.into_iter().collect(),
            "ServiceRequest" => order(context, row).into_iter().collect(),
            "DiagnosticReport" => report(row.value).into_iter().collect(),
            "CarePlan" => plan(row.value),
            _ => continue,
        };
        let Some(patient_id) = row.patient else { continue };
        let sensitive = visit.sensitive || labels.sensitive;
        items.extend(lines.into_iter().map(|line| summary_item::ActiveModel {
            id: Set(new_id()),
            resource_id: Set(row.id),
            patient_id: Set(patient_id),
            visit_id: Set(visit.id),
            section: Set(line.section),
            position: Set(position),
            text: Set(line.text),
            detail: Set(line.detail),
            due_on: Set(line.due_on),
            sensitive: Set(sensitive || line.sensitive),
        }));
    }
    let conflict = OnConflict::column(summary_item::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, summary_item::Entity, items, conflict.clone());
    // Orders of an earlier file that are booked now.
    let orders: Vec<Uuid> = of_type(rows, "ServiceRequest").map(|row| row.id).collect();
    for (order, day) in context.booked.iter().filter(|(order, _)| !orders.contains(order)) {
        let due = summary_item::ActiveModel { due_on: Set(Some(*day)), ..Default::default() };
        let its_line = summary_item::Column::ResourceId.eq(*order).and(summary_item::Column::Section.eq(Section::FollowUp));
        summary_item::Entity::update_many().set(due).filter(its_line).exec(context.tx).await?;
    }
    Ok(items.into_iter().map(|item| item.resource_id.unwrap()).collect())
}

fn line(section: Section, text: String, detail: Option<String>) -> Line {
    Line { section, text, detail: detail.filter(|detail| !detail.is_empty()), due_on: None, sensitive: false }
}

/// A condition carries its label to wherever it is named, and is not named where it is withheld.
async fn diagnoses_of_encounter(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Vec<Line>, DbErr> {
    let mut lines = Vec::new();
    for diagnosis in fhir::items(&row.value["diagnosis"]) {
        let Some(id) = context.links.resolve(row.id, &diagnosis["condition"]) else { continue };
        let Some(value) = context.value(id).await?.filter(|value| !labels::of(value).withheld()) else { continue };
        if !context.is_of_same_person(row, id, &value) {
            continue;
        }
        let sensitive = context.is_sensitive(id, &value).await?;
        lines.extend(condition(&value).map(|line| Line { sensitive, ..line }));
    }
    Ok(lines)
}

fn condition(value: &Value) -> Option<Line> {
    let verified = !fhir::has_code(&value["verificationStatus"], &["entered-in-error", "refuted"]);
    let is_problem = verified && none_known(&value["code"]).is_none();
    is_problem.then(|| fhir::named(&value["code"]).map(|text| line(Section::Diagnosis, text, None))).flatten()
}

fn vital(value: &Value) -> Option<Line> {
    let is_vital = fhir::has_code(&value["category"], &["vital-signs"]);
    let is_final = !matches!(value["status"].as_str()?, "entered-in-error" | "cancelled" | "preliminary" | "registered" | "unknown");
    let shown = measured(value)?;
    (is_vital && is_final).then(|| fhir::named(&value["code"]).map(|text| line(Section::Vital, text, Some(shown)))).flatten()
}

/// "37.2 °C"; of a blood pressure "128/82 mmHg", and "142/– mmHg" where half of it was taken. Of other parts, each with its name.
fn measured(value: &Value) -> Option<String> {
    let parts = || fhir::items(&value["component"]);
    let part = |code: &str| parts().find(|part| fhir::has_code(&part["code"], &[code]));
    let (systolic, diastolic) = (part("8480-6"), part("8462-4"));
    let number = |part: Option<&Value>| part.and_then(shown);
    if let (Some(unit), true) = (systolic.or(diastolic).map(unit_of), number(systolic).is_some() || number(diastolic).is_some()) {
        let unit = if unit.is_empty() { diastolic.map(unit_of).unwrap_or_default() } else { unit };
        let half = |part: Option<&Value>| number(part).unwrap_or_else(|| "–".into());
        return Some(format!("{}/{} {unit}", half(systolic), half(diastolic)).trim().to_owned());
    }
    let named = parts().filter_map(|part| Some(format!("{} {}", fhir::named(&part["code"])?, value_in_words(part)?)));
    let all: Vec<String> = value_in_words(value).into_iter().chain(named).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

async fn medication(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<Line>, DbErr> {
    let value = row.value;
    let is_proposed = matches!(value["intent"].as_str(), Some("proposal" | "option"));
    if is_proposed || matches!(value["status"].as_str(), Some("draft" | "entered-in-error" | "cancelled" | "unknown")) {
        return Ok(None);
    }
    let Some(name) = medicine::name(context, row).await? else { return Ok(None) };
    let (stopped, changed) = (value["doNotPerform"] == true, value["priorPrescription"].is_object());
    let dose = fhir::items(&value["dosageInstruction"]).filter_map(|dose| dose["text"].as_str()).collect::<Vec<_>>().join("; ");
    Ok(Some(match (stopped, changed) {
        (true, _) => line(Section::MedicineStop, name, fhir::concept(&value["statusReason"])),
        (false, true) => line(Section::MedicineChange, name, Some(dose)),
        (false, false) => line(Section::MedicineStart, name, Some(dose)),
    }))
}

fn order(context: &Context<'_>, row: Incoming<'_>) -> Option<Line> {
    let value = row.value;
    if matches!(value["status"].as_str(), Some("draft" | "entered-in-error" | "revoked" | "unknown")) || value["doNotPerform"] == true {
        return None;
    }
    let text = fhir::named(&value["code"])?;
    let says = fhir::items(&value["note"]).filter_map(|note| note["text"].as_str()).collect::<Vec<_>>().join(" ");
    let detail = value["patientInstruction"].as_str().map(str::to_owned).or(Some(says));
    if fhir::has_code(&value["category"], &[LABORATORY, IMAGING]) {
        return Some(line(Section::Test, text, detail));
    }
    let day = [&value["occurrenceDateTime"], &value["occurrencePeriod"]["end"]]
        .into_iter()
        .find_map(fhir::when)
        .and_then(|when| when.day(context.zone));
    fhir::has_code(&value["category"], &[FOLLOW_UP, REFERRAL])
        .then(|| Line { due_on: context.booked.get(&row.id).copied().or(day), ..line(Section::FollowUp, text, detail) })
}

/// A laboratory report without an order of its own says what was tested, and no values.
fn report(value: &Value) -> Option<Line> {
    let is_lab = fhir::has_code(&value["category"], &["LAB"]);
    let is_final = matches!(value["status"].as_str(), Some("final" | "amended" | "corrected"));
    let ordered = fhir::items(&value["basedOn"]).next().is_some();
    (is_lab && is_final && !ordered).then(|| fhir::named(&value["code"]).map(|text| line(Section::Test, text, None))).flatten()
}

fn plan(value: &Value) -> Vec<Line> {
    if !matches!(value["status"].as_str(), Some("active" | "completed" | "on-hold")) {
        return Vec::new();
    }
    activities(value).map(|text| line(Section::Instruction, text, None)).collect()
}

/// What a plan says is to be done, without what must not be done, was called off or is an error.
pub fn activities(plan: &Value) -> impl Iterator<Item = String> {
    let details = fhir::items(&plan["activity"]).map(|activity| &activity["detail"]);
    let holds = |detail: &&Value| {
        detail["doNotPerform"] != true && !matches!(detail["status"].as_str(), Some("cancelled" | "stopped" | "entered-in-error"))
    };
    details.filter(holds).filter_map(|detail| detail["description"].as_str().map(str::to_owned).or_else(|| fhir::concept(&detail["code"])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn measurements_read_as_people_say_them() {
        assert_eq!(measured(&json!({"valueQuantity": {"value": 37.2, "unit": "Cel"}})).as_deref(), Some("37.2 °C"));
        assert_eq!(measured(&json!({"valueQuantity": {"value": 80, "unit": "/min"}})).as_deref(), Some("80 per minute"));
        let pressure = json!({"component": [
            {"code": {"coding": [{"code": "8462-4"}]}, "valueQuantity": {"value": 82, "unit": "mm[Hg]"}},
            {"code": {"coding": [{"code": "8480-6"}]}, "valueQuantity": {"value": 128, "unit": "mm[Hg]"}},
        ]});
        assert_eq!(measured(&pressure).as_deref(), Some("128/82 mmHg"));
        let half = |code: &str| {
            json!({"component": [{"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": 142, "unit": "mm[Hg]"}},
            {"code": {"coding": [{"code": if code == "8480-6" { "8462-4" } else { "8480-6" }}]}, "dataAbsentReason": {"text": "unknown"}}]})
        };
        assert_eq!(measured(&half("8480-6")).as_deref(), Some("142/– mmHg"));
        assert_eq!(measured(&half("8462-4")).as_deref(), Some("–/142 mmHg"));
        assert_eq!(measured(&json!({"valueQuantity": {"value": 70, "comparator": "<", "unit": "%"}})).as_deref(), Some("<70 %"));
        let parts = json!({"component": [{"code": {"text": "Left eye"}, "valueString": "20/40"}, {"code": {"text": "Right eye"}, "valueString": "20/20"}]});
        assert_eq!(measured(&parts).as_deref(), Some("Left eye 20/40; Right eye 20/20"));
        assert_eq!(measured(&json!({})), None);
    }

    #[test]
    fn what_must_not_be_done_or_was_called_off_is_no_activity() {
        let with = |extra: Value| {
            let mut detail = json!({"description": "Walk"});
            detail.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            activities(&json!({"activity": [{"detail": detail}]})).count()
        };
        assert_eq!((with(json!({"status": "in-progress"})), with(json!({"doNotPerform": false}))), (1, 1));
        for left_out in [json!({"doNotPerform": true}), json!({"status": "cancelled"}), json!({"status": "entered-in-error"})] {
            assert_eq!(with(left_out.clone()), 0, "{left_out}");
        }
    }

    #[test]
    fn what_is_refuted_or_an_error_is_not_told() {
        assert!(condition(&json!({"code": {"text": "Flu"}})).is_some());
        for status in ["refuted", "entered-in-error"] {
            assert!(condition(&json!({"code": {"text": "Flu"}, "verificationStatus": {"coding": [{"code": status}]}})).is_none());
        }
        let vital_with = |status: &str| {
            vital(
                &json!({"status": status, "category": [{"coding": [{"code": "vital-signs"}]}], "code": {"text": "Heart rate"}, "valueQuantity": {"value": 80}}),
            )
        };
        assert!(vital_with("final").is_some() && vital_with("preliminary").is_none() && vital_with("entered-in-error").is_none());
    }
}
