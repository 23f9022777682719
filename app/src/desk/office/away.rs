//! Clinicians who are away, and who answers for them meanwhile.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::SelectStatement};
use uuid::Uuid;

use super::entity::clinician_away;
use crate::{
    platform::batch::{Batch, Rows, alone},
    record::care_team::entity::clinician,
};

/// Until when somebody is away, and the name of who answers meanwhile; without one the whole office does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// The last day.
    pub until: NaiveDate,
    pub cover: Option<String>,
}

/// Those of these clinicians who are away on a day.
///
/// # Errors
/// When the database fails.
pub async fn away(db: &impl ConnectionTrait, clinicians: Vec<Uuid>, on: NaiveDate) -> Result<HashMap<Uuid, Away>, DbErr> {
    alone(db, |batch| ask_away(batch, clinicians, on)).await
}

/// Asks which of these clinicians are away on a day.
pub fn ask_away(
    batch: &mut Batch,
    clinicians: Vec<Uuid>,
    on: NaiveDate,
) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, Away>, DbErr> + use<> {
    let asked = (!clinicians.is_empty()).then(|| {
        let away = clinician_away::Entity::find()
            .filter(clinician_away::Column::ClinicianId.is_in(clinicians))
            .filter(clinician_away::Column::FromOn.lte(on))
            .filter(clinician_away::Column::UntilOn.gte(on));
        let ids = away.clone().select_only().column(clinician_away::Column::CoverId).into_query();
        (batch.ask(away), batch.ask(clinician::Entity::find().filter(clinician::Column::Id.in_subquery(ids))))
    });
    move |answers| {
        let Some((rows, covers)) = asked else { return Ok(HashMap::new()) };
        let (mut rows, covers) = (answers.take(rows)?, answers.take(covers)?);
        // Of several the one that lasts longest counts.
        rows.sort_by_key(|row| (row.until_on, row.id));
        let away = rows.into_iter().map(|row| {
            let cover = covers.iter().find(|cover| Some(cover.id) == row.cover_id).map(|cover| cover.name.clone());
            (row.clinician_id, Away { until: row.until_on, cover })
        });
        Ok(away.collect())
    }
}

/// For whom these clinicians answer on a day, as a part of a query.
pub fn covered_by(clinicians: Vec<Uuid>, on: NaiveDate) -> SelectStatement {
    clinician_away::Entity::find()
        .select_only()
        .column(clinician_away::Column::ClinicianId)
        .filter(clinician_away::Column::CoverId.is_in(clinicians))
        .filter(clinician_away::Column::FromOn.lte(on))
        .filter(clinician_away::Column::UntilOn.gte(on))
        .into_query()
}
