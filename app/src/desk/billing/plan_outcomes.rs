//! What becomes of a plan when one of its payments went through, or failed.

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    email,
    entity::{payment_attempt, payment_plan, plan_payment},
    model::{MOST_MISSES, PlanPaymentState, PlanState, RETRY_AFTER},
    plan_follows,
    plan_rows::{add_at_end, end, lock, payments, set_state},
    till::Till,
};
use crate::{
    base::{clock::local_date, error::Error, i18n::Texts},
    people::account,
    platform::mail::{
        letter::{Message, Organization},
        store::post,
    },
};

/// A payment of a plan went through.
pub(super) async fn attempt_paid(tx: &DatabaseTransaction, till: &Till, attempt: &payment_attempt::Model) -> Result<(), Error> {
    if let (Some(plan), Some(due_on)) = (attempt.plan_id, attempt.plan_due_on) {
        set_state(tx, plan, due_on, PlanPaymentState::Paid).await?;
        let fine = payment_plan::ActiveModel { misses: Set(0), ..Default::default() };
        payment_plan::Entity::update_many().set(fine).filter(payment_plan::Column::Id.eq(plan)).exec(tx).await?;
    }
    // What was paid beside a plan may be the rest of it.
    follow_all(tx, till, attempt).await
}

/// The plans of whoever pays follow what became of a payment.
pub(super) async fn follow_all(tx: &DatabaseTransaction, till: &Till, attempt: &payment_attempt::Model) -> Result<(), Error> {
    let active = payment_plan::Entity::find()
        .filter(payment_plan::Column::GuarantorId.eq(attempt.guarantor_id))
        .filter(payment_plan::Column::State.eq(PlanState::Active));
    for plan in active.all(tx).await? {
        plan_follows::follow(tx, &plan, till.now).await?;
    }
    Ok(())
}

/// These come again whatever happens: a payment for such a reason is not tried again. Source: Nacha return codes R02, R03, R04, R10, R16,
/// R20, as Stripe names them.
const FINAL: [&str; 6] =
    ["account_closed", "no_account", "invalid_account_number", "debit_not_authorized", "bank_account_restricted", "bank_account_unusable"];

/// A payment of a plan failed: it is tried again after some days, and after that it is missed; two misses end the plan. Returns whether
/// whoever pays was told.
pub(super) async fn attempt_failed(tx: &DatabaseTransaction, till: &Till, id: Uuid) -> Result<bool, Error> {
    let Some(attempt) = payment_attempt::Entity::find_by_id(id).one(tx).await? else { return Ok(false) };
    let (Some(plan_id), Some(due_on)) = (attempt.plan_id, attempt.plan_due_on) else { return Ok(false) };
    lock(tx, plan_id).await?;
    let plan = payment_plan::Entity::find_by_id(plan_id).one(tx).await?;
    let all = payments(tx, plan_id).await?;
    let Some(row) = all.iter().find(|row| row.due_on == due_on && row.state == PlanPaymentState::Planned) else { return Ok(false) };
    let Some(plan) = plan.filter(|plan| plan.state == PlanState::Active) else {
        // It ended while this was on its way.
        set_state(tx, plan_id, due_on, PlanPaymentState::Dropped).await?;
        return Ok(false);
    };
    let today = local_date(till.now, &till.zone);
    let link = till.link(&format!("/billing/plans/{plan_id}"));
    let is_final = attempt.decline.as_deref().is_some_and(|code| FINAL.contains(&code));
    if row.tries < 2 && !is_final {
        let again = today + RETRY_AFTER;
        let waits = plan_payment::ActiveModel { try_on: Set(Some(again)), attempt_id: Set(None), ..Default::default() };
        let one = plan_payment::Entity::update_many().set(waits).filter(plan_payment::Column::PlanId.eq(plan_id));
        one.filter(plan_payment::Column::DueOn.eq(due_on)).exec(tx).await?;
        tell(tx, till, &plan, move |t: Texts, of: &Organization| email::plan_failed(Some(t.long_date(again)), link.clone())(t, of)).await?;
        return Ok(true);
    }
    set_state(tx, plan_id, due_on, PlanPaymentState::Missed).await?;
    let misses = plan.misses + 1;
    let missed = payment_plan::ActiveModel { misses: Set(misses), ..Default::default() };
    payment_plan::Entity::update_many().set(missed).filter(payment_plan::Column::Id.eq(plan_id)).exec(tx).await?;
    if misses >= MOST_MISSES {
        end(tx, till.now, plan_id, PlanState::Failed, "missed").await?;
        tell(tx, till, &plan, email::plan_ended(link)).await?;
        return Ok(true);
    }
    add_at_end(tx, plan_id, &all, row.cents).await?;
    tell(tx, till, &plan, email::plan_failed(None, link)).await?;
    Ok(true)
}

/// A plan ended as whoever agreed to it sees these bills no longer.
pub(super) async fn tell_that_it_ended(tx: &DatabaseTransaction, till: &Till, plan: &payment_plan::Model) -> Result<(), Error> {
    tell(tx, till, plan, email::plan_without_access(till.link("/billing"))).await
}

async fn tell(
    tx: &DatabaseTransaction,
    till: &Till,
    plan: &payment_plan::Model,
    letter: impl Fn(Texts, &Organization) -> Message + Clone,
) -> Result<(), Error> {
    let account = account::Entity::find_by_id(plan.account_id).one(tx).await?;
    if let Some(to) = account.and_then(|account| account.recipient()) {
        post(tx, &to, letter, &till.organization, till.now, till.zone).await?;
    }
    Ok(())
}
