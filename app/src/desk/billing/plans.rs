//! Paying month by month: from what, how much, on which day, and what becomes of a payment that fails.

use std::cmp::Reverse;

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

use super::{
    attempts::own_method,
    entity::{bill, ledger_entry, payment_plan, plan_bill, plan_payment},
    ledger, methods,
    model::{EntryKind, PlanPaymentState, PlanState, Schedule, schedule},
    payer::{Payer, due, payable},
    plan_rows::{add_at_end, end, lock, payments, planned, set_state},
    problem,
    till::Till,
};
use crate::{
    base::{clock::local_date, error::Error, ids::new_id, why::Why},
    platform::batch::{Batch, Rows, alone},
};

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
    let total = free.iter().filter(|bill| bills.contains(&bill.id)).map(due).sum();
    Ok((total, schedule(total, monthly, day, local_date(till.now, &till.zone))))
}

/// The bills of which something is due and that no plan pays.
///
/// # Errors
/// When the database fails.
pub async fn without_plan(till: &Till, payer: &Payer) -> Result<Vec<bill::Model>, DbErr> {
    let bills = payable(till, payer).await?;
    let taken = in_plans(till.db(), payer.guarantor.id).await?;
    Ok(bills.into_iter().filter(|bill| !taken.contains(&bill.id)).collect())
}

/// Bills that no plan pays, as a part of a query: what a plan pays is due month by month.
pub fn not_planned() -> SimpleExpr {
    let planned = plan_bill::Entity::find()
        .select_only()
        .column(plan_bill::Column::BillId)
        .join(
            JoinType::InnerJoin,
            plan_bill::Entity::belongs_to(payment_plan::Entity).from(plan_bill::Column::PlanId).to(payment_plan::Column::Id).into(),
        )
        .filter(Expr::col((plan_bill::Entity, plan_bill::Column::BillId)).equals((bill::Entity, bill::Column::Id)))
        .filter(payment_plan::Column::State.eq(PlanState::Active))
        .into_query();
    Expr::exists(planned).not()
}

/// The bills of these guarantors that a plan of theirs pays, as a query.
pub fn planned_of(guarantors: &[Uuid]) -> Select<plan_bill::Entity> {
    plan_bill::Entity::find()
        .join(
            JoinType::InnerJoin,
            plan_bill::Entity::belongs_to(payment_plan::Entity).from(plan_bill::Column::PlanId).to(payment_plan::Column::Id).into(),
        )
        .join(JoinType::InnerJoin, plan_bill::Entity::belongs_to(bill::Entity).from(plan_bill::Column::BillId).to(bill::Column::Id).into())
        .filter(payment_plan::Column::GuarantorId.is_in(guarantors.iter().copied()))
        .filter(payment_plan::Column::State.eq(PlanState::Active))
        // Another guarantor's plan pays nothing of a bill that has moved.
        .filter(Expr::col((bill::Entity, bill::Column::GuarantorId)).equals((payment_plan::Entity, payment_plan::Column::GuarantorId)))
}

/// The bills of a guarantor that a plan pays.
///
/// # Errors
/// When the database fails.
pub async fn in_plans(db: &impl ConnectionTrait, guarantor: Uuid) -> Result<Vec<Uuid>, DbErr> {
    Ok(planned_of(&[guarantor]).all(db).await?.into_iter().map(|row| row.bill_id).collect())
}

