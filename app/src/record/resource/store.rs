//! Finds resources by their names.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity::fhir_alias;

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
