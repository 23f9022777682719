//! What the billing office looks at: what does not add up, and the day's list against the processor's.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    disputes,
    entity::{bill, ledger_entry, payment_attempt, payment_plan, payment_refund},
    model::{AttemptState, BillState, EntryKind, PlanState},
    processor::{Outcome, Unknown},
    staff::FOUND,
    till::Till,
};
use crate::{
    access::{Grant, policy::KeepLedgers},
    base::error::Error,
    desk::scheduling::hours::{DAY_MINUTES, instant},
};

/// What the office should look at.
pub struct ToDo {
    /// Payments that are being checked for more than an hour.
    pub raised: Vec<payment_attempt::Model>,
    /// Payments that banks took back in the last 30 days.
    pub taken_back: Vec<payment_refund::Model>,
    /// Plans that ended because payments failed.
    pub failed: Vec<payment_plan::Model>,
    /// Bills that do not add up.
    pub checking: Vec<bill::Model>,
    /// Bills of which more was paid than was due.
    pub credits: Vec<bill::Model>,
}

/// # Errors
/// When the database fails.
pub async fn to_do(grant: &Grant<KeepLedgers>) -> Result<ToDo, Error> {
    let (db, now) = (grant.db(), grant.now().instant);
    let raised = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::State.is_in([AttemptState::Asked, AttemptState::NeedsAction, AttemptState::Processing]))
        .filter(payment_attempt::Column::RaisedAt.is_not_null())
        .order_by_asc(payment_attempt::Column::AskedAt)
        .limit(FOUND);
    let failed = payment_plan::Entity::find()
        .filter(payment_plan::Column::State.eq(PlanState::Failed))
        .filter(payment_plan::Column::EndedAt.gt(now - TimeDelta::days(30)))
        .order_by_desc(payment_plan::Column::EndedAt)
        .limit(FOUND);
    // Written as the indexes of these lists are, which a bound value would not be known to fit.
    let checking = bill::Entity::find().filter(Expr::cust("state = 'checking'")).order_by_asc(bill::Column::IssuedOn).limit(FOUND);
    let credits = bill::Entity::find()
        .filter(Expr::cust("balance_cents < 0"))
        .filter(bill::Column::State.is_in([BillState::Open, BillState::Cancelled]))
        .order_by_asc(bill::Column::IssuedOn)
        .limit(FOUND);
    Ok(ToDo {
        raised: raised.all(db).await?,
        taken_back: disputes::lately(db, now - TimeDelta::days(30)).await?,
        failed: failed.all(db).await?,
        checking: checking.all(db).await?,
        credits: credits.all(db).await?,
    })
}

/// A line of a day: what stands here, and what the processor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayLine {
    pub attempt: Option<Uuid>,
    pub receipt: Option<String>,
    pub ours: Option<i64>,
    pub theirs: Option<i64>,
}

impl DayLine {
    pub fn differs(&self) -> bool {
        self.ours != self.theirs
    }
}

/// What the office entered as paid on a day, and what went back, with the numbers of the bills.
///
/// # Errors
/// When the database fails.
pub async fn entered(grant: &Grant<KeepLedgers>, on: NaiveDate) -> Result<Vec<(ledger_entry::Model, String)>, Error> {
    let zone = grant.zone();
    let (Some(from), Some(until)) = (instant(on, 0, &zone), instant(on, DAY_MINUTES, &zone)) else { return Ok(Vec::new()) };
    let recorded = Condition::all()
        .add(ledger_entry::Column::Kind.eq(EntryKind::PatientPayment))
        .add(ledger_entry::Column::AttemptId.is_null())
        .add(ledger_entry::Column::By.is_not_null());
    let rows = ledger_entry::Entity::find()
        .select_also(bill::Entity)
        .join(
            JoinType::InnerJoin,
            ledger_entry::Entity::belongs_to(bill::Entity).from(ledger_entry::Column::BillId).to(bill::Column::Id).into(),
        )
        .filter(ledger_entry::Column::At.gte(from))
        .filter(ledger_entry::Column::At.lt(until))
        .filter(Condition::any().add(recorded).add(ledger_entry::Column::Kind.eq(EntryKind::Refund)))
        .order_by_asc(ledger_entry::Column::At)
        .all(grant.db())
        .await?;
    Ok(rows.into_iter().map(|(row, bill)| (row, bill.map(|bill| bill.number).unwrap_or_default())).collect())
}

/// The charges of a day, here and at the processor; `None` when it cannot be asked.
///
/// # Errors
/// When the database fails.
pub async fn day(grant: &Grant<KeepLedgers>, on: NaiveDate) -> Result<Option<Vec<DayLine>>, Error> {
    let (till, zone) = (Till::of(grant)?, grant.zone());
    let (Some(from), Some(until)) = (instant(on, 0, &zone), instant(on, DAY_MINUTES, &zone)) else { return Ok(Some(Vec::new())) };
    let ours = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::State.eq(AttemptState::Paid))
        .filter(payment_attempt::Column::MadeAt.gte(from - TimeDelta::days(1)))
        .filter(payment_attempt::Column::MadeAt.lt(until))
        .filter(payment_attempt::Column::AskedAt.gte(from))
        .filter(payment_attempt::Column::AskedAt.lt(until))
        .order_by_asc(payment_attempt::Column::MadeAt)
        .all(grant.db())
        .await?;
    let listed = match till.processor.list(till.by_processors_clock(from)).await {
        Ok(listed) => listed,
        Err(Unknown) => return Ok(None),
    };
    let mut lines: BTreeMap<String, DayLine> = BTreeMap::new();
    for attempt in &ours {
        let id = attempt.processor_id.clone().unwrap_or_default();
        lines.insert(
            id,
            DayLine { attempt: Some(attempt.id), receipt: Some(attempt.receipt.clone()), ours: Some(attempt.cents), theirs: None },
        );
    }
    for charge in listed.into_iter().filter(|charge| matches!(charge.outcome, Outcome::Paid { .. })) {
        let known = lines.contains_key(&charge.id);
        // One of a later day is not of this list.
        let of_this_day = known || charge.created.is_none_or(|at| at < till.by_processors_clock(until));
        if !of_this_day {
            continue;
        }
        let line = lines.entry(charge.id).or_insert(DayLine { attempt: None, receipt: None, ours: None, theirs: None });
        line.theirs = Some(charge.cents);
    }
    Ok(Some(lines.into_values().collect()))
}
