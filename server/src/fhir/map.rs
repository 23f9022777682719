//! From FHIR's nouns to what pages show: the mappers of the features, in the order in which they need each other.
//!
//! What has no mapper of its own, or of which no mapper makes anything, is listed with the other records. Kept and not shown is
//! only what is of nobody in particular, entered in error, superseded, not final yet or withheld by a label.

use std::collections::HashSet;

use app::{
    desk::{billing, scheduling},
    features::{medications, messages, personal, questionnaires},
    record::{
        care_team,
        fhir::modifier,
        import::{Context, Incoming, Links as WhomTheyMean},
        item, note, prescription, result, summary, visit,
    },
};
use chrono_tz::Tz;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::{chart, links::Links, store::Row};

/// The types of which pages show something, in the order in which they need each other.
const MAPPED: [&str; 35] = [
    "Binary",
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Schedule",
    "Slot",
    "Patient",
    "RelatedPerson",
    "Medication",
    "Appointment",
    "Encounter",
    "Condition",
    "Observation",
    "MedicationRequest",
    "MedicationDispense",
    "ServiceRequest",
    "DiagnosticReport",
    "CarePlan",
    "DocumentReference",
    "MedicationStatement",
    "AllergyIntolerance",
    "Communication",
    "Task",
    "Account",
    "ChargeItem",
    "Invoice",
    "Claim",
    "ExplanationOfBenefit",
    "PaymentReconciliation",
    "PaymentNotice",
    "Coverage",
    "Questionnaire",
    "QuestionnaireResponse",
];

impl WhomTheyMean for Links {
    fn resolve(&mut self, from: Uuid, reference: &Value) -> Option<Uuid> {
        Links::resolve(self, from, reference)
    }

    fn depend(&mut self, from: Uuid, reference: &Value) {
        Links::depend(self, from, reference);
    }

    fn chart_of(&self, patient: Uuid) -> Option<Uuid> {
        self.patients.get(&patient).copied()
    }
}

/// Maps all rows, tells each whose chart it belongs to, and returns those of which a page shows something.
pub async fn all(tx: &DatabaseTransaction, rows: &mut [Row], links: &mut Links, zone: Tz) -> Result<HashSet<Uuid>, DbErr> {
    // Others may be about persons of this very bundle, so these come first.
    let people: Vec<Incoming<'_>> = rows.iter().map(|row| incoming(row, None)).collect();
    personal::import::all(tx, &people, &mut links.patients, &links.leaders).await?;
    for row in rows.iter_mut() {
        row.patient = chart::of(row, links);
    }
    let left: Vec<Option<Value>> = rows.iter().map(left_of).collect();
    let everything: Vec<Incoming<'_>> = rows.iter().zip(&left).map(|(row, left)| incoming(row, left.as_ref())).collect();
    let order = |row: &Incoming<'_>| MAPPED.iter().position(|name| *name == row.resource_type);
    let mut mapped: Vec<Incoming<'_>> = everything.iter().copied().filter(|row| order(row).is_some()).collect();
    mapped.sort_by_key(order);
    let mut shown: HashSet<Uuid> = mapped
        .iter()
        .filter(|row| row.resource_type == "Patient" && links.patients.contains_key(&row.id) || row.resource_type == "Medication")
        .map(|row| row.id)
        .collect();
    let mut context = Context::new(tx, links, &mapped, zone);
    shown.extend(care_team::import::all(&mut context, &mapped).await?);
    shown.extend(scheduling::import::all(&mut context, &mapped).await?);
    shown.extend(visit::import::all(&mut context, &mapped).await?);
    shown.extend(summary::import::all(&mut context, &mapped).await?);
    shown.extend(note::import::all(&mut context, &mapped).await?);
    shown.extend(result::import::all(&mut context, &mapped).await?);
    // From here on, what came at a visit of an earlier file is known to have come at it.
    visit::import::look_up(&mut context, &everything).await?;
    shown.extend(prescription::import::all(&mut context, &mapped).await?);
    // What was asked or written here and comes back is no news of the record.
    let mut own = medications::import::all(&mut context, &mapped).await?;
    let messages = messages::import::all(&mut context, &mapped).await?;
    shown.extend(messages.shown);
    own.extend(messages.own);
    shown.extend(billing::import::all(&mut context, &mapped).await?);
    let answers = questionnaires::import::all(&mut context, &mapped).await?;
    shown.extend(answers.shown);
    own.extend(answers.own);
    let others: Vec<Incoming<'_>> = everything.iter().copied().filter(|row| !own.contains(&row.id)).collect();
    let listed = item::import::all(&mut context, &others, &shown).await?;
    shown.extend(own);
    shown.extend(listed);
    Ok(shown)
}

/// What mappers see of a resource that only its source understands. Whoever has a chart keeps it.
fn left_of(row: &Row) -> Option<Value> {
    (row.resource_type != "Patient" && modifier::is_changed(&row.value)).then(|| modifier::without_content(&row.value))
}

fn incoming<'a>(row: &'a Row, left: Option<&'a Value>) -> Incoming<'a> {
    Incoming {
        id: row.id,
        resource_type: &row.resource_type,
        patient: row.patient,
        value: left.unwrap_or(&row.value),
        cannot_be_told: left.is_some(),
    }
}
