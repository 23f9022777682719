//! Paying month by month: from what, how much, on which day, and what becomes of a payment that fails.

use chrono::{Months, NaiveDate};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    email,
    entity::{bill, guarantor, payment_attempt, payment_plan, plan_bill, plan_payment},
    ledger,
    model::{AttemptState, MOST_MISSES, PlanPaymentState, PlanState, RETRY_AFTER, Schedule, schedule, spread},
    pay::{self, Parts, Payer},
    problem,
    till::Till,
};
use crate::{
    base::{clock::local_date, error::Error, ids::new_id, why::Why},
    people::account,
    platform::mail::{
        letter::{Message, Organization},
        store::post,
    },
};

/// So many payments of plans are made in one go of the job.
const AT_ONCE: u64 = 50;

/// A plan that somebody consents to.
pub struct Wanted<'a> {
    pub bills: &'a [Uuid],
    pub monthly: i64,
    pub day: u32,
    pub method: Uuid,
}

/// What a plan for these bills would be. `None` where the rules allow none.
///
/// # Errors
/// When the database fails.
pub async fn what_if(till: &Till, payer: &Payer, bills: &[Uuid], monthly: i64, day: u32) -> Result<(i64, Option<Schedule>), DbErr> {
    let free = without_plan(till, payer).await?;
    let total = free.iter().filter(|bill| bills.contains(&bill.id)).map(pay::due).sum();
    Ok((total, schedule(total, monthly, day, local_date(till.now, &till.zone))))
}

/// The bills of which something is due and that no plan pays.
///
/// # Errors
/// When the database fails.
pub async fn without_plan(till: &Till, payer: &Payer) -> Result<Vec<bill::Model>, DbErr> {
    let bills = pay::payable(till, payer).await?;
    let taken = in_plans(till.db(), payer.guarantor.id).await?;
    Ok(bills.into_iter().filter(|bill| !taken.contains(&bill.id)).collect())
}

async fn in_plans(db: &impl ConnectionTrait, guarantor: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let active = payment_plan::Entity::find()
        .filter(payment_plan::Column::GuarantorId.eq(guarantor))
        .filter(payment_plan::Column::State.eq(PlanState::Active))
        .all(db)
        .await?;
    let bills = plan_bill::Entity::find().filter(plan_bill::Column::PlanId.is_in(active.iter().map(|plan| plan.id))).all(db).await?;
    Ok(bills.into_iter().map(|row| row.bill_id).collect())
}

/// Begins a plan.
///
/// # Errors
/// `Invalid` when the rules do not allow it, or a bill is in another plan already.
pub async fn begin(till: &Till, payer: &Payer, wanted: &Wanted<'_>) -> Result<Uuid, Error> {
    let account = payer.account.ok_or(Error::NotFound)?;
    let method = pay::own_method(till, payer, wanted.method).await?.ok_or(Error::field("method", Why::MISSING))?;
    let tx = till.begin().await?;
    let bills = ledger::lock(&tx, wanted.bills).await?;
    let taken = in_plans(&tx, payer.guarantor.id).await?;
    let fits = |bill: &bill::Model| bill.guarantor_id == Some(payer.guarantor.id) && pay::due(bill) > 0 && !taken.contains(&bill.id);
    if bills.is_empty() || bills.len() != wanted.bills.len() || !bills.iter().all(fits) {
        return Err(Error::form(problem::CHANGED));
    }
    let total = bills.iter().map(pay::due).sum();
    let today = local_date(till.now, &till.zone);
    let payments = schedule(total, wanted.monthly, wanted.day, today).ok_or(Error::form(problem::NO_PLAN))?;
    let id = new_id();
    let plan = payment_plan::ActiveModel {
        id: Set(id),
        guarantor_id: Set(payer.guarantor.id),
        account_id: Set(account),
        method_id: Set(method.id),
        total_cents: Set(total),
        monthly_cents: Set(wanted.monthly),
        day: Set(i32::try_from(wanted.day).unwrap_or(1)),
        state: Set(PlanState::Active),
        misses: Set(0),
        made_at: Set(till.now),
        ended_at: Set(None),
        ended_why: Set(None),
        by: Set(payer.by.clone()),
    };
    payment_plan::Entity::insert(plan).exec_without_returning(&tx).await?;
    let rows = bills.iter().map(|bill| plan_bill::ActiveModel { plan_id: Set(id), bill_id: Set(bill.id) });
    plan_bill::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    let rows: Vec<_> = payments.into_iter().map(|(on, cents)| planned(id, on, cents)).collect();
    plan_payment::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(id)
}

