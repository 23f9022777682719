//! The resources of the record that cards are made from.

use std::collections::{BTreeSet, HashMap};

use chrono_tz::Tz;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use serde_json::Value;
use uuid::Uuid;

use super::content::{Making, called, nameless};
use crate::{
    base::error::Error,
    people::patient,
    platform::batch::Batch,
    record::{
        resource::{self, entity::fhir_resource},
        result::range::{Person, Sex},
    },
};

/// A resource of the record, and what a card says of it.
pub(super) struct Source {
    pub(super) id: Uuid,
    pub(super) content_hash: String,
    pub(super) says: Value,
}

/// Of some resources, those that can be signed, in their order.
///
/// # Errors
/// When the database fails.
pub(super) async fn sources(db: &impl ConnectionTrait, zone: Tz, ids: &[Uuid]) -> Result<Vec<Source>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let resources = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(ids.iter().copied()));
    let whose = resources.clone().select_only().column(fhir_resource::Column::PatientId).into_query();
    let mut batch = Batch::default();
    let (resources, people) = (batch.ask(resources), batch.ask(patient::Entity::find().filter(patient::Column::Id.in_subquery(whose))));
    let mut answers = batch.read(db).await?;
    let found = answers.take(resources)?;
    let read: Vec<(fhir_resource::Model, Value)> =
        found.into_iter().filter_map(|row| serde_json::from_str(&row.body).ok().map(|body| (row, body))).collect();
    let names = names_in(db, &read).await?;
    let people: HashMap<Uuid, Person> = answers
        .take(people)?
        .into_iter()
        .map(|row| (row.id, Person { sex: row.sex.as_deref().and_then(Sex::of), born: row.known_birth_date() }))
        .collect();
    let signed = read.into_iter().filter_map(|(row, body)| {
        let says = Making { zone, source: &row.source, person: row.patient_id.and_then(|id| people.get(&id).copied()), names: &names }
            .says(&body)?;
        Some(Source { says, id: row.id, content_hash: row.content_hash })
    });
    let mut signed: Vec<Source> = signed.collect();
    signed.sort_by_key(|source| ids.iter().position(|id| *id == source.id));
    Ok(signed)
}

/// What those are called whom the resources name by reference only, as far as the record has them.
async fn names_in(db: &impl ConnectionTrait, resources: &[(fhir_resource::Model, Value)]) -> Result<HashMap<String, String>, Error> {
    let references: BTreeSet<String> = resources.iter().flat_map(|(row, body)| nameless(&row.source, body)).collect();
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let bearers = resource::store::bearers(db, references).await?;
    let named = fhir_resource::Column::Id.is_in(bearers.values().copied());
    let rows = fhir_resource::Entity::find().filter(named).all(db).await?;
    let called = |id: Uuid| {
        let row = rows.iter().find(|row| row.id == id)?;
        called(&serde_json::from_str(&row.body).ok()?)
    };
    Ok(bearers.into_iter().filter_map(|(name, id)| Some((name, called(id)?))).collect())
}
