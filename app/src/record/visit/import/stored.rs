//! The row of a visit.

use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::record::{
    import::Context,
    visit::entity::{visit, visit_clinician},
};

pub(super) async fn write(
    context: &Context<'_>,
    stored: &mut Vec<visit::Model>,
    found: Option<usize>,
    model: visit::Model,
) -> Result<(), DbErr> {
    let active = visit::ActiveModel::from(model.clone());
    match found {
        Some(index) => {
            visit::Entity::update(active.reset_all()).exec(context.tx).await?;
            stored[index] = model;
        }
        None => {
            visit::Entity::insert(active).exec_without_returning(context.tx).await?;
            stored.push(model);
        }
    }
    Ok(())
}

pub(super) async fn forget(context: &Context<'_>, visit: Uuid) -> Result<(), DbErr> {
    visit_clinician::Entity::delete_many().filter(visit_clinician::Column::VisitId.eq(visit)).exec(context.tx).await?;
    visit::Entity::delete_by_id(visit).exec(context.tx).await?;
    Ok(())
}
