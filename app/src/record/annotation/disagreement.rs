//! Statements of disagreement with a declined correction (45 CFR 164.526(d)(2)).

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{entity::amendment, model::Voice};
use crate::base::error::Error;

/// Of declined requests, those about which somebody disagreed already.
///
/// # Errors
/// When the database fails.
pub async fn disagreed(db: &impl ConnectionTrait, requests: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let found = amendment::Entity::find().filter(amendment::Column::RequestId.is_in(requests.iter().copied())).all(db).await?;
    Ok(found.into_iter().filter(|row| row.voice == Voice::Disagreement).map(|row| row.request_id).collect())
}