fn planned(plan: Uuid, on: NaiveDate, cents: i64) -> plan_payment::ActiveModel {
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

/// A plan of this payer with its payments, the earliest first.
///
/// # Errors
/// `NotFound` when it is not theirs.
pub async fn plan_of(till: &Till, payer: &Payer, id: Uuid) -> Result<(payment_plan::Model, Vec<plan_payment::Model>), Error> {
    let own = payment_plan::Entity::find_by_id(id).filter(payment_plan::Column::GuarantorId.eq(payer.guarantor.id));
    let plan = own.one(till.db()).await?.ok_or(Error::NotFound)?;
    Ok((plan, payments(till.db(), id).await?))
}

async fn payments(db: &impl ConnectionTrait, plan: Uuid) -> Result<Vec<plan_payment::Model>, DbErr> {
    let all = plan_payment::Entity::find().filter(plan_payment::Column::PlanId.eq(plan)).order_by_asc(plan_payment::Column::DueOn);
    all.all(db).await
}

/// The plans of a guarantor, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_guarantor(till: &Till, guarantor: Uuid) -> Result<Vec<payment_plan::Model>, DbErr> {
    let all = payment_plan::Entity::find().filter(payment_plan::Column::GuarantorId.eq(guarantor));
    all.order_by_desc(payment_plan::Column::MadeAt).all(till.db()).await
}

/// What somebody does with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// From the next payment on, another day of the month.
    Day(u32),
    /// The next payment comes a month after the last one; once a plan.
    Skip,
    Method(Uuid),
    End,
}

/// Changes a plan.
///
/// # Errors
/// `NotFound` when it is not theirs; `Invalid` when it is over, or cannot be changed so.
pub async fn change(till: &Till, payer: &Payer, id: Uuid, change: Change) -> Result<(), Error> {
    let (plan, _) = plan_of(till, payer, id).await?;
    let method = match change {
        Change::Method(method) => Some(pay::own_method(till, payer, method).await?.ok_or(Error::field("method", Why::MISSING))?.id),
        _ => None,
    };
    let tx = till.begin().await?;
    lock(&tx, id).await?;
    let plan = payment_plan::Entity::find_by_id(plan.id).one(&tx).await?.ok_or(Error::NotFound)?;
    if plan.state != PlanState::Active {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let all = payments(&tx, id).await?;
    let open: Vec<_> = all.iter().filter(|row| row.state == PlanPaymentState::Planned && row.attempt_id.is_none()).collect();
    match change {
        Change::Day(day) => move_days(&tx, till, &plan, &open, day).await?,
        Change::Skip => {
            let next = open.first().ok_or(Error::form(Why::ALREADY_DONE))?;
            if all.iter().any(|row| row.state == PlanPaymentState::Skipped) || next.tries > 0 {
                return Err(Error::form(Why::of("billing_why_skipped_once")));
            }
            set_state(&tx, id, next.due_on, PlanPaymentState::Skipped).await?;
            add_at_end(&tx, id, &all, next.cents).await?;
        }
        Change::Method(_) => {
            let other = payment_plan::ActiveModel { method_id: method.map_or(sea_orm::ActiveValue::NotSet, Set), ..Default::default() };
            payment_plan::Entity::update_many().set(other).filter(payment_plan::Column::Id.eq(id)).exec(&tx).await?;
        }
        Change::End => end(&tx, till, id, PlanState::Cancelled, "asked").await?,
    }
    tx.commit().await?;
    Ok(())
}

async fn lock(tx: &DatabaseTransaction, plan: Uuid) -> Result<(), DbErr> {
    use sea_orm::QuerySelect;
    let mut query = payment_plan::Entity::find_by_id(plan);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx).await.map(|_| ())
}

