//! What was shown of results before they are mapped again: since when, and what it said.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::class::status;
use crate::record::{
    fhir::{self, labels, modifier, value::parts},
    import::{CHUNK, Incoming, insert_all, of_type},
    resource::entity::fhir_resource,
    result::{
        entity::{measurement, measurement_before, test_result},
        model::Status,
    },
};

/// What was released longer ago than so many days is history that comes along, and no news of today.
const HISTORY: TimeDelta = TimeDelta::days(14);

pub struct Earlier {
    now: DateTime<Utc>,
    results: HashMap<Uuid, test_result::Model>,
    values: HashMap<Uuid, (Status, DateTime<Utc>)>,
}

impl Earlier {
    /// Takes back what is shown of these observations and reports, and remembers it.
    pub async fn take_back(tx: &DatabaseTransaction, rows: &[Incoming<'_>]) -> Result<Self, DbErr> {
        remember_amended(tx, rows).await?;
        let mut earlier = Self { now: Utc::now(), results: HashMap::new(), values: HashMap::new() };
        let ids: Vec<Uuid> = of_type(rows, "Observation").chain(of_type(rows, "DiagnosticReport")).map(|row| row.id).collect();
        for chunk in ids.chunks(CHUNK) {
            let ids = || chunk.iter().copied();
            let results = test_result::Entity::find().filter(test_result::Column::Id.is_in(ids())).all(tx).await?;
            earlier.results.extend(results.into_iter().map(|row| (row.id, row)));
            let values: Vec<(Uuid, Status, DateTime<Utc>)> = measurement::Entity::find()
                .select_only()
                .columns([measurement::Column::ResourceId, measurement::Column::Status, measurement::Column::AvailableAt])
                .filter(measurement::Column::ResourceId.is_in(ids()))
                .into_tuple()
                .all(tx)
                .await?;
            earlier.values.extend(values.into_iter().map(|(id, status, since)| (id, (status, since))));
            test_result::Entity::delete_many().filter(test_result::Column::Id.is_in(ids())).exec(tx).await?;
            measurement::Entity::delete_many().filter(measurement::Column::ResourceId.is_in(ids())).exec(tx).await?;
        }
        Ok(earlier)
    }

    /// Since when a result is available here. What is mapped again keeps its moment, unless its status is a new one.
    pub fn result_since(&self, id: Uuid, status: Status, released: DateTime<Utc>) -> DateTime<Utc> {
        let known = self.results.get(&id).filter(|old| old.status == status);
        known.map_or_else(|| here_since(released, self.now), |old| old.available_at)
    }

    /// Since when the values of an observation are available here.
    pub fn values_since(&self, id: Uuid, status: Status, released: DateTime<Utc>) -> DateTime<Utc> {
        let known = self.values.get(&id).filter(|(old, _)| *old == status);
        known.map_or_else(|| here_since(released, self.now), |(_, since)| *since)
    }

    /// What a report concluded before it was amended, once or several times.
    pub fn conclusion_before(&self, id: Uuid, status: Status, conclusion: Option<&str>) -> Option<String> {
        let old = self.results.get(&id)?;
        let replaced = old.conclusion.as_deref().filter(|said| status == Status::Amended && conclusion != Some(*said));
        let said: Vec<&str> = old.conclusion_before.as_deref().into_iter().chain(replaced).collect();
        (!said.is_empty()).then(|| said.join("\n\n"))
    }
}

/// The moment at which something became available here: hospitals release results before their export brings them.
fn here_since(released: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if released < now - HISTORY { released } else { released.max(now) }
}

/// What amended observations said before, while the database still has it.
async fn remember_amended(tx: &DatabaseTransaction, rows: &[Incoming<'_>]) -> Result<(), DbErr> {
    let amended: HashMap<Uuid, Incoming<'_>> =
        of_type(rows, "Observation").filter(|row| status(row.value) == Some(Status::Amended)).map(|row| (row.id, row)).collect();
    let mut before: Vec<(Uuid, Value)> = Vec::new();
    for chunk in amended.keys().copied().collect::<Vec<_>>().chunks(CHUNK) {
        let stored = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        before.extend(stored.into_iter().map(|row| (row.id, serde_json::from_str(&row.body).unwrap_or_default())));
    }
    before.sort_by_key(|(id, _)| *id);
    let mut said = Vec::new();
    // What was never told does not come back as what was said.
    let was_told = |old: &Value| status(old).is_some() && !modifier::is_changed(old) && !labels::of(old).withheld();
    for (id, old) in before.iter().filter(|(_, old)| was_told(old)) {
        let Some(new) = amended.get(id) else { continue };
        for (position, (old_part, new_part)) in (0..).zip(parts(old).zip(parts(new.value))) {
            let changed = fhir::value_in_words(old_part).filter(|text| Some(text) != fhir::value_in_words(new_part).as_ref());
            if let Some(text) = changed {
                said.push(measurement_before::ActiveModel {
                    resource_id: Set(*id),
                    position: Set(position),
                    shown: Set(text),
                    replaced_at: Set(Utc::now()),
                });
            }
        }
    }
    let key = [measurement_before::Column::ResourceId, measurement_before::Column::Position, measurement_before::Column::Shown];
    let conflict = OnConflict::columns(key).do_nothing().to_owned();
    insert_all!(tx, measurement_before::Entity, said, conflict.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn what_came_in_today_is_available_since_today_and_history_since_then() {
        let now = at("2026-11-25T07:00:00Z");
        assert_eq!(here_since(at("2026-11-25T01:50:00Z"), now), now, "final at 20:50, here at 02:00");
        assert_eq!(here_since(at("2026-11-15T10:00:00Z"), now), now, "a culture that took days");
        assert_eq!(here_since(at("2026-11-25T08:00:00Z"), now), at("2026-11-25T08:00:00Z"), "not before it was released");
        assert_eq!(here_since(at("2024-01-01T00:00:00Z"), now), at("2024-01-01T00:00:00Z"), "history");
    }

    #[test]
    fn what_is_mapped_again_keeps_its_moment_until_its_status_changes() {
        let (id, then, now) = (Uuid::nil(), at("2026-11-20T00:00:00Z"), at("2026-11-25T07:00:00Z"));
        let earlier = Earlier { now, results: HashMap::new(), values: HashMap::from([(id, (Status::Final, then))]) };
        assert_eq!(earlier.values_since(id, Status::Final, then), then);
        assert_eq!(earlier.values_since(id, Status::Amended, then), now);
    }
}
