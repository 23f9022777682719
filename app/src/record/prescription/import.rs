//! MedicationRequest and MedicationDispense → prescriptions and what was given of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{dispense, prescription},
    model::DispenseState,
    supply::Supply,
};
use crate::{
    base::clock::local_date,
    record::{
        fhir::{self, labels, timing::unit_of_time},
        import::{CHUNK, Context, Incoming, insert_all, is_of_sensitive_visit, names, of_type, visit_of},
    },
};

/// The system of the identifiers of requests for medicine that were made in the portal.
pub const REQUESTS: &str = "urn:oid:2.25.133927413920873651920380118312264098113";

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut prescribed: Vec<prescription::Model> = Vec::new();
    for row in of_type(rows, "MedicationRequest") {
        prescribed.extend(prescription(context, row).await?);
    }
    let mut concerned: BTreeSet<Uuid> = prescribed.iter().map(|row| row.id).collect();
    let new: Vec<prescription::ActiveModel> = prescribed.into_iter().map(Into::into).collect();
    let conflict = OnConflict::column(prescription::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, prescription::Entity, new, conflict.clone());
    let mut given: Vec<(dispense::Model, bool)> = Vec::new();
    for row in of_type(rows, "MedicationDispense") {
        given.extend(dispense(context, row).await?);
    }
    let given = of_prescriptions(context, given).await?;
    concerned.extend(given.iter().map(|row| row.prescription_id));
    let shown = given.iter().map(|row| row.id).collect();
    let new: Vec<dispense::ActiveModel> = given.into_iter().map(Into::into).collect();
    let conflict = OnConflict::column(dispense::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, dispense::Entity, new, conflict.clone());
    run_out(context, concerned).await?;
    Ok(shown)
}

/// Writes down when the supply of these prescriptions runs out.
async fn run_out(context: &Context<'_>, prescriptions: BTreeSet<Uuid>) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = prescriptions.into_iter().collect();
    for chunk in ids.chunks(CHUNK) {
        let given = dispense::Entity::find().filter(dispense::Column::PrescriptionId.is_in(chunk.iter().copied())).all(context.tx).await?;
        let found = prescription::Entity::find().filter(prescription::Column::Id.is_in(chunk.iter().copied()));
        for prescription in found.all(context.tx).await? {
            let of_this: Vec<&dispense::Model> = given.iter().filter(|given| given.prescription_id == prescription.id).collect();
            let until = Supply::of(&prescription, &of_this, |at| local_date(at, &context.zone)).until();
            if until != prescription.runs_out_on {
                let told = prescription::ActiveModel { id: Unchanged(prescription.id), runs_out_on: Set(until), ..Default::default() };
                prescription::Entity::update(told).exec(context.tx).await?;
            }
        }
    }
    Ok(())
}

async fn prescription(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<prescription::Model>, DbErr> {
    let (value, Some(patient)) = (row.value, row.patient) else { return Ok(None) };
    let labels = labels::of(value);
    let is_order =
        matches!(value["intent"].as_str(), Some("order" | "original-order" | "reflex-order" | "filler-order" | "instance-order"));
    let counts = !matches!(value["status"].as_str(), None | Some("entered-in-error" | "draft" | "unknown"));
    if labels.withheld() || row.cannot_be_told || !is_order || !counts || value["doNotPerform"] == true {
        return Ok(None);
    }
    let supply = &value["dispenseRequest"];
    let (told, computed) = (in_days(&supply["expectedSupplyDuration"]), computed_days(value));
    let clinician = practitioner(context, row, &value["requester"]).await?;
    Ok(Some(prescription::Model {
        id: row.id,
        patient_id: patient,
        clinician_id: clinician,
        visit_id: visit_of(context, row).map(|visit| visit.id),
        repeats: supply["numberOfRepeatsAllowed"].as_u64().and_then(|repeats| i32::try_from(repeats).ok()),
        valid_until: fhir::last_day(&supply["validityPeriod"]["end"]),
        days: told.or(computed),
        days_computed: told.is_none(),
        authored_at: moment(&value["authoredOn"]),
        runs_out_on: None,
        answers: answers(value),
        sensitive: labels.sensitive || is_of_sensitive_visit(context, row),
    }))
}

/// Those that stand at a prescription of the same person, which nobody is shown who may not see them. The others are listed with the
/// other records.
async fn of_prescriptions(context: &Context<'_>, given: Vec<(dispense::Model, bool)>) -> Result<Vec<dispense::Model>, DbErr> {
    let ids: BTreeSet<Uuid> = given.iter().map(|(row, _)| row.prescription_id).collect();
    let mut known = Vec::new();
    for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        known.extend(prescription::Entity::find().filter(prescription::Column::Id.is_in(chunk.iter().copied())).all(context.tx).await?);
    }
    let stands = |row: &dispense::Model, sensitive: bool| {
        let of = known.iter().find(|found| found.id == row.prescription_id && found.patient_id == row.patient_id);
        of.is_some_and(|found| found.sensitive || !sensitive)
    };
    Ok(given.into_iter().filter(|(row, sensitive)| stands(row, *sensitive)).map(|(row, _)| row).collect())
}