async fn move_days(
    tx: &DatabaseTransaction,
    till: &Till,
    plan: &payment_plan::Model,
    open: &[&plan_payment::Model],
    day: u32,
) -> Result<(), Error> {
    use chrono::Datelike;
    if !(1..=28).contains(&day) {
        return Err(Error::field("day", problem::NO_PLAN));
    }
    let today = local_date(till.now, &till.zone);
    let moved: Vec<(NaiveDate, i64)> =
        open.iter().filter(|row| row.tries == 0).filter_map(|row| Some((row.due_on.with_day(day)?, row.cents))).collect();
    // A day of this month that is over is that of the next.
    let late = moved.first().is_some_and(|(on, _)| *on <= today);
    for row in open.iter().filter(|row| row.tries == 0) {
        let one = plan_payment::Entity::delete_many().filter(plan_payment::Column::PlanId.eq(plan.id));
        one.filter(plan_payment::Column::DueOn.eq(row.due_on)).exec(tx).await?;
    }
    for (on, cents) in moved {
        let on = if late { on.checked_add_months(Months::new(1)).unwrap_or(on) } else { on };
        plan_payment::Entity::insert(planned(plan.id, on, cents)).exec_without_returning(tx).await?;
    }
    let day = i32::try_from(day).unwrap_or_else(|_| i32::try_from(today.day()).unwrap_or(1));
    let changed = payment_plan::ActiveModel { day: Set(day), ..Default::default() };
    payment_plan::Entity::update_many().set(changed).filter(payment_plan::Column::Id.eq(plan.id)).exec(tx).await?;
    Ok(())
}

async fn set_state(tx: &DatabaseTransaction, plan: Uuid, due_on: NaiveDate, state: PlanPaymentState) -> Result<(), DbErr> {
    let set = plan_payment::ActiveModel { state: Set(state), try_on: Set(None), ..Default::default() };
    let one = plan_payment::Entity::update_many().set(set).filter(plan_payment::Column::PlanId.eq(plan));
    one.filter(plan_payment::Column::DueOn.eq(due_on)).exec(tx).await?;
    Ok(())
}

