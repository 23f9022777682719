//! Resources and their names in the database, read and written in chunks.

use std::collections::{BTreeSet, HashSet};

use app::{
    desk::questionnaires::entity::{questionnaire, questionnaire_response},
    people::{patient, patient_record, related_person},
    record::{
        item::{
            entity::health_item,
            import::{PARTS, part},
        },
        note::entity::note,
        prescription::entity::{dispense, prescription},
        resource::{
            entity::{arrival, fhir_pending, fhir_resource, fhir_version},
            model::Reason,
        },
        summary::entity::summary_item,
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use serde_json::Value;
use uuid::Uuid;

use super::{links::Links, reference};
pub use app::record::import::CHUNK;

/// One resource on its way in, or on its way through the maps again.
pub struct Row {
    pub id: Uuid,
    pub resource_type: String,
    /// The base address of the server that sent it, or the name given at the import; empty when neither is known.
    pub source: String,
    /// The one name in its source.
    pub local: String,
    /// The address it had in its Bundle.
    pub full_url: Option<String>,
    pub aliases: Vec<String>,
    pub version_id: Option<String>,
    pub last_updated: Option<DateTime<Utc>>,
    pub hash: String,
    pub body: String,
    pub value: Value,
    /// What is stored of it already.
    pub stored: Option<Known>,
    /// The portal's id of the person whose chart it belongs to.
    pub patient: Option<Uuid>,
    /// The chart that it stood in before this import.
    pub stood_in: Option<Uuid>,
}

impl Row {
    /// Whether what is stored is newer.
    pub fn is_older(&self) -> bool {
        let stored = self.stored.as_ref().and_then(|stored| stored.last_updated);
        self.last_updated.zip(stored).is_some_and(|(incoming, stored)| incoming < stored)
    }
}

/// What is stored of a resource that comes again.
#[derive(Clone)]
pub struct Known {
    pub id: Uuid,
    pub source: String,
    pub content_hash: String,
    pub last_updated: Option<DateTime<Utc>>,
    /// The chart it stands in.
    pub patient: Option<Uuid>,
}

/// Which of these were said before by a version that has been replaced.
pub async fn seen_before(tx: &impl ConnectionTrait, rows: &[Row]) -> Result<HashSet<(Uuid, String)>, DbErr> {
    let changed: Vec<Uuid> = rows
        .iter()
        .filter_map(|row| row.stored.as_ref().filter(|stored| stored.content_hash != row.hash))
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
        ids.extend(in_charts(tx, charts.into_iter().flatten().collect()).await?);
    }
    Ok(ids)
}

/// What is in the charts of these Patient resources.
pub async fn in_charts_of(tx: &impl ConnectionTrait, patients: HashSet<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    let mut charts = HashSet::new();
    for chunk in patients.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found = patient_record::Entity::find().filter(patient_record::Column::ResourceId.is_in(chunk.iter().copied())).all(tx).await?;
        charts.extend(found.into_iter().map(|record| record.patient_id));
    }
    Ok(in_charts(tx, charts.into_iter().collect()).await?.into_iter().collect())
}

/// What is in these charts.
pub async fn in_charts(tx: &impl ConnectionTrait, charts: Vec<Uuid>) -> Result<HashSet<Uuid>, DbErr> {
    let mut ids = HashSet::new();
    for chunk in charts.chunks(CHUNK) {
        let found: Vec<Uuid> = fhir_resource::Entity::find()
            .select_only()
            .column(fhir_resource::Column::Id)
            .filter(fhir_resource::Column::PatientId.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(tx)
            .await?;
        ids.extend(found);
    }
    Ok(ids)
}

/// Notes where resources come from that say nothing new, and which were stored without a source.
pub async fn set_source(tx: &impl ConnectionTrait, rows: &[Row]) -> Result<(), DbErr> {
    for row in rows.iter().filter(|row| row.stored.as_ref().is_some_and(|stored| stored.source != row.source)) {
        let found = fhir_resource::ActiveModel {
            id: Set(row.id),
            source: Set(row.source.clone()),
            reference: Set(reference::in_source(&row.source, &row.local)),
            ..Default::default()
        };
        fhir_resource::Entity::update(found).exec(tx).await?;
    }
    Ok(())
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
            source: stored.source,
            local: stored.local_reference,
            full_url: None,
            aliases: Vec::new(),
            version_id: stored.version_id,
            last_updated: stored.last_updated,
            hash: stored.content_hash,
            body: stored.body,
            stored: None,
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
        prescription::Entity::delete_many().filter(prescription::Column::Id.is_in(chunk())).exec(tx).await?;
        dispense::Entity::delete_many().filter(dispense::Column::Id.is_in(chunk())).exec(tx).await?;
        summary_item::Entity::delete_many().filter(summary_item::Column::ResourceId.is_in(chunk())).exec(tx).await?;
        questionnaire_response::Entity::delete_many().filter(questionnaire_response::Column::ResourceId.is_in(chunk())).exec(tx).await?;
        // A questionnaire keeps its row, for those who ask it; it is asked again once its map says so.
        let unasked = questionnaire::ActiveModel { active: Set(false), ..Default::default() };
        questionnaire::Entity::update_many().set(unasked).filter(questionnaire::Column::Id.is_in(chunk())).exec(tx).await?;
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
        reference: Set(reference::in_source(&row.source, &row.local)),
        source: Set(row.source.clone()),
        local_reference: Set(row.local.clone()),
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
    let waiting: Vec<(&str, Uuid)> = links.waiting().collect();
    for chunk in waiting.chunks(CHUNK) {
        let rows = chunk.iter().map(|(alias, id)| fhir_pending::ActiveModel { alias: Set((*alias).to_owned()), resource_id: Set(*id) });
        fhir_pending::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns([fhir_pending::Column::Alias, fhir_pending::Column::ResourceId]).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Writes down which of these charts are made of the records of several sources.
pub async fn count_sources(tx: &impl ConnectionTrait, charts: HashSet<Uuid>) -> Result<(), DbErr> {
    for chunk in charts.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let ids = || chunk.iter().copied();
        let several: Vec<Uuid> = fhir_resource::Entity::find()
            .select_only()
            .column(fhir_resource::Column::PatientId)
            .filter(fhir_resource::Column::PatientId.is_in(ids()))
            .group_by(fhir_resource::Column::PatientId)
            .having(fhir_resource::Column::Source.into_expr().count_distinct().gt(1))
            .into_tuple()
            .all(tx)
            .await?;
        for (now, charts) in [(true, several.clone()), (false, ids().filter(|id| !several.contains(id)).collect())] {
            patient::Entity::update_many()
                .set(patient::ActiveModel { several_sources: Set(now), ..Default::default() })
                .filter(patient::Column::Id.is_in(charts))
                .filter(patient::Column::SeveralSources.ne(now))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
