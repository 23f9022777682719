//! The resources of one import, as their mappers see them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

use crate::record::{
    fhir::{items, labels, modifier, points_at},
    item::entity::health_item,
    resource::entity::fhir_resource,
};

/// One resource on its way into the tables that pages read.
#[derive(Clone, Copy)]
pub struct Incoming<'a> {
    pub id: Uuid,
    pub resource_type: &'a str,
    /// The portal's id of the person whose chart it belongs to.
    pub patient: Option<Uuid>,
    pub value: &'a Value,
    /// The source changes what it says in a way that only its own system understands: of it no content is here.
    pub cannot_be_told: bool,
}

/// Whom references mean.
pub trait Links {
    /// The resource that a reference in `from` means. When nobody bears the name yet, `from` waits for it and is mapped again.
    fn resolve(&mut self, from: Uuid, reference: &Value) -> Option<Uuid>;

    /// What `from` shows is copied from what a reference means: it is mapped again whenever that changes.
    fn depend(&mut self, from: Uuid, reference: &Value);

    /// The chart of a Patient.
    fn chart_of(&self, patient: Uuid) -> Option<Uuid>;
}

/// What others need of the visit of an Encounter.
#[derive(Clone, Copy)]
pub struct KnownVisit {
    /// The chart it is in.
    pub patient: Uuid,
    pub id: Uuid,
    pub sensitive: bool,
}

/// What the mappers of one import share.
pub struct Context<'a> {
    pub tx: &'a DatabaseTransaction,
    pub links: &'a mut (dyn Links + Send + Sync),
    /// Bodies of the resources of this import, and of those that were asked for.
    values: HashMap<Uuid, Value>,
    /// Where the organisation counts days and ages.
    pub zone: Tz,
    /// The visit of each Encounter.
    pub visits: HashMap<Uuid, KnownVisit>,
    /// Encounters whose labels make sensitive what came to be at them, whether a visit is shown of them or not.
    pub sensitive_encounters: HashSet<Uuid>,
    /// The day that was booked for a ServiceRequest.
    pub booked: HashMap<Uuid, NaiveDate>,
    /// Documents in whose place there is a newer one, and the chart of that.
    pub replaced: HashMap<Uuid, Uuid>,
}

/// The types that others name.
const NAMED: [&str; 13] = [
    "Account",
    "Binary",
    "ChargeItem",
    "Condition",
    "HealthcareService",
    "Location",
    "Medication",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
    "Schedule",
];

impl<'a> Context<'a> {
    pub fn new(tx: &'a DatabaseTransaction, links: &'a mut (dyn Links + Send + Sync), rows: &[Incoming<'_>], zone: Tz) -> Self {
        let values = rows.iter().filter(|row| NAMED.contains(&row.resource_type)).map(|row| (row.id, row.value.clone())).collect();
        Self {
            tx,
            links,
            values,
            zone,
            visits: HashMap::new(),
            sensitive_encounters: HashSet::new(),
            booked: HashMap::new(),
            replaced: HashMap::new(),
        }
    }

    /// Whether a reference means a resource of this type: as its address or its `type` tells, or else what it leads to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn means(&mut self, from: Uuid, reference: &Value, resource_type: &str) -> Result<bool, DbErr> {
        let is_urn = reference["reference"].as_str().is_some_and(|text| text.starts_with("urn:"));
        if points_at(reference, resource_type) || !is_urn {
            return Ok(points_at(reference, resource_type));
        }
        if let Some(said) = reference["type"].as_str() {
            return Ok(said == resource_type);
        }
        match self.links.resolve(from, reference) {
            Some(id) => Ok(self.value(id).await?.is_some_and(|found| found["resourceType"] == resource_type)),
            None => Ok(false),
        }
    }

    /// The body of a resource, of this import or stored before; nothing of one that only its source understands.
    pub async fn value(&mut self, id: Uuid) -> Result<Option<Value>, DbErr> {
        if let Some(found) = self.values.get(&id) {
            return Ok(Some(found.clone()));
        }
        let found = fhir_resource::Entity::find_by_id(id)
            .one(self.tx)
            .await?
            .map(|stored| serde_json::from_str(&stored.body).unwrap_or_default())
            .filter(|value| !modifier::is_changed(value));
        if let Some(value) = &found {
            self.values.insert(id, Value::clone(value));
        }
        Ok(found)
    }

    fn is_sensitive_encounter(&self, encounter: Uuid) -> bool {
        self.sensitive_encounters.contains(&encounter) || self.visits.get(&encounter).is_some_and(|visit| visit.sensitive)
    }

    fn is_at_sensitive_encounter(&mut self, from: Uuid, value: &Value) -> bool {
        encounters(value)
            .any(|reference| self.links.resolve(from, reference).is_some_and(|encounter| self.is_sensitive_encounter(encounter)))
    }

    /// Whether what a resource says is not for everybody who reads the chart: by its labels, or by those of its visit.
    pub async fn is_sensitive(&mut self, id: Uuid, value: &Value) -> Result<bool, DbErr> {
        let labels = labels::of(value);
        if labels.sensitive || labels.withheld() {
            return Ok(true);
        }
        if self.is_at_sensitive_encounter(id, value) {
            return Ok(true);
        }
        // Of an earlier file, whose visit may not be known here.
        Ok(health_item::Entity::find_by_id(id).one(self.tx).await?.is_some_and(|item| item.sensitive))
    }
}

impl Context<'_> {
    /// Whether a resource that stands for something of `row` is of the same person. Of somebody who is not known it is not.
    pub fn is_of_same_person(&mut self, row: Incoming<'_>, id: Uuid, value: &Value) -> bool {
        let subject = if value["subject"].is_object() { &value["subject"] } else { &value["patient"] };
        let chart = self.links.resolve(id, subject).and_then(|subject| self.links.chart_of(subject));
        chart.is_some() && chart == row.patient
    }

    /// Whether there is a newer document of the same person in the place of this one.
    pub fn is_replaced(&self, row: Incoming<'_>) -> bool {
        self.replaced.get(&row.id).is_some_and(|chart| row.patient.is_none_or(|own| own == *chart))
    }
}

/// Whether the labels of its visit make a resource sensitive; of an Encounter, its own.
pub fn is_of_sensitive_visit(context: &mut Context<'_>, row: Incoming<'_>) -> bool {
    context.is_sensitive_encounter(row.id) || context.is_at_sensitive_encounter(row.id, row.value)
}

/// Resources of one type.
pub fn of_type<'a>(rows: &[Incoming<'a>], name: &'static str) -> impl Iterator<Item = Incoming<'a>> {
    rows.iter().copied().filter(move |row| row.resource_type == name)
}

/// The references by which resources say at which visit they came to be.
pub fn encounters(value: &Value) -> impl Iterator<Item = &Value> {
    let listed = items(&value["context"]["encounter"]).chain(items(&value["encounter"]));
    [&value["encounter"], &value["context"]["encounter"]].into_iter().filter(|found| found.is_object()).chain(listed)
}

/// The visit of a resource, or of an Encounter itself.
pub fn visit_of(context: &mut Context<'_>, row: Incoming<'_>) -> Option<KnownVisit> {
    if row.resource_type == "Encounter" {
        return context.visits.get(&row.id).copied();
    }
    let references: Vec<&Value> = encounters(row.value).collect();
    // The visit of another person is none of this one's.
    references.into_iter().find_map(|reference| {
        let encounter = context.links.resolve(row.id, reference)?;
        context.visits.get(&encounter).copied().filter(|visit| row.patient.is_none_or(|own| own == visit.patient))
    })
}
