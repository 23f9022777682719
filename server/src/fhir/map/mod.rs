//! From FHIR's nouns to what pages show. What has no map of its own, or of which no map makes anything, is listed with the
//! other records. Kept and not shown is only what is of nobody in particular, entered in error, superseded, not final yet or
//! withheld by a label.

pub(super) mod chart;
mod dosage;
mod health;
mod labels;
mod names;
mod note;
pub(super) mod patient;
mod place;
mod results;
mod summary;
mod visit;
pub(super) mod words;

use std::collections::{HashMap, HashSet};

use app::record::item::entity::health_item;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

use super::{
    links::Links,
    store::{self, Row},
};

/// The types of which pages show something, in the order in which they need each other.
pub const MAPPED: [&str; 16] = [
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "RelatedPerson",
    "Medication",
    "Appointment",
    "Encounter",
    "Condition",
    "Observation",
    "MedicationRequest",
    "ServiceRequest",
    "DiagnosticReport",
    "CarePlan",
    "DocumentReference",
];

/// What the maps of one import share.
pub struct Context<'a> {
    pub tx: &'a DatabaseTransaction,
    pub links: &'a mut Links,
    /// Bodies of the resources of this import, and of those that were asked for.
    values: HashMap<Uuid, Value>,
    /// The visit of each Encounter.
    pub visits: HashMap<Uuid, visit::Known>,
    /// The day that was booked for a ServiceRequest.
    pub booked: HashMap<Uuid, chrono::NaiveDate>,
    /// Documents in whose place there is a newer one.
    pub replaced: HashSet<Uuid>,
}

impl Context<'_> {
    /// The body of a resource, of this import or stored before.
    pub async fn value(&mut self, id: Uuid) -> Result<Option<Value>, DbErr> {
        if let Some(found) = self.values.get(&id) {
            return Ok(Some(found.clone()));
        }
        let found = store::load(self.tx, HashSet::from([id])).await?.pop().map(|row| row.value);
        if let Some(value) = &found {
            self.values.insert(id, value.clone());
        }
        Ok(found)
    }

    /// Whether what a resource says is not for everybody who reads the chart: by its labels, or by those of its visit.
    pub async fn is_sensitive(&mut self, id: Uuid, value: &Value) -> Result<bool, DbErr> {
        let labels = labels::of(value);
        if labels.sensitive || labels.withheld() {
            return Ok(true);
        }
        for reference in summary::encounters(value) {
            let visit = self.links.resolve(id, reference).and_then(|encounter| self.visits.get(&encounter));
            if visit.is_some_and(|visit| visit.sensitive) {
                return Ok(true);
            }
        }
        // Of an earlier file, whose visit may not be known here.
        Ok(health_item::Entity::find_by_id(id).one(self.tx).await?.is_some_and(|item| item.sensitive))
    }
}

/// Maps all rows, tells each whose chart it belongs to, and returns those of which a page shows something.
pub async fn all(tx: &DatabaseTransaction, rows: &mut [Row], links: &mut Links) -> Result<HashSet<Uuid>, DbErr> {
    // Others may be about persons of this very bundle, so these come first.
    patient::all(tx, rows, links).await?;
    for row in rows.iter_mut() {
        row.patient = chart::of(row, links);
    }
    let order = |row: &Row| MAPPED.iter().position(|name| *name == row.resource_type);
    let everything: Vec<&Row> = rows.iter().collect();
    let mut mapped: Vec<&Row> = rows.iter().filter(|row| order(row).is_some()).collect();
    mapped.sort_by_key(|row| order(row));
    let needed = ["Condition", "Location", "Medication", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson"];
    let values = mapped.iter().filter(|row| needed.contains(&row.resource_type.as_str())).map(|row| (row.id, row.value.clone())).collect();
    let mut context = Context { tx, links, values, visits: HashMap::new(), booked: HashMap::new(), replaced: HashSet::new() };
    let mut shown: HashSet<Uuid> = mapped
        .iter()
        .filter(|row| row.resource_type == "Patient" && context.links.patients.contains_key(&row.id) || row.resource_type == "Medication")
        .map(|row| row.id)
        .collect();
    shown.extend(place::all(&mut context, &mapped).await?);
    shown.extend(visit::all(&mut context, &mapped).await?);
    shown.extend(summary::all(&mut context, &mapped).await?);
    shown.extend(note::all(&mut context, &mapped).await?);
    shown.extend(results::all(&mut context, &mapped).await?);
    visit::look_up(&mut context, &everything).await?;
    let listed = health::all(&mut context, &everything, &shown).await?;
    shown.extend(listed);
    Ok(shown)
}

/// Rows of one type.
fn of_type<'a>(rows: &'a [&'a Row], name: &'static str) -> impl Iterator<Item = &'a Row> {
    rows.iter().copied().filter(move |row| row.resource_type == name)
}

/// Writes rows in chunks that SQLite takes.
macro_rules! insert_all {
    ($tx:expr, $entity:ty, $rows:expr, $conflict:expr) => {
        for chunk in $rows.chunks(1000) {
            <$entity>::insert_many(chunk.iter().cloned()).on_conflict($conflict).exec_without_returning($tx).await?;
        }
    };
}
pub(super) use insert_all;
