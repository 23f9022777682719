//! Finds resources by their names.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::entity::{fhir_alias, fhir_resource};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId},
};

/// SQLite takes 32,766 values in a statement.
const CHUNK: usize = 2000;

/// Who bears these names. A name that several bear means none of them.
///
/// # Errors
/// When the database fails.
pub async fn bearers(db: &impl ConnectionTrait, names: impl IntoIterator<Item = String>) -> Result<HashMap<String, Uuid>, DbErr> {
    let (mut known, mut shared): (HashMap<String, Uuid>, HashSet<String>) = Default::default();
    for chunk in names.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        for found in fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(chunk.iter().cloned())).all(db).await? {
            if known.insert(found.alias.clone(), found.resource_id).is_some_and(|before| before != found.resource_id) {
                shared.insert(found.alias);
            }
        }
    }
    known.retain(|name, _| !shared.contains(name));
    Ok(known)
}

/// Where resources of a chart are from, by their ids; nothing of a chart that is of one source. Without the scheme of an address.
///
/// # Errors
/// When the database fails.
pub async fn sources<P: Permission<Scope = PatientId>>(grant: &Grant<P>, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, Error> {
    let mut sources = HashMap::new();
    if !grant.person().is_ok_and(|person| person.several_sources) {
        return Ok(sources);
    }
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(Uuid, String)> = fhir_resource::Entity::find()
            .select_only()
            .columns([fhir_resource::Column::Id, fhir_resource::Column::Source])
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .filter(fhir_resource::Column::PatientId.eq(grant.patient().0))
            .filter(fhir_resource::Column::Source.ne(""))
            .into_tuple()
            .all(grant.db())
            .await?;
        let plain = |source: String| source.split_once("://").map_or(source.clone(), |(_, rest)| rest.to_owned());
        sources.extend(found.into_iter().map(|(id, source)| (id, plain(source))));
    }
    Ok(sources)
}
