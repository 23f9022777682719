//! Names, addresses and phones that begin to count, or count no more, on a day after they came. FHIR R4, Period.

use std::collections::HashMap;

use app::{
    access::System,
    features::personal,
    people::{patient, patient_record},
    record::{fhir::today, import::Incoming},
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::store;

/// Charts in one transaction.
const STEP: u64 = 200;

/// Tells the demographics of everybody anew of whom something begins or ends by today. Returns how many they are.
///
/// # Errors
/// When the database fails; what was told anew by then stays.
pub async fn keep_current(system: &System) -> Result<usize, DbErr> {
    let (mut told, mut after) = (0, Uuid::nil());
    loop {
        let tx = system.begin().await?;
        let due = patient::Entity::find()
            .filter(patient::Column::ChangesOn.lte(today()))
            .filter(patient::Column::Id.gt(after))
            .order_by_asc(patient::Column::Id)
            .limit(STEP);
        let due = due.all(&tx).await?;
        let Some(last) = due.last() else { return Ok(told) };
        after = last.id;
        let leaders: HashMap<Uuid, Uuid> = due.iter().map(|chart| (chart.id, chart.resource_id)).collect();
        let records =
            patient_record::Entity::find().filter(patient_record::Column::PatientId.is_in(leaders.keys().copied())).all(&tx).await?;
        let mut charts: HashMap<Uuid, Uuid> = records.into_iter().map(|record| (record.resource_id, record.patient_id)).collect();
        let rows = store::load(&tx, charts.keys().copied().collect()).await?;
        let people: Vec<Incoming<'_>> = rows
            .iter()
            .map(|row| Incoming { id: row.id, resource_type: &row.resource_type, patient: None, value: &row.value, cannot_be_told: false })
            .collect();
        personal::import::all(&tx, &people, &mut charts, &leaders).await?;
        tx.commit().await?;
        told += due.len();
    }
}
