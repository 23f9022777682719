//! Making the payments of plans that are due.

use std::time::Instant;

use chrono::Days;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{
    attempts,
    entity::{guarantor, payment_attempt, payment_method, payment_plan, plan_bill, plan_payment},
    ledger,
    model::{PlanPaymentState, PlanState, spread},
    pay,
    payer::{Parts, Payer},
    plan_outcomes,
    plan_rows::{bills, dues, end, is_paid_off, lock},
    till::Till,
};
use crate::{
    access::Level,
    base::{
        clock::{Now, local_date},
        error::Error,
        ids::new_id,
    },
    desk::office::tell::readers,
    people::{account, patient},
};

/// So many payments of plans are made in one go of the job.
const AT_ONCE: u64 = 50;

/// Makes the payments of plans that are due. Each is begun in one transaction with the row that says so: once, whatever ends in between.
///
/// # Errors
/// When the database fails.
pub async fn charge_due(till: &Till) -> Result<(), Error> {
    let today = local_date(till.now, &till.zone);
    let due = plan_payment::Entity::find()
        .filter(plan_payment::Column::State.eq(PlanPaymentState::Planned))
        .filter(plan_payment::Column::TryOn.lte(today))
        .filter(plan_payment::Column::AttemptId.is_null())
        .order_by_asc(plan_payment::Column::TryOn)
        .limit(AT_ONCE)
        .all(till.db())
        .await?;
    let mut went = Ok(());
    for row in due {
        went = went.and(one(till, &row).await);
    }
    went
}

async fn one(till: &Till, row: &plan_payment::Model) -> Result<(), Error> {
    let begun = Instant::now();
    match begin_payment(till, row).await? {
        Some((attempt, token)) => pay::charge(till, &attempt, token, true, begun).await,
        None => Ok(()),
    }
}

async fn begin_payment(till: &Till, row: &plan_payment::Model) -> Result<Option<(payment_attempt::Model, String)>, Error> {
    let tx = till.begin().await?;
    // Bills before plans: whoever enters a payment locks them in this order.
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::PlanId.eq(row.plan_id)).all(&tx).await?;
    ledger::lock(&tx, &rows.iter().map(|row| row.bill_id).collect::<Vec<_>>()).await?;
    lock(&tx, row.plan_id).await?;
    let plan = payment_plan::Entity::find_by_id(row.plan_id).one(&tx).await?;
    let Some(plan) = plan.filter(|plan| plan.state == PlanState::Active) else { return Ok(None) };
    if !may_still_pay(&tx, till, &plan).await? {
        end(&tx, till.now, plan.id, PlanState::Cancelled, "access").await?;
        plan_outcomes::tell_that_it_ended(&tx, till, &plan).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let bills = bills(&tx, plan.id).await?;
    let dues = dues(&bills);
    let sums: Vec<i64> = dues.iter().map(|(_, due)| *due).collect();
    let parts: Parts =
        dues.iter().zip(spread(row.cents, &sums)).filter(|(_, part)| *part > 0).map(|((bill, _), part)| (*bill, part)).collect();
    if parts.is_empty() {
        if is_paid_off(&bills) {
            end(&tx, till.now, plan.id, PlanState::PaidOff, "paid").await?;
        } else {
            // The office looks at a bill, or the insurer answers anew: it is seen tomorrow what is due then.
            let tomorrow = local_date(till.now, &till.zone) + Days::new(1);
            let waits = plan_payment::ActiveModel { try_on: Set(Some(tomorrow)), ..Default::default() };
            let one = plan_payment::Entity::update_many().set(waits).filter(plan_payment::Column::PlanId.eq(plan.id));
            one.filter(plan_payment::Column::DueOn.eq(row.due_on)).exec(&tx).await?;
        }
        tx.commit().await?;
        return Ok(None);
    }
    let guarantor = guarantor::Entity::find_by_id(plan.guarantor_id).one(&tx).await?;
    let method = payment_method::Entity::find_by_id(plan.method_id).one(&tx).await?;
    let (Some(guarantor), Some(method)) = (guarantor, method) else { return Ok(None) };
    let payer = Payer { guarantor, account: Some(plan.account_id), only: None, by: plan.by.clone() };
    let id = new_id();
    let begun = plan_payment::Entity::update_many()
        .col_expr(plan_payment::Column::AttemptId, Expr::value(Some(id)))
        .col_expr(plan_payment::Column::Tries, Expr::col(plan_payment::Column::Tries).add(1))
        // What is on its way beside the plan is not charged again: this payment may be less.
        .col_expr(plan_payment::Column::Cents, Expr::value(parts.iter().map(|(_, cents)| cents).sum::<i64>()))
        .filter(plan_payment::Column::PlanId.eq(plan.id))
        .filter(plan_payment::Column::DueOn.eq(row.due_on))
        .filter(plan_payment::Column::State.eq(PlanPaymentState::Planned))
        .filter(plan_payment::Column::AttemptId.is_null())
        .exec(&tx)
        .await?;
    if begun.rows_affected == 0 {
        return Ok(None);
    }
    attempts::insert(&tx, till, &payer, (id, &parts), Some(&method), Some((plan.id, row.due_on)), None).await?;
    let attempt = payment_attempt::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound)?;
    // While another payment of the same person is being checked, this one waits.
    if !pay::ask(&tx, &attempt, till.now).await? {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some((attempt, method.token)))
}

/// Whether whoever agreed to a plan still pays for these bills: nobody is charged who can no longer see or end it.
async fn may_still_pay(tx: &DatabaseTransaction, till: &Till, plan: &payment_plan::Model) -> Result<bool, Error> {
    let open = account::Entity::find_by_id(plan.account_id).filter(account::Column::ClosedAt.is_null());
    let (Some(account), Some(of)) = (open.one(tx).await?, guarantor::Entity::find_by_id(plan.guarantor_id).one(tx).await?) else {
        return Ok(false);
    };
    if of.account_id == Some(account.id) {
        return Ok(true);
    }
    let Some(person) = (match of.patient_id {
        Some(id) => patient::current(tx, id).await?,
        None => None,
    }) else {
        return Ok(false);
    };
    let now = Now { instant: till.now, today: local_date(till.now, &till.zone) };
    Ok(readers(tx, &person, now, Level::sees_bills).await?.iter().any(|reader| reader.id == account.id))
}
