//! Visits by message that cost something: offered by a clinician with a reason and the price, and nothing is owed until the patient's
//! side accepts.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    acting::tell_readers_of,
    entity::{e_visit, message_thread},
    inbox::of_chart,
    problem,
    store::visible,
    watching::tell,
};
use crate::{
    access::{
        Grant,
        policy::{AnswerMessages, DecideEVisit},
    },
    base::{
        error::{Error, Problem},
        money::cents,
        why::Why,
    },
    people::relation::StaffRole,
};

/// No visit by message costs more: a slip of the hand is refused.
const MOST_CENTS: i64 = 50_000;
/// Letters of a reason.
const REASON: usize = 1000;

/// Offers to answer a thread as a visit by message. An offer that nobody accepted is replaced.
///
/// # Errors
/// `NotFound` for a thread of other departments, and for whoever is no clinician; `Invalid` for a price or a reason that cannot be
/// taken, and when an offer was accepted.
pub async fn offer(grant: &Grant<AnswerMessages>, id: Uuid, typed_price: &str, reason: &str) -> Result<(), Error> {
    let holder = grant.holder()?;
    if holder.staff != Some(StaffRole::Clinician) {
        return Err(Error::NotFound);
    }
    let thread = of_chart(grant, id).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let price = cents(typed_price).filter(|cents| (1..=MOST_CENTS).contains(cents));
    if price.is_none() {
        refuse("price", problem::NO_PRICE);
    }
    match reason.trim() {
        "" => refuse("reason", Why::MISSING),
        reason if reason.chars().count() > REASON => refuse("reason", Why::TOO_LONG),
        _ => {}
    }
    let (Some(price_cents), true) = (price, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let row = e_visit::ActiveModel {
        thread_id: Set(id),
        price_cents: Set(price_cents),
        reason: Set(reason.trim().to_owned()),
        offered_by: Set(holder.account.0),
        offered_by_name: Set(holder.name.clone()),
        offered_at: Set(grant.now().instant),
        accepted: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    let tx = grant.begin().await?;
    // What was accepted stays as it was accepted.
    e_visit::Entity::delete_many()
        .filter(e_visit::Column::ThreadId.eq(id))
        .filter(Condition::any().add(e_visit::Column::Accepted.is_null()).add(e_visit::Column::Accepted.eq(false)))
        .exec(&tx)
        .await?;
    let once = OnConflict::column(e_visit::Column::ThreadId).do_nothing().to_owned();
    if e_visit::Entity::insert(row).on_conflict(once).exec_without_returning(&tx).await? == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    tell_readers_of(&tx, grant, &thread).await?;
    tx.commit().await?;
    tell(id, false);
    Ok(())
}

/// The offer of a thread in this chart.
///
/// # Errors
/// `NotFound` without one.
pub async fn find(grant: &Grant<DecideEVisit>, id: Uuid) -> Result<(message_thread::Model, e_visit::Model), Error> {
    let thread = visible(grant).filter(message_thread::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let offer = e_visit::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    Ok((thread, offer))
}

/// Accepts or declines an offer at the price that was read.
///
/// # Errors
/// `NotFound` without an offer in this chart; `Invalid` when it was decided already, or its price is another one now.
pub async fn decide(grant: &Grant<DecideEVisit>, id: Uuid, accepted: bool, price_read: i64) -> Result<(), Error> {
    let (_, offer) = find(grant, id).await?;
    if offer.accepted.is_none() && offer.price_cents != price_read {
        return Err(Error::form(problem::OTHER_PRICE));
    }
    let decided = e_visit::Entity::update_many()
        .col_expr(e_visit::Column::Accepted, Expr::value(Some(accepted)))
        .col_expr(e_visit::Column::DecidedBy, Expr::value(Some(grant.holder()?.account.0)))
        .col_expr(e_visit::Column::DecidedAt, Expr::value(Some(grant.now().instant)))
        .filter(e_visit::Column::ThreadId.eq(id))
        .filter(e_visit::Column::Accepted.is_null())
        .filter(e_visit::Column::PriceCents.eq(price_read))
        .exec(grant.db())
        .await?;
    if decided.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    tell(id, false);
    Ok(())
}
