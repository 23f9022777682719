//! A plan pays what is due of its bills: when that changes, its payments do.

use chrono::{DateTime, Months, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{payment_attempt, payment_plan, plan_bill, plan_payment},
    model::{AttemptState, BillState, PlanPaymentState, PlanState},
    payer::due,
    plan_rows::{bills, end, is_paid_off, payments, planned},
};

/// Lets the plan of a bill follow it.
///
/// # Errors
/// When the database fails.
pub async fn bill(tx: &impl ConnectionTrait, bill: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::BillId.eq(bill)).all(tx).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let active = payment_plan::Entity::find()
        .filter(payment_plan::Column::Id.is_in(rows.into_iter().map(|row| row.plan_id)))
        .filter(payment_plan::Column::State.eq(PlanState::Active));
    for plan in active.all(tx).await? {
        follow(tx, &plan, now).await?;
    }
    Ok(())
}

/// The payments to come add up to what is due: the last ones are less or go, or more come after them, each of at most the agreed sum.
///
/// # Errors
/// When the database fails.
pub async fn follow(tx: &impl ConnectionTrait, plan: &payment_plan::Model, now: DateTime<Utc>) -> Result<(), DbErr> {
    let bills = bills(tx, plan.id).await?;
    if is_paid_off(&bills) {
        return end(tx, now, plan.id, PlanState::PaidOff, "paid").await;
    }
    // While it is not known what is due of a bill, nothing is concluded.
    if bills.iter().any(|bill| matches!(bill.state, BillState::Checking | BillState::Waiting)) {
        return Ok(());
    }
    let all = payments(tx, plan.id).await?;
    let to_come = || all.iter().filter(|row| row.state == PlanPaymentState::Planned);
    // What is on its way from a bank account is taken off what is due already.
    let debits: Vec<Uuid> = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::Id.is_in(to_come().filter_map(|row| row.attempt_id)))
        .filter(payment_attempt::Column::State.eq(AttemptState::Processing))
        .all(tx)
        .await?
        .into_iter()
        .map(|attempt| attempt.id)
        .collect();
    let under_way = to_come().filter(|row| row.attempt_id.is_some_and(|attempt| !debits.contains(&attempt)));
    let under_way: i64 = under_way.map(|row| row.cents).sum();
    let mut left = (bills.iter().map(due).sum::<i64>() - under_way).max(0);
    let of_day = |row: &plan_payment::Model| {
        Condition::all().add(plan_payment::Column::PlanId.eq(row.plan_id)).add(plan_payment::Column::DueOn.eq(row.due_on))
    };
    let last = to_come().rfind(|row| row.attempt_id.is_none()).map(|row| row.due_on);
    for row in to_come().filter(|row| row.attempt_id.is_none()) {
        // The last one may have been less than the others, and takes what comes in addition first.
        let most = if Some(row.due_on) == last { row.cents.max(plan.monthly_cents) } else { row.cents };
        let cents = most.min(left);
        left -= cents;
        if cents == 0 {
            plan_payment::Entity::delete_many().filter(of_day(row)).exec(tx).await?;
        } else if cents != row.cents {
            let other = plan_payment::ActiveModel { cents: Set(cents), ..Default::default() };
            plan_payment::Entity::update_many().set(other).filter(of_day(row)).exec(tx).await?;
        }
    }
    let mut on = all.iter().map(|row| row.due_on).max();
    while left > 0 {
        on = on.and_then(|on| on.checked_add_months(Months::new(1)));
        let Some(on) = on else { return Ok(()) };
        let cents = plan.monthly_cents.min(left);
        plan_payment::Entity::insert(planned(plan.id, on, cents)).exec_without_returning(tx).await?;
        left -= cents;
    }
    Ok(())
}