/// What was given, and whether its labels, or those of its visit, make it sensitive.
async fn dispense(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<(dispense::Model, bool)>, DbErr> {
    let (value, Some(patient)) = (row.value, row.patient) else { return Ok(None) };
    let state = value["status"].as_str().and_then(DispenseState::of_status);
    let labels = labels::of(value);
    let Some(state) = state.filter(|_| !row.cannot_be_told && !labels.withheld()) else { return Ok(None) };
    let sensitive = labels.sensitive || is_of_sensitive_visit(context, row);
    let mut of = None;
    for reference in fhir::items(&value["authorizingPrescription"]) {
        context.links.depend(row.id, reference);
        of = of.or(context.links.resolve(row.id, reference));
    }
    let Some(of) = of else { return Ok(None) };
    let performer = fhir::items(&value["performer"]).map(|performer| &performer["actor"]);
    let mut pharmacy = None;
    for place in std::iter::once(&value["location"]).chain(performer).filter(|place| place.is_object()) {
        if pharmacy.is_none() {
            pharmacy = names::of(context, row, place).await?;
        }
    }
    let row = dispense::Model {
        id: row.id,
        patient_id: patient,
        prescription_id: of,
        state,
        days: in_days(&value["daysSupply"]),
        quantity: fhir::dose(&value["quantity"]).map(|text| short(&text)),
        prepared_at: moment(&value["whenPrepared"]),
        handed_over_at: moment(&value["whenHandedOver"]),
        pharmacy: pharmacy.map(|name| name.chars().take(200).collect()),
    };
    Ok(Some((row, sensitive)))
}

/// The Practitioner of a reference, or of the PractitionerRole that it means.
async fn practitioner(context: &mut Context<'_>, row: Incoming<'_>, reference: &Value) -> Result<Option<Uuid>, DbErr> {
    let Some(id) = context.links.resolve(row.id, reference) else { return Ok(None) };
    match context.value(id).await? {
        Some(role) if role["resourceType"] == "PractitionerRole" => Ok(context.links.resolve(id, &role["practitioner"])),
        Some(person) if person["resourceType"] == "Practitioner" => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// The request made in the portal that an order answers: by its identifier, or by what it is based on.
fn answers(value: &Value) -> Option<Uuid> {
    let based_on = fhir::items(&value["basedOn"]).map(|reference| &reference["identifier"]);
    let named = fhir::items(&value["identifier"]).chain(based_on).chain([&value["groupIdentifier"]]);
    named.filter(|identifier| identifier["system"] == REQUESTS).find_map(|identifier| identifier["value"].as_str()?.parse().ok())
}

/// Of a year or a month alone nobody counts days.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    fhir::instant(value).filter(|_| fhir::partial(value).is_none())
}

/// A duration in whole days.
fn in_days(duration: &Value) -> Option<i32> {
    let in_days = match unit_of_time(duration) {
        Some("d") => 1.0,
        Some("wk") => 7.0,
        Some("mo") => 30.0,
        Some("a") => 365.0,
        _ => return None,
    };
    whole(duration["value"].as_f64()? * in_days)
}

/// For how many days a quantity lasts: with one dose that has the same unit, so many times in a time. What is taken when it is needed
/// lasts nobody knows how long.
fn computed_days(value: &Value) -> Option<i32> {
    let quantity = &value["dispenseRequest"]["quantity"];
    let mut dosages = fhir::items(&value["dosageInstruction"]);
    let (dosage, None) = (dosages.next()?, dosages.next()) else { return None };
    let mut rates = fhir::items(&dosage["doseAndRate"]);
    let (rate, None) = (rates.next()?, rates.next()) else { return None };
    let (dose, repeat) = (&rate["doseQuantity"], &dosage["timing"]["repeat"]);
    let as_needed = dosage["asNeededBoolean"] == true || dosage["asNeededCodeableConcept"].is_object();
    let varies = ["frequencyMax", "periodMax", "dayOfWeek", "when"].iter().any(|name| !repeat[*name].is_null());
    if as_needed || varies || fhir::unit(quantity).to_lowercase() != fhir::unit(dose).to_lowercase() {
        return None;
    }
    let in_days = match repeat["periodUnit"].as_str()? {
        "d" => 1.0,
        "h" => 1.0 / 24.0,
        "wk" => 7.0,
        _ => return None,
    };
    let times = repeat["frequency"].as_f64().unwrap_or(1.0);
    let (dose, period) = (dose["value"].as_f64()?, repeat["period"].as_f64()? * in_days);
    whole(quantity["value"].as_f64()? / (dose * times) * period)
}

/// A number of days that makes sense: more than none, at most ten years.
fn whole(days: f64) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "it is in the range")]
    (days.is_finite() && (1.0..=3660.0).contains(&days)).then_some(days as i32)
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(quantity: Value, dosage: Value) -> Value {
        json!({"dispenseRequest": {"quantity": quantity}, "dosageInstruction": [dosage]})
    }

    #[test]
    fn days_are_computed_from_one_regular_dose_only() {
        let quantity = || json!({"value": 60, "unit": "tablet"});
        let dosage = |more: Value| {
            let mut dosage = json!({"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]});
            for (name, value) in more.as_object().expect("members") {
                dosage[name] = value.clone();
            }
            dosage
        };
        assert_eq!(computed_days(&order(quantity(), dosage(json!({})))), Some(30));
        assert_eq!(computed_days(&order(quantity(), dosage(json!({"asNeededBoolean": true})))), None);
        assert_eq!(computed_days(&order(json!({"value": 60, "unit": "mL"}), dosage(json!({})))), None);
        let every_six_hours = json!({"timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}});
        assert_eq!(computed_days(&order(quantity(), dosage(every_six_hours))), Some(15));
        let none = json!({"doseAndRate": [{"doseQuantity": {"value": 0, "unit": "tablet"}}]});
        assert_eq!(computed_days(&order(quantity(), dosage(none))), None, "nothing lasts for ever");
        let two = json!({"dispenseRequest": {"quantity": quantity()}, "dosageInstruction": [dosage(json!({})), dosage(json!({}))]});
        assert_eq!(computed_days(&two), None);
    }

    #[test]
    fn durations_are_days() {
        assert_eq!(in_days(&json!({"value": 90, "unit": "days", "code": "d"})), Some(90));
        assert_eq!(in_days(&json!({"value": 3, "code": "mo"})), Some(90));
        assert_eq!(in_days(&json!({"value": 12, "code": "h"})), None);
        assert_eq!(in_days(&json!({"value": -3, "code": "d"})), None);
    }

    #[test]
    fn an_order_says_which_request_it_answers() {
        let id = Uuid::now_v7();
        let named = json!({"system": REQUESTS, "value": id.to_string()});
        for order in [json!({"identifier": [named]}), json!({"basedOn": [{"identifier": named}]}), json!({"groupIdentifier": named})] {
            assert_eq!(answers(&order), Some(id));
        }
        assert_eq!(answers(&json!({"identifier": [{"system": "urn:other", "value": id.to_string()}]})), None);
    }
}