/// What was skipped or missed is paid a month after the last payment.
async fn add_at_end(tx: &DatabaseTransaction, plan: Uuid, all: &[plan_payment::Model], cents: i64) -> Result<(), DbErr> {
    let last = all.iter().map(|row| row.due_on).max();
    if let Some(on) = last.and_then(|on| on.checked_add_months(Months::new(1))) {
        plan_payment::Entity::insert(planned(plan, on, cents)).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn end(tx: &DatabaseTransaction, till: &Till, plan: Uuid, state: PlanState, why: &str) -> Result<(), DbErr> {
    let over = payment_plan::ActiveModel {
        state: Set(state),
        ended_at: Set(Some(till.now)),
        ended_why: Set(Some(why.to_owned())),
        ..Default::default()
    };
    payment_plan::Entity::update_many().set(over).filter(payment_plan::Column::Id.eq(plan)).exec(tx).await?;
    let dropped = plan_payment::ActiveModel { state: Set(PlanPaymentState::Dropped), try_on: Set(None), ..Default::default() };
    plan_payment::Entity::update_many()
        .set(dropped)
        .filter(plan_payment::Column::PlanId.eq(plan))
        .filter(plan_payment::Column::State.eq(PlanPaymentState::Planned))
        .exec(tx)
        .await?;
    Ok(())
}

/// A payment of a plan went through.
pub(super) async fn attempt_paid(tx: &DatabaseTransaction, till: &Till, attempt: &payment_attempt::Model) -> Result<(), Error> {
    if let (Some(plan), Some(due_on)) = (attempt.plan_id, attempt.plan_due_on) {
        set_state(tx, plan, due_on, PlanPaymentState::Paid).await?;
        let fine = payment_plan::ActiveModel { misses: Set(0), ..Default::default() };
        payment_plan::Entity::update_many().set(fine).filter(payment_plan::Column::Id.eq(plan)).exec(tx).await?;
    }
    // What was paid beside a plan may be the rest of it.
    let active = payment_plan::Entity::find()
        .filter(payment_plan::Column::GuarantorId.eq(attempt.guarantor_id))
        .filter(payment_plan::Column::State.eq(PlanState::Active));
    for plan in active.all(tx).await? {
        if dues(tx, plan.id).await?.iter().all(|(_, due)| *due == 0) {
            end(tx, till, plan.id, PlanState::PaidOff, "paid").await?;
        }
    }
    Ok(())
}

async fn dues(db: &impl ConnectionTrait, plan: Uuid) -> Result<Parts, DbErr> {
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::PlanId.eq(plan)).all(db).await?;
    let bills = bill::Entity::find().filter(bill::Column::Id.is_in(rows.iter().map(|row| row.bill_id)));
    let bills = bills.order_by_asc(bill::Column::IssuedOn).order_by_asc(bill::Column::Id).all(db).await?;
    Ok(bills.iter().map(|bill| (bill.id, pay::due(bill))).collect())
}

/// A payment of a plan failed: it is tried again after some days, and after that it is missed; two misses end the plan.
pub(super) async fn attempt_failed(tx: &DatabaseTransaction, till: &Till, id: Uuid) -> Result<(), Error> {
    let Some(attempt) = payment_attempt::Entity::find_by_id(id).one(tx).await? else { return Ok(()) };
    let (Some(plan_id), Some(due_on)) = (attempt.plan_id, attempt.plan_due_on) else { return Ok(()) };
    lock(tx, plan_id).await?;
    let plan = payment_plan::Entity::find_by_id(plan_id).one(tx).await?;
    let Some(plan) = plan.filter(|plan| plan.state == PlanState::Active) else { return Ok(()) };
    let all = payments(tx, plan_id).await?;
    let Some(row) = all.iter().find(|row| row.due_on == due_on && row.state == PlanPaymentState::Planned) else { return Ok(()) };
    let today = local_date(till.now, &till.zone);
    let link = till.link(&format!("/billing/plans/{plan_id}"));
    if row.tries < 2 {
        let again = today + RETRY_AFTER;
        let waits = plan_payment::ActiveModel { try_on: Set(Some(again)), attempt_id: Set(None), ..Default::default() };
        let one = plan_payment::Entity::update_many().set(waits).filter(plan_payment::Column::PlanId.eq(plan_id));
        one.filter(plan_payment::Column::DueOn.eq(due_on)).exec(tx).await?;
        return tell(tx, till, &plan, move |t: crate::base::i18n::Texts, of: &Organization| {
            email::plan_failed(Some(t.long_date(again)), link.clone())(t, of)
        })
        .await;
    }
    set_state(tx, plan_id, due_on, PlanPaymentState::Missed).await?;
    let misses = plan.misses + 1;
    let missed = payment_plan::ActiveModel { misses: Set(misses), ..Default::default() };
    payment_plan::Entity::update_many().set(missed).filter(payment_plan::Column::Id.eq(plan_id)).exec(tx).await?;
    if misses >= MOST_MISSES {
        end(tx, till, plan_id, PlanState::Failed, "missed").await?;
        return tell(tx, till, &plan, email::plan_ended(link)).await;
    }
    add_at_end(tx, plan_id, &all, row.cents).await?;
    tell(tx, till, &plan, email::plan_failed(None, link)).await
}

async fn tell(
    tx: &DatabaseTransaction,
    till: &Till,
    plan: &payment_plan::Model,
    letter: impl Fn(crate::base::i18n::Texts, &Organization) -> Message + Clone,
) -> Result<(), Error> {
    let account = account::Entity::find_by_id(plan.account_id).one(tx).await?;
    if let Some(to) = account.and_then(|account| account.recipient()) {
        post(tx, &to, letter, &till.organization, till.now, till.zone).await?;
    }
    Ok(())
}

/// Makes the payments of plans that are due. Each is begun in one transaction with the row that says so: once, whatever ends in between.
///
/// # Errors
/// When the database fails.
pub async fn charge_due(till: &Till) -> Result<usize, Error> {
    use sea_orm::QuerySelect;
    let today = local_date(till.now, &till.zone);
    let due = plan_payment::Entity::find()
        .filter(plan_payment::Column::State.eq(PlanPaymentState::Planned))
        .filter(plan_payment::Column::TryOn.lte(today))
        .filter(plan_payment::Column::AttemptId.is_null())
        .order_by_asc(plan_payment::Column::TryOn)
        .limit(AT_ONCE)
        .all(till.db())
        .await?;
    let mut made = 0;
    for row in due {
        if let Some((attempt, token)) = begin_payment(till, &row).await? {
            pay::charge(till, &attempt, token, true).await?;
            made += 1;
        }
    }
    Ok(made)
}

async fn begin_payment(till: &Till, row: &plan_payment::Model) -> Result<Option<(payment_attempt::Model, String)>, Error> {
    use sea_orm::{ExprTrait, sea_query::Expr};
    let tx = till.begin().await?;
    // Bills before plans: whoever enters a payment locks them in this order.
    let bills = plan_bill::Entity::find().filter(plan_bill::Column::PlanId.eq(row.plan_id)).all(&tx).await?;
    ledger::lock(&tx, &bills.iter().map(|bill| bill.bill_id).collect::<Vec<_>>()).await?;
    lock(&tx, row.plan_id).await?;
    let plan = payment_plan::Entity::find_by_id(row.plan_id).one(&tx).await?;
    let Some(plan) = plan.filter(|plan| plan.state == PlanState::Active) else { return Ok(None) };
    let dues = dues(&tx, plan.id).await?;
    let sums: Vec<i64> = dues.iter().map(|(_, due)| *due).collect();
    let parts: Parts =
        dues.iter().zip(spread(row.cents, &sums)).filter(|(_, part)| *part > 0).map(|((bill, _), part)| (*bill, part)).collect();
    if parts.is_empty() {
        end(&tx, till, plan.id, PlanState::PaidOff, "paid").await?;
        tx.commit().await?;
        return Ok(None);
    }
    let guarantor = guarantor::Entity::find_by_id(plan.guarantor_id).one(&tx).await?;
    let method = super::entity::payment_method::Entity::find_by_id(plan.method_id).one(&tx).await?;
    let (Some(guarantor), Some(method)) = (guarantor, method) else { return Ok(None) };
    let payer = Payer { guarantor, account: Some(plan.account_id), only: None, by: plan.by.clone() };
    let id = new_id();
    let begun = plan_payment::Entity::update_many()
        .col_expr(plan_payment::Column::AttemptId, Expr::value(Some(id)))
        .col_expr(plan_payment::Column::Tries, Expr::col(plan_payment::Column::Tries).add(1))
        .filter(plan_payment::Column::PlanId.eq(plan.id))
        .filter(plan_payment::Column::DueOn.eq(row.due_on))
        .filter(plan_payment::Column::State.eq(PlanPaymentState::Planned))
        .filter(plan_payment::Column::AttemptId.is_null())
        .exec(&tx)
        .await?;
    if begun.rows_affected == 0 {
        return Ok(None);
    }
    pay::insert(&tx, till, &payer, (id, &parts), Some(&method), Some((plan.id, row.due_on)), None).await?;
    let attempt = payment_attempt::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound)?;
    // While another payment of the same person is being checked, this one waits.
    if !pay::ask(&tx, &attempt, till.now).await? {
        return Ok(None);
    }
    tx.commit().await?;
    debug_assert!(attempt.state == AttemptState::Created);
    Ok(Some((attempt, method.token)))
}
