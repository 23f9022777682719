//! What Patient resources say of each other. FHIR R4, Patient.link.

use std::collections::{BTreeMap, HashSet};

use app::{people::patient_record::link, record::resource::entity::fhir_resource};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{links::Links, person::Person, store::CHUNK};

/// A Patient resource among those that may be one person's.
pub(super) struct Node {
    pub(super) source: String,
    pub(super) last_updated: Option<DateTime<Utc>>,
    pub(super) value: Value,
}

/// Writes down what these resources say of others, instead of what they said before.
pub(super) async fn state(
    tx: &impl ConnectionTrait,
    links: &mut Links,
    nodes: &BTreeMap<Uuid, Node>,
    came: &HashSet<Uuid>,
    fresh: &HashSet<Uuid>,
) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = came.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        link::Entity::delete_many().filter(link::Column::StatedBy.is_in(chunk.iter().copied())).exec(tx).await?;
    }
    let mut said: Vec<(Uuid, Uuid, String)> = Vec::new();
    let mut restored: Vec<Uuid> = Vec::new();
    for id in &ids {
        let value = &nodes[id].value;
        let stated = value["link"].as_array().into_iter().flatten();
        for stated in stated {
            let Some(other) = links.resolve(*id, &stated["other"]).filter(|other| other != id) else { continue };
            said.push((*id, other, stated["type"].as_str().unwrap_or_default().to_owned()));
        }
        let is_replaced = said.iter().any(|(from, _, kind)| from == id && kind == "replaced-by");
        if value["active"] == true && !is_replaced && fresh.contains(id) {
            restored.push(*id);
        }
    }
    let unknown: Vec<Uuid> = said.iter().map(|(_, other, _)| *other).filter(|id| !nodes.contains_key(id)).collect();
    let mut others = BTreeMap::new();
    load(tx, &mut others, &unknown).await?;
    let node = |id: &Uuid| nodes.get(id).or_else(|| others.get(id));
    let mut rows = Vec::new();
    for (id, other, kind) in said {
        let (Some(one), Some(two)) = (node(&id), node(&other)) else { continue };
        if one.source != two.source {
            continue;
        }
        let agree = || Person::of(&one.value).agrees(&Person::of(&two.value));
        // What is in use again since is not replaced.
        let is_later = two.last_updated.zip(one.last_updated).is_some_and(|(two, one)| two > one);
        let (from_id, to_id, replaced) = match kind.as_str() {
            "replaced-by" => (id, other, true),
            "replaces" if two.value["active"] == true && is_later => continue,
            "replaces" => (other, id, true),
            "refer" | "seealso" if agree() => (id, other, false),
            _ => continue,
        };
        rows.push(link::ActiveModel { stated_by: Set(id), from_id: Set(from_id), to_id: Set(to_id), replaced: Set(replaced) });
    }
    for chunk in rows.chunks(CHUNK) {
        link::Entity::insert_many(chunk.iter().cloned())
            .on_conflict(OnConflict::columns([link::Column::StatedBy, link::Column::FromId, link::Column::ToId]).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    // What others say of a record that is in use again is older, unless it came in with it.
    for chunk in restored.chunks(CHUNK) {
        let of = link::Entity::find().filter(link::Column::FromId.is_in(chunk.iter().copied()));
        let stated = of.filter(link::Column::Replaced.eq(true)).all(tx).await?;
        for stated in stated.into_iter().filter(|stated| !came.contains(&stated.stated_by)) {
            link::Entity::delete_by_id((stated.stated_by, stated.from_id, stated.to_id)).exec(tx).await?;
        }
    }
    Ok(())
}

pub(super) async fn load(tx: &impl ConnectionTrait, nodes: &mut BTreeMap<Uuid, Node>, ids: &[Uuid]) -> Result<(), DbErr> {
    for chunk in ids.chunks(CHUNK) {
        let found = fhir_resource::Entity::find()
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .filter(fhir_resource::Column::ResourceType.eq("Patient"))
            .all(tx)
            .await?;
        nodes.extend(found.into_iter().map(|row| {
            let value = serde_json::from_str(&row.body).unwrap_or_default();
            (row.id, Node { source: row.source, last_updated: row.last_updated, value })
        }));
    }
    Ok(())
}
