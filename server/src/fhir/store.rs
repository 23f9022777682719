//! Resources and their names in the database, read and written in chunks.

use std::collections::{BTreeSet, HashMap, HashSet};

use app::{
    people::{patient, related_person},
    record::{
        item::{
            entity::health_item,
            import::{PARTS, part},
        },
        note::entity::note,
        resource::{
            entity::{arrival, fhir_alias, fhir_pending, fhir_resource, fhir_version},
            model::Reason,
        },
        summary::entity::summary_item,
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use serde_json::Value;
use uuid::Uuid;

use super::reference;
pub use app::record::import::CHUNK;

/// One resource on its way in, or on its way through the maps again.
pub struct Row {
    pub id: Uuid,
    pub resource_type: String,
    pub reference: String,
    /// The address it had in its Bundle.
    pub full_url: Option<String>,
    pub aliases: Vec<String>,
    pub version_id: Option<String>,
    pub last_updated: Option<DateTime<Utc>>,
    pub hash: String,
    pub body: String,
    pub value: Value,
    /// The portal's id of the person whose chart it belongs to.
    pub patient: Option<Uuid>,
    /// The chart that it stood in before this import.
    pub stood_in: Option<Uuid>,
}

/// Which names mean which resources, and who waits for names that nobody bears yet.
#[derive(Default)]
pub struct Links {
    ids: HashMap<String, Uuid>,
    /// The portal's patients by the ids of their Patient resources.
    pub patients: HashMap<Uuid, Uuid>,
    waiting: HashSet<(String, Uuid)>,
    /// Names that were given out just now.
    pub registered: Vec<String>,
}

impl Links {
    /// The resource that a reference in `row` means. When nobody bears the name yet, `row` waits for it.
    pub fn resolve(&mut self, row: Uuid, reference: &Value) -> Option<Uuid> {
        let name = reference::name(reference)?;
        if let Some(id) = self.ids.get(&name) {
            return Some(*id);
        }
        self.waiting.insert((name, row));
        None
    }

    /// The resource that a reference means, as far as it is known by now; nobody waits for it.
    pub fn known(&self, reference: &Value) -> Option<Uuid> {
        self.ids.get(&reference::name(reference)?).copied()
    }

    /// Gives out the names of new resources. A name that somebody bears already stays theirs.
    pub async fn register(&mut self, tx: &impl ConnectionTrait, rows: impl Iterator<Item = &Row>) -> Result<(), DbErr> {
        let names: Vec<(String, Uuid)> = rows.flat_map(|row| row.aliases.iter().map(|alias| (alias.clone(), row.id))).collect();
        for chunk in names.chunks(CHUNK) {
            let rows = chunk.iter().map(|(alias, id)| fhir_alias::ActiveModel { alias: Set(alias.clone()), resource_id: Set(*id) });
            fhir_alias::Entity::insert_many(rows)
                .on_conflict(OnConflict::column(fhir_alias::Column::Alias).do_nothing().to_owned())
                .exec_without_returning(tx)
                .await?;
        }
        for (name, id) in names {
            self.ids.entry(name.clone()).or_insert(id);
            self.registered.push(name);
        }
        // Somebody may have borne the name before.
        let names = self.registered.clone();
        self.read(tx, names).await
    }

    /// Finds out whom all these resources point at.
    pub async fn look_up(&mut self, tx: &impl ConnectionTrait, rows: impl Iterator<Item = &Row>) -> Result<(), DbErr> {
        let mut names = Vec::new();
        rows.for_each(|row| reference::all(&row.value, &mut names));
        let unknown: BTreeSet<String> = names.into_iter().filter(|name| !self.ids.contains_key(name)).collect();
        self.read(tx, unknown.into_iter().collect()).await?;
        let ids: BTreeSet<Uuid> = self.ids.values().copied().collect();
        for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let found: Vec<(Uuid, Uuid)> = patient::Entity::find()
                .select_only()
                .columns([patient::Column::ResourceId, patient::Column::Id])
                .filter(patient::Column::ResourceId.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(tx)
                .await?;
            self.patients.extend(found);
        }
        Ok(())
    }

    async fn read(&mut self, tx: &impl ConnectionTrait, names: Vec<String>) -> Result<(), DbErr> {
        for chunk in names.chunks(CHUNK) {
            let found = fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(chunk.iter().cloned())).all(tx).await?;
            self.ids.extend(found.into_iter().map(|alias| (alias.alias, alias.resource_id)));
        }
        Ok(())
    }
}

/// What is stored under the same names.
pub async fn known(tx: &impl ConnectionTrait, rows: &[Row]) -> Result<HashMap<String, Known>, DbErr> {
    let mut known = HashMap::new();
    for chunk in rows.chunks(CHUNK) {
        let found: Vec<(Uuid, String, String, Option<DateTime<Utc>>)> = fhir_resource::Entity::find()
            .select_only()
            .columns([
                fhir_resource::Column::Id,
                fhir_resource::Column::Reference,
                fhir_resource::Column::ContentHash,
                fhir_resource::Column::LastUpdated,
            ])
            .filter(fhir_resource::Column::Reference.is_in(chunk.iter().map(|row| row.reference.as_str())))
            .into_tuple()
            .all(tx)
            .await?;
        known.extend(found.into_iter().map(|(id, name, content_hash, last_updated)| (name, Known { id, content_hash, last_updated })));
    }
    Ok(known)
}

/// Which of these were said before by a version that has been replaced.
pub async fn seen_before(
    tx: &impl ConnectionTrait,
    rows: &[Row],
    known: &HashMap<String, Known>,
) -> Result<HashSet<(Uuid, String)>, DbErr> {
    let changed: Vec<Uuid> = rows
        .iter()
        .filter_map(|row| known.get(&row.reference).filter(|stored| stored.content_hash != row.hash))
        .map(|stored| stored.id)
        .collect();
    let mut seen = HashSet::new();
    for chunk in changed.chunks(CHUNK) {
        let found = fhir_version::Entity::find().filter(fhir_version::Column::ResourceId.is_in(chunk.iter().copied())).all(tx).await?;
        seen.extend(found.into_iter().map(|version| (version.resource_id, version.content_hash)));
    }
    Ok(seen)
}

/// Remembers what resources said before they are replaced.
pub async fn remember(tx: &impl ConnectionTrait, replaced: Vec<(Uuid, String)>) -> Result<(), DbErr> {
    for chunk in replaced.chunks(CHUNK) {
        let rows = chunk.iter().map(|(id, hash)| fhir_version::ActiveModel { resource_id: Set(*id), content_hash: Set(hash.clone()) });
        fhir_version::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns([fhir_version::Column::ResourceId, fhir_version::Column::ContentHash]).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

pub struct Known {
    pub id: Uuid,
    pub content_hash: String,
    pub last_updated: Option<DateTime<Utc>>,
}

/// Who waits for one of these names.
pub async fn dependants(tx: &impl ConnectionTrait, names: &[String]) -> Result<HashSet<Uuid>, DbErr> {
    let mut ids = HashSet::new();
    for chunk in names.chunks(CHUNK) {
        let found = fhir_pending::Entity::find().filter(fhir_pending::Column::Alias.is_in(chunk.iter().cloned())).all(tx).await?;
        ids.extend(found.into_iter().map(|pending| pending.resource_id));
    }
    Ok(ids)
}

/// What else is in the charts whose visits or documents changed: it may stand on them.
pub async fn on_changed_visits(tx: &impl ConnectionTrait, updated: &[Row]) -> Result<Vec<Uuid>, DbErr> {
    let changed: Vec<Uuid> = updated
        .iter()
        .filter(|row| matches!(row.resource_type.as_str(), "Patient" | "Encounter" | "DocumentReference" | "Condition" | "Medication"))
        .map(|row| row.id)
        .collect();
    let mut ids = Vec::new();
    for chunk in changed.chunks(CHUNK) {
        let charts: Vec<Option<Uuid>> = fhir_resource::Entity::find()
            .select_only()
            .column(fhir_resource::Column::PatientId)
            .distinct()
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(tx)
            .await?;
        let found: Vec<Uuid> = fhir_resource::Entity::find()
            .select_only()
            .column(fhir_resource::Column::Id)
            .filter(fhir_resource::Column::PatientId.is_in(charts.into_iter().flatten()))
            .into_tuple()
            .all(tx)
            .await?;
        ids.extend(found);
    }
    Ok(ids)
}

/// Stored resources, to be mapped again.
pub async fn load(tx: &impl ConnectionTrait, ids: HashSet<Uuid>) -> Result<Vec<Row>, DbErr> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let found = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        rows.extend(found.into_iter().map(|stored| Row {
            id: stored.id,
            value: serde_json::from_str(&stored.body).unwrap_or_default(),
            resource_type: stored.resource_type,
            reference: stored.reference,
            full_url: None,
            aliases: Vec::new(),
            version_id: stored.version_id,
            last_updated: stored.last_updated,
            hash: stored.content_hash,
            body: stored.body,
            patient: None,
            stood_in: stored.patient_id,
        }));
    }
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Takes back what was shown of resources that will be mapped again, and what they waited for. The map of results takes back
/// its own: it has to know since when they were shown.
pub async fn forget_projections(tx: &impl ConnectionTrait, rows: &[Row]) -> Result<(), DbErr> {
    let parts = |row: &Row| if row.resource_type == "ImmunizationRecommendation" { PARTS } else { 1 };
    let ids: Vec<Uuid> = rows.iter().flat_map(|row| (0..parts(row)).map(move |number| part(row.id, number))).collect();
    for chunk in ids.chunks(CHUNK) {
        let chunk = || chunk.iter().copied();
        health_item::Entity::delete_many().filter(health_item::Column::Id.is_in(chunk())).exec(tx).await?;
        summary_item::Entity::delete_many().filter(summary_item::Column::ResourceId.is_in(chunk())).exec(tx).await?;
        related_person::Entity::delete_many().filter(related_person::Column::Id.is_in(chunk())).exec(tx).await?;
        fhir_pending::Entity::delete_many().filter(fhir_pending::Column::ResourceId.is_in(chunk())).exec(tx).await?;
        // A note keeps its row, for its id; it is shown again by its map only.
        let hidden = note::ActiveModel { disclosure: Set(app::record::note::model::Disclosure::Hidden), ..Default::default() };
        note::Entity::update_many().set(hidden).filter(note::Column::ResourceId.is_in(chunk())).exec(tx).await?;
    }
    Ok(())
}

pub async fn insert(tx: &impl ConnectionTrait, rows: &[Row], now: DateTime<Utc>) -> Result<(), DbErr> {
    for chunk in rows.chunks(CHUNK) {
        fhir_resource::Entity::insert_many(chunk.iter().map(|row| active(row, now))).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes rows that are there already. Those that did not arrive, but are mapped again because of what did, keep the moment of
/// their arrival.
pub async fn update(tx: &impl ConnectionTrait, rows: &[Row], arrived: &HashSet<Uuid>, now: DateTime<Utc>) -> Result<(), DbErr> {
    for row in rows {
        let mut found = active(row, now);
        if !arrived.contains(&row.id) {
            found.imported_at = NotSet;
        }
        fhir_resource::Entity::update(found).exec(tx).await?;
    }
    Ok(())
}

/// Which rows are new in the charts of this import: what is new or changed, and what did not know its chart until now.
pub fn arrived(rows: &[Row], fresh: &HashSet<Uuid>) -> HashSet<Uuid> {
    rows.iter().filter(|row| fresh.contains(&row.id) || row.patient != row.stood_in).map(|row| row.id).collect()
}

/// Writes down into which charts something came, for those who are told.
pub async fn announce(tx: &impl ConnectionTrait, rows: &[Row], arrived: &HashSet<Uuid>, now: DateTime<Utc>) -> Result<(), DbErr> {
    // Who somebody is, is no news; what was done with them is.
    let news = rows.iter().filter(|row| arrived.contains(&row.id) && !matches!(row.resource_type.as_str(), "Patient" | "RelatedPerson"));
    let charts: Vec<Uuid> = news.filter_map(|row| row.patient).collect::<BTreeSet<_>>().into_iter().collect();
    for chunk in charts.chunks(CHUNK) {
        let rows = chunk.iter().map(|id| arrival::ActiveModel {
            patient_id: Set(*id),
            imported_at: Set(now),
            reason: Set(Reason::Import),
            batch: Set(None),
        });
        arrival::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn active(row: &Row, now: DateTime<Utc>) -> fhir_resource::ActiveModel {
    fhir_resource::ActiveModel {
        id: Set(row.id),
        resource_type: Set(row.resource_type.clone()),
        reference: Set(row.reference.clone()),
        patient_id: Set(row.patient),
        version_id: Set(row.version_id.clone()),
        last_updated: Set(row.last_updated),
        content_hash: Set(row.hash.clone()),
        body: Set(row.body.clone()),
        imported_at: Set(now),
    }
}

/// Remembers who waits for whom.
pub async fn wait_for(tx: &impl ConnectionTrait, links: &Links) -> Result<(), DbErr> {
    let waiting: Vec<&(String, Uuid)> = links.waiting.iter().collect();
    for chunk in waiting.chunks(CHUNK) {
        let rows = chunk.iter().map(|(alias, id)| fhir_pending::ActiveModel { alias: Set(alias.clone()), resource_id: Set(*id) });
        fhir_pending::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns([fhir_pending::Column::Alias, fhir_pending::Column::ResourceId]).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
