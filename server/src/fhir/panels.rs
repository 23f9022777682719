//! Reports, panels and the values in them. What is mapped again is mapped together with all that stands in the same results:
//! half of a result would lose the other half.

use std::collections::HashSet;

use app::record::{
    resource::entity::fhir_resource,
    result::{entity::measurement, import::members},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Query};
use uuid::Uuid;

use super::{
    links::Links,
    store::{self, CHUNK, Row},
};

/// Adds to the rows that are mapped again those of the same results.
pub async fn complete(
    tx: &impl ConnectionTrait,
    links: &mut Links,
    new: &[Row],
    updated: &[Row],
    again: &mut Vec<Row>,
) -> Result<(), DbErr> {
    let mut known: HashSet<Uuid> = new.iter().chain(updated).chain(again.iter()).map(|row| row.id).collect();
    let mut next = named(links, new.iter().chain(updated).chain(again.iter()));
    next.extend(together(tx, updated.iter().chain(again.iter())).await?);
    next.extend(named_before(tx, links, updated).await?);
    next.extend(naming(tx, links, updated).await?);
    loop {
        next.retain(|id| known.insert(*id));
        if next.is_empty() {
            return Ok(());
        }
        let found: Vec<Row> = store::load(tx, next).await?.into_iter().filter(is_result).collect();
        links.look_up(tx, found.iter()).await?;
        next = named(links, found.iter());
        next.extend(together(tx, found.iter()).await?);
        again.extend(found);
    }
}

fn is_result(row: &Row) -> bool {
    matches!(row.resource_type.as_str(), "Observation" | "DiagnosticReport")
}

/// What stands in these, as far as it is here.
fn named<'a>(links: &Links, rows: impl Iterator<Item = &'a Row>) -> HashSet<Uuid> {
    rows.filter(|row| is_result(row)).flat_map(|row| members(&row.value).filter_map(|reference| links.known(row.id, reference))).collect()
}

/// What stood in these before they changed.
async fn named_before(tx: &impl ConnectionTrait, links: &mut Links, updated: &[Row]) -> Result<HashSet<Uuid>, DbErr> {
    let before = store::load(tx, updated.iter().filter(|row| is_result(row)).map(|row| row.id).collect()).await?;
    links.look_up(tx, before.iter()).await?;
    Ok(named(links, before.iter()))
}

/// The results in which these are shown, and the values that are shown in them.
async fn together(tx: &impl ConnectionTrait, rows: impl Iterator<Item = &Row>) -> Result<HashSet<Uuid>, DbErr> {
    let ids: Vec<Uuid> = rows.filter(|row| is_result(row)).map(|row| row.id).collect();
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        for column in [measurement::Column::ResourceId, measurement::Column::ResultId] {
            let shown: Vec<(Uuid, Option<Uuid>)> = measurement::Entity::find()
                .select_only()
                .columns([measurement::Column::ResourceId, measurement::Column::ResultId])
                .filter(column.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(tx)
                .await?;
            found.extend(shown.into_iter().flat_map(|(value, result)| std::iter::once(value).chain(result)));
        }
    }
    Ok(found)
}

/// The reports and panels of the same charts that name observations which changed, directly or through other panels. An
/// observation that was not shown before does not say where it stands.
async fn naming(tx: &impl ConnectionTrait, links: &mut Links, updated: &[Row]) -> Result<HashSet<Uuid>, DbErr> {
    let mut taken: HashSet<Uuid> = updated.iter().filter(|row| row.resource_type == "Observation").map(|row| row.id).collect();
    let mut candidates: HashSet<Uuid> = HashSet::new();
    for chunk in taken.iter().copied().collect::<Vec<_>>().chunks(CHUNK) {
        let charts = Query::select()
            .column(fhir_resource::Column::PatientId)
            .from(fhir_resource::Entity)
            .and_where(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .to_owned();
        let panel = Condition::all()
            .add(fhir_resource::Column::ResourceType.eq("Observation"))
            .add(fhir_resource::Column::Body.contains("\"hasMember\""));
        let found: Vec<Uuid> = fhir_resource::Entity::find()
            .select_only()
            .column(fhir_resource::Column::Id)
            .filter(fhir_resource::Column::PatientId.in_subquery(charts))
            .filter(Condition::any().add(fhir_resource::Column::ResourceType.eq("DiagnosticReport")).add(panel))
            .into_tuple()
            .all(tx)
            .await?;
        candidates.extend(found);
    }
    if candidates.is_empty() {
        return Ok(taken);
    }
    let candidates = store::load(tx, candidates).await?;
    links.look_up(tx, candidates.iter()).await?;
    loop {
        let names = |row: &&Row| members(&row.value).filter_map(|reference| links.known(row.id, reference)).any(|id| taken.contains(&id));
        let more: Vec<Uuid> = candidates.iter().filter(|row| !taken.contains(&row.id)).filter(names).map(|row| row.id).collect();
        if more.is_empty() {
            return Ok(taken);
        }
        taken.extend(more);
    }
}
