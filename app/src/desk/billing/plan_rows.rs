//! The rows of plans and their payments.

use chrono::{DateTime, Months, NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::{bill, payment_plan, plan_bill, plan_payment},
    model::{BillState, PlanPaymentState, PlanState},
    payer::{Parts, due},
};

pub(super) fn planned(plan: Uuid, on: NaiveDate, cents: i64) -> plan_payment::ActiveModel {
    plan_payment::ActiveModel {
        plan_id: Set(plan),
        due_on: Set(on),
        cents: Set(cents),
        state: Set(PlanPaymentState::Planned),
        tries: Set(0),
        try_on: Set(Some(on)),
        attempt_id: Set(None),
    }
}

pub(super) async fn payments(db: &impl ConnectionTrait, plan: Uuid) -> Result<Vec<plan_payment::Model>, DbErr> {
    let all = plan_payment::Entity::find().filter(plan_payment::Column::PlanId.eq(plan)).order_by_asc(plan_payment::Column::DueOn);
    all.all(db).await
}

pub(super) async fn lock(tx: &impl ConnectionTrait, plan: Uuid) -> Result<(), DbErr> {
    use sea_orm::QuerySelect;
    let mut query = payment_plan::Entity::find_by_id(plan);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx).await.map(|_| ())
}

pub(super) async fn set_state(tx: &DatabaseTransaction, plan: Uuid, due_on: NaiveDate, state: PlanPaymentState) -> Result<(), DbErr> {
    let set = plan_payment::ActiveModel { state: Set(state), try_on: Set(None), ..Default::default() };
    let one = plan_payment::Entity::update_many().set(set).filter(plan_payment::Column::PlanId.eq(plan));
    one.filter(plan_payment::Column::DueOn.eq(due_on)).exec(tx).await?;
    Ok(())
}

/// What was skipped or missed is paid a month after the last payment.
pub(super) async fn add_at_end(tx: &DatabaseTransaction, plan: Uuid, all: &[plan_payment::Model], cents: i64) -> Result<(), DbErr> {
    let last = all.iter().map(|row| row.due_on).max();
    if let Some(on) = last.and_then(|on| on.checked_add_months(Months::new(1))) {
        plan_payment::Entity::insert(planned(plan, on, cents)).exec_without_returning(tx).await?;
    }
    Ok(())
}

pub(super) async fn end(tx: &impl ConnectionTrait, now: DateTime<Utc>, plan: Uuid, state: PlanState, why: &str) -> Result<(), DbErr> {
    let over = payment_plan::ActiveModel {
        state: Set(state),
        ended_at: Set(Some(now)),
        ended_why: Set(Some(why.to_owned())),
        ..Default::default()
    };
    payment_plan::Entity::update_many().set(over).filter(payment_plan::Column::Id.eq(plan)).exec(tx).await?;
    let dropped = plan_payment::ActiveModel { state: Set(PlanPaymentState::Dropped), try_on: Set(None), ..Default::default() };
    plan_payment::Entity::update_many()
        .set(dropped)
        .filter(plan_payment::Column::PlanId.eq(plan))
        .filter(plan_payment::Column::State.eq(PlanPaymentState::Planned))
        // What is on its way is not called off by it.
        .filter(plan_payment::Column::AttemptId.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// What is due of the bills of a plan, the oldest first.
pub(super) fn dues(bills: &[bill::Model]) -> Parts {
    bills.iter().map(|bill| (bill.id, due(bill))).collect()
}

/// Nothing is left to pay. Of a bill that is checked or waited for, nothing is due for now, and what is on its way may not arrive.
pub(super) fn is_paid_off(bills: &[bill::Model]) -> bool {
    bills.iter().all(|bill| due(bill) == 0 && bill.pending_cents == 0 && !matches!(bill.state, BillState::Checking | BillState::Waiting))
}

pub(super) async fn bills(db: &impl ConnectionTrait, plan: Uuid) -> Result<Vec<bill::Model>, DbErr> {
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::PlanId.eq(plan)).all(db).await?;
    let bills = bill::Entity::find().filter(bill::Column::Id.is_in(rows.iter().map(|row| row.bill_id)));
    bills.order_by_asc(bill::Column::IssuedOn).order_by_asc(bill::Column::Id).all(db).await
}
