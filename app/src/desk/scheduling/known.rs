//! What the portal knows of a visit, whoever booked it.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder, sea_query::OnConflict};

use super::entity::booking;
use crate::{
    base::error::Error,
    record::visit::entity::{visit, visit_clinician},
};

/// What the portal knows of a visit, or would know of one that came in.
///
/// # Errors
/// `NotFound` of one without a clinician or a department.
pub async fn known(
    db: &impl ConnectionTrait,
    visit: &visit::Model,
    booking: Option<booking::Model>,
    now: DateTime<Utc>,
) -> Result<booking::Model, Error> {
    if let Some(found) = booking {
        return Ok(found);
    }
    let with = visit_clinician::Entity::find()
        .filter(visit_clinician::Column::VisitId.eq(visit.id))
        .order_by_asc(visit_clinician::Column::Position)
        .one(db)
        .await?;
    Ok(booking::Model {
        visit_id: visit.id,
        patient_id: visit.patient_id,
        kind_id: None,
        department_id: visit.department_id.unwrap_or_default(),
        clinician_id: with.map(|with| with.clinician_id).unwrap_or_default(),
        slot_id: None,
        phone: None,
        interpreter: None,
        needs: None,
        insurance_same: None,
        order_id: None,
        request_id: None,
        overbooked: false,
        made_here: false,
        account_id: None,
        author: String::new(),
        role: None,
        made_at: visit.requested_at.unwrap_or(now),
        changed_at: now,
        confirmed_at: None,
        confirmed_by: None,
        cancelled_at: None,
        cancelled_by: None,
        cancelled_role: None,
        acknowledged_at: None,
    })
}

/// What the portal knows of a visit after the lock was had: somebody may have changed it before.
///
/// # Errors
/// When the database fails.
pub async fn as_it_is(tx: &impl ConnectionTrait, before: booking::Model) -> Result<booking::Model, DbErr> {
    Ok(booking::Entity::find_by_id(before.visit_id).one(tx).await?.unwrap_or(before))
}

/// Writes what the portal knows of a visit, also of one that came in and of which it knew nothing.
///
/// # Errors
/// When the database fails.
pub async fn keep(tx: &impl ConnectionTrait, row: booking::Model) -> Result<(), Error> {
    let columns = booking::Column::iter().filter(|column| !matches!(column, booking::Column::VisitId));
    let known = OnConflict::column(booking::Column::VisitId).update_columns(columns).to_owned();
    booking::Entity::insert(booking::ActiveModel::from(row)).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}
