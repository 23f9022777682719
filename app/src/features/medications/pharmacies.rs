//! The pharmacies that came with the records, and the one that somebody prefers.

use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::SelectStatement,
};

use super::{entity::preferred_pharmacy, entity::refill_request, store::visible};
use crate::{
    access::{Grant, policy::RequestMedicine},
    platform::{
        batch::{Batch, Rows},
        db::has_word,
    },
    record::care_team::entity::department,
};

/// "Main Street Pharmacy, 1 Main Street, Middletown".
pub fn address(pharmacy: &department::Model) -> String {
    std::iter::once(&pharmacy.name).chain(&pharmacy.address).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The pharmacies with these words in their name or address, so many at most, as a query.
pub fn pharmacies(words: &str) -> Select<department::Entity> {
    let mut query = department::Entity::find().filter(department::Column::Pharmacy.eq(true));
    for word in words.split_whitespace().take(8) {
        let either = Condition::any().add(has_word(department::Column::Name, word)).add(has_word(department::Column::Address, word));
        query = query.filter(either);
    }
    query.order_by_asc(department::Column::Name).limit(PHARMACIES)
}

/// So many pharmacies are offered at once.
pub const PHARMACIES: u64 = 20;

/// Asks for the pharmacy that the patient prefers: the one remembered, or else the last one that was asked for.
pub fn ask_preferred(
    batch: &mut Batch,
    grant: &Grant<RequestMedicine>,
) -> impl FnOnce(&mut Rows) -> Result<Option<department::Model>, DbErr> + use<> {
    let remembered = preferred_pharmacy::Entity::find_by_id(grant.patient().0);
    let last = visible(grant).order_by_desc(refill_request::Column::PreparedAt).limit(1);
    let places = |ids: SelectStatement| department::Entity::find().filter(department::Column::Id.in_subquery(ids));
    let remembered_place = places(remembered.clone().select_only().column(preferred_pharmacy::Column::DepartmentId).into_query());
    let last_place = places(last.select_only().column(refill_request::Column::PharmacyId).into_query());
    let (remembered, remembered_place, last_place) = (batch.ask(remembered), batch.ask(remembered_place), batch.ask(last_place));
    move |answers| {
        let (remembered, remembered_place, last_place) =
            (answers.take(remembered)?.pop(), answers.take(remembered_place)?.pop(), answers.take(last_place)?.pop());
        Ok(remembered.map_or(last_place, |_| remembered_place).filter(|found| found.pharmacy))
    }
}
