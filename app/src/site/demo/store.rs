//! Reads what the demo shows of itself.

use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use crate::{
    access::{Grant, policy::SeeDemo},
    base::error::Error,
    platform::mail::entity::outbox_mail,
};

/// The newest letters, for the demo's outbox.
///
/// # Errors
/// When the database fails.
pub async fn newest(grant: &Grant<SeeDemo>, most: u64) -> Result<Vec<outbox_mail::Model>, Error> {
    // Letters of one transaction bear the same time; their ids keep their order.
    let newest =
        outbox_mail::Entity::find().order_by_desc(outbox_mail::Column::CreatedAt).order_by_desc(outbox_mail::Column::Id).limit(most);
    Ok(newest.all(grant.db()).await?)
}
