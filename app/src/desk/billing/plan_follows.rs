//! A plan pays what is due of its bills: when that changes, its payments do.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{bill, payment_plan, plan_bill, plan_payment},
    model::{BillState, PlanPaymentState, PlanState},
    plan_rows::{bills, end, is_paid_off, lock, payments, planned},
};

/// Lets the plan of a bill follow it.
///
/// # Errors
/// When the database fails.
pub async fn bill(tx: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::BillId.eq(id)).all(tx).await?;
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
    lock(tx, plan.id).await?;
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
    // What is on its way from a bank account beside the plan may not arrive: it is taken off when it does.
    let under_way: i64 = to_come().filter(|row| row.attempt_id.is_some()).map(|row| row.cents).sum();
    let owed = |bill: &bill::Model| if bill.state == BillState::Open { bill.balance_cents.max(0) } else { 0 };
    let mut left = (bills.iter().map(owed).sum::<i64>() - under_way).max(0);
    let of_day = |row: &plan_payment::Model| {
        Condition::all()
            .add(plan_payment::Column::PlanId.eq(row.plan_id))
            .add(plan_payment::Column::DueOn.eq(row.due_on))
            .add(plan_payment::Column::State.eq(PlanPaymentState::Planned))
            .add(plan_payment::Column::AttemptId.is_null())
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
    // On the plan's day, after the last one and after today.
    let mut on = all.iter().map(|row| row.due_on).max().unwrap_or_default().max(now.date_naive());
    while left > 0 {
        let Some(next) = next_after(on, plan.day) else { return Ok(()) };
        let cents = plan.monthly_cents.min(left);
        plan_payment::Entity::insert(planned(plan.id, next, cents)).exec_without_returning(tx).await?;
        left -= cents;
        on = next;
    }
    Ok(())
}

/// The day of the month that comes next after a day.
fn next_after(day: NaiveDate, of_month: i32) -> Option<NaiveDate> {
    let this = day.with_day(u32::try_from(of_month).ok()?)?;
    if this > day { Some(this) } else { this.checked_add_months(Months::new(1)) }
}
