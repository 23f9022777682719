//! The rows of visits.

use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::clinicians::AtVisits;
use crate::record::{
    import::{Context, insert_all},
    visit::entity::{visit, visit_clinician},
};

/// Writes a visit that is stored already; a new one is written with all others at the end.
pub(super) async fn write(
    context: &Context<'_>,
    stored: &mut Vec<visit::Model>,
    found: Option<usize>,
    model: visit::Model,
    at: &mut AtVisits,
) -> Result<(), DbErr> {
    match found {
        Some(index) => {
            if !at.unwritten.contains(&model.id) {
                visit::Entity::update(visit::ActiveModel::from(model.clone()).reset_all()).exec(context.tx).await?;
            }
            stored[index] = model;
        }
        None => {
            at.unwritten.insert(model.id);
            stored.push(model);
        }
    }
    Ok(())
}

/// Writes the new visits.
pub(super) async fn insert(context: &Context<'_>, stored: &[visit::Model], at: &AtVisits) -> Result<(), DbErr> {
    let new: Vec<visit::ActiveModel> =
        stored.iter().filter(|visit| at.unwritten.contains(&visit.id)).map(|visit| visit.clone().into()).collect();
    let conflict = OnConflict::column(visit::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, visit::Entity, new, conflict.clone());
    Ok(())
}

pub(super) async fn forget(context: &Context<'_>, visit: Uuid, at: &mut AtVisits) -> Result<(), DbErr> {
    at.forget(visit);
    if at.unwritten.remove(&visit) {
        return Ok(());
    }
    visit_clinician::Entity::delete_many().filter(visit_clinician::Column::VisitId.eq(visit)).exec(context.tx).await?;
    visit::Entity::delete_by_id(visit).exec(context.tx).await?;
    Ok(())
}
