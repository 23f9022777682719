//! What happens to payments without a click: what is being checked is asked about again, what was never asked is forgotten, refunds
//! are finished, plans are charged, new statements are told.

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    entity::{guest_visit, payment_attempt, payment_refund},
    methods,
    model::{AttemptState, RefundState},
    pay::{self, FORGOTTEN},
    plan_charges, refunds, settle, statements,
    till::Till,
    verifying,
};
use crate::base::error::Error;

/// What is being checked is asked about after so long: whoever asked may still be waiting for the answer.
const QUIET: TimeDelta = TimeDelta::seconds(45);
/// Staff hear of what is still being checked after so long.
const RAISED_AFTER: TimeDelta = TimeDelta::hours(1);
/// A debit of a bank account is asked about after so long.
const DEBIT_QUIET: TimeDelta = TimeDelta::hours(6);
/// Staff hear of a debit that is on its way after so long: it takes four business days.
const DEBIT_RAISED_AFTER: TimeDelta = TimeDelta::days(10);
const AT_ONCE: u64 = 100;

/// # Errors
/// When the database fails.
pub async fn work(till: &Till) -> Result<(), Error> {
    let mut went = Ok(());
    // One that fails does not keep the others waiting.
    for step in [
        check(till).await,
        look_at_debits(till).await,
        verifying::ask_again(till).await,
        methods::forget_removed(till).await,
        forget(till).await,
        finish_refunds(till).await,
        charge_plans(till).await,
        statements::tell_new(till).await,
    ] {
        went = went.and(step);
    }
    went
}

async fn finish_refunds(till: &Till) -> Result<(), Error> {
    let mut went = Ok(());
    let open = payment_refund::Entity::find().filter(payment_refund::Column::State.eq(RefundState::Asked)).limit(AT_ONCE);
    for refund in open.all(till.db()).await? {
        if till.now - refund.made_at > QUIET {
            went = went.and(refunds::finish(till, &refund).await);
        }
    }
    went
}

async fn charge_plans(till: &Till) -> Result<(), Error> {
    if till.processor.is_there() { plan_charges::charge_due(till).await } else { Ok(()) }
}

/// Asks about every try of which it is not known how it ended.
async fn check(till: &Till) -> Result<(), Error> {
    let open = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::State.is_in([AttemptState::Asked, AttemptState::NeedsAction]))
        .filter(payment_attempt::Column::AskedAt.lt(till.now - QUIET))
        .order_by_asc(payment_attempt::Column::AskedAt)
        .limit(AT_ONCE);
    let mut went = Ok(());
    for attempt in open.all(till.db()).await? {
        went = went.and(pay::refresh(till, &attempt).await);
        let long = attempt.asked_at.is_some_and(|at| till.now - at > RAISED_AFTER);
        if long && attempt.raised_at.is_none() {
            tracing::warn!("a payment is being checked for more than an hour");
            let raised = payment_attempt::ActiveModel { raised_at: Set(Some(till.now)), ..Default::default() };
            payment_attempt::Entity::update_many()
                .set(raised)
                .filter(payment_attempt::Column::Id.eq(attempt.id))
                .filter(payment_attempt::Column::State.is_in(AttemptState::OPEN))
                .exec(till.db())
                .await?;
        }
    }
    went
}

/// Asks about debits of bank accounts that are on their way; a notice of the processor mostly comes first.
async fn look_at_debits(till: &Till) -> Result<(), Error> {
    // Written as the index is, which a bound value would not be known to fit.
    let on_their_way = payment_attempt::Entity::find()
        .filter(Expr::cust("state = 'processing'"))
        .filter(payment_attempt::Column::LookedAt.lt(till.now - DEBIT_QUIET))
        .order_by_asc(payment_attempt::Column::LookedAt)
        .limit(AT_ONCE);
    let mut went = Ok(());
    for attempt in on_their_way.all(till.db()).await? {
        let long = attempt.asked_at.is_some_and(|at| till.now - at > DEBIT_RAISED_AFTER);
        let looked = payment_attempt::ActiveModel {
            looked_at: Set(Some(till.now)),
            raised_at: if long && attempt.raised_at.is_none() { Set(Some(till.now)) } else { sea_orm::ActiveValue::NotSet },
            ..Default::default()
        };
        payment_attempt::Entity::update_many().set(looked).filter(payment_attempt::Column::Id.eq(attempt.id)).exec(till.db()).await?;
        went = went.and(pay::refresh(till, &attempt).await);
    }
    went
}

/// What nobody went on with was never asked of anybody.
async fn forget(till: &Till) -> Result<(), Error> {
    let old = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::State.eq(AttemptState::Created))
        .filter(payment_attempt::Column::MadeAt.lt(till.now - FORGOTTEN))
        .limit(AT_ONCE);
    for attempt in old.all(till.db()).await? {
        settle::abandon(till, attempt.id).await?;
    }
    guest_visit::Entity::delete_many().filter(guest_visit::Column::ExpiresAt.lt(till.now)).exec(till.db()).await?;
    Ok(())
}
