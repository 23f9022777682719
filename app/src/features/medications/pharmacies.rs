//! The pharmacies that came with the records, and the one that somebody prefers.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{entity::preferred_pharmacy, entity::refill_request, store::visible};
use crate::{
    access::{Grant, Permission, policy::RequestMedicine},
    base::error::Error,
    platform::db::has_word,
    record::care_team::entity::department,
};

/// "Main Street Pharmacy, 1 Main Street, Middletown".
pub fn address(pharmacy: &department::Model) -> String {
    std::iter::once(&pharmacy.name).chain(&pharmacy.address).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The pharmacies with these words in their name or address, so many at most.
///
/// # Errors
/// When the database fails.
pub async fn pharmacies<P: Permission>(grant: &Grant<P>, words: &str) -> Result<Vec<department::Model>, Error> {
    let mut query = department::Entity::find().filter(department::Column::Pharmacy.eq(true));
    for word in words.split_whitespace().take(8) {
        let either = Condition::any().add(has_word(department::Column::Name, word)).add(has_word(department::Column::Address, word));
        query = query.filter(either);
    }
    Ok(query.order_by_asc(department::Column::Name).limit(PHARMACIES).all(grant.db()).await?)
}

/// So many pharmacies are offered at once.
pub const PHARMACIES: u64 = 20;

/// The pharmacy that the patient prefers: the one remembered, or else the last one that was asked for.
///
/// # Errors
/// When the database fails.
pub async fn preferred(grant: &Grant<RequestMedicine>) -> Result<Option<department::Model>, Error> {
    let db = grant.db();
    let id = match preferred_pharmacy::Entity::find_by_id(grant.patient().0).one(db).await? {
        Some(found) => Some(found.department_id),
        None => {
            let last = visible(grant).order_by_desc(refill_request::Column::PreparedAt).one(db).await?;
            last.and_then(|request| request.pharmacy_id)
        }
    };
    let Some(id) = id else { return Ok(None) };
    Ok(department::Entity::find_by_id(id).one(db).await?.filter(|found| found.pharmacy))
}