/// Begins a plan.
///
/// # Errors
/// `Invalid` when the rules do not allow it, or a bill is in another plan already.
pub async fn begin(till: &Till, payer: &Payer, wanted: &Wanted<'_>) -> Result<Uuid, Error> {
    let account = payer.account.ok_or(Error::NotFound)?;
    let method = own_method(till, payer, wanted.method).await?.ok_or(Error::field("method", Why::MISSING))?;
    let tx = till.begin().await?;
    let bills = ledger::lock(&tx, wanted.bills).await?;
    still_kept(&tx, method.id).await?;
    let taken = in_plans(&tx, payer.guarantor.id).await?;
    let fits = |bill: &bill::Model| bill.guarantor_id == Some(payer.guarantor.id) && due(bill) > 0 && !taken.contains(&bill.id);
    if bills.is_empty() || bills.len() != wanted.bills.len() || !bills.iter().all(fits) {
        return Err(Error::form(problem::CHANGED));
    }
    let total = bills.iter().map(due).sum();
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

/// Somebody may have forgotten the card in this moment.
async fn still_kept(tx: &DatabaseTransaction, method: Uuid) -> Result<(), Error> {
    let kept = methods::lock(tx, method).await?.filter(|kept| kept.removed_at.is_none());
    kept.map(|_| ()).ok_or(Error::field("method", Why::MISSING))
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

/// The plans of a guarantor, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_guarantor(till: &Till, guarantor: Uuid) -> Result<Vec<payment_plan::Model>, DbErr> {
    alone(till.db(), |batch| ask_all_of(batch, &[guarantor])).await
}

/// Asks for the plans of these guarantors, the newest first.
pub fn ask_all_of(batch: &mut Batch, guarantors: &[Uuid]) -> impl FnOnce(&mut Rows) -> Result<Vec<payment_plan::Model>, DbErr> + use<> {
    let all = payment_plan::Entity::find().filter(payment_plan::Column::GuarantorId.is_in(guarantors.iter().copied()));
    let all = batch.ask(all);
    move |answers| {
        let mut plans = answers.take(all)?;
        plans.sort_by_key(|plan| Reverse((plan.made_at, plan.id)));
        Ok(plans)
    }
}

/// The plan that pays a bill now.
///
/// # Errors
/// When the database fails.
pub async fn of_bill(db: &impl ConnectionTrait, bill: Uuid) -> Result<Option<payment_plan::Model>, DbErr> {
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::BillId.eq(bill)).all(db).await?;
    payment_plan::Entity::find()
        .filter(payment_plan::Column::Id.is_in(rows.into_iter().map(|row| row.plan_id)))
        .filter(payment_plan::Column::State.eq(PlanState::Active))
        .one(db)
        .await
}

/// The bills that a plan pays.
///
/// # Errors
/// When the database fails.
pub async fn bills_of(db: &impl ConnectionTrait, plan: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let rows = plan_bill::Entity::find().filter(plan_bill::Column::PlanId.eq(plan)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.bill_id).collect())
}

/// What was paid of the bills of a plan since it began, by the plan and beside it, in cents.
///
/// # Errors
/// When the database fails.
pub async fn paid_since(db: &impl ConnectionTrait, plan: &payment_plan::Model) -> Result<i64, DbErr> {
    let entries = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.is_in(bills_of(db, plan.id).await?))
        .filter(ledger_entry::Column::Kind.is_in([EntryKind::PatientPayment, EntryKind::Refund]))
        .filter(ledger_entry::Column::At.gte(plan.made_at));
    Ok(-entries.all(db).await?.iter().map(|entry| entry.cents).sum::<i64>())
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
        Change::Method(method) => Some(own_method(till, payer, method).await?.ok_or(Error::field("method", Why::MISSING))?.id),
        _ => None,
    };
    let tx = till.begin().await?;
    lock(&tx, id).await?;
    if let Some(method) = method {
        still_kept(&tx, method).await?;
    }
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
        Change::End => end(&tx, till.now, id, PlanState::Cancelled, "asked").await?,
    }
    tx.commit().await?;
    Ok(())
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
    // Each stays in its month; where the day of this month is over, the next payment keeps its own, so that none is put off for ever.
    let moved: Vec<(NaiveDate, i64)> = open
        .iter()
        .filter(|row| row.tries == 0)
        .map(|row| (row.due_on.with_day(day).filter(|on| *on > today).unwrap_or(row.due_on), row.cents))
        .collect();
    for row in open.iter().filter(|row| row.tries == 0) {
        let one = plan_payment::Entity::delete_many().filter(plan_payment::Column::PlanId.eq(plan.id));
        one.filter(plan_payment::Column::DueOn.eq(row.due_on)).exec(tx).await?;
    }
    for (on, cents) in moved {
        plan_payment::Entity::insert(planned(plan.id, on, cents)).exec_without_returning(tx).await?;
    }
    let day = i32::try_from(day).unwrap_or(1);
    let changed = payment_plan::ActiveModel { day: Set(day), ..Default::default() };
    payment_plan::Entity::update_many().set(changed).filter(payment_plan::Column::Id.eq(plan.id)).exec(tx).await?;
    Ok(())
}
