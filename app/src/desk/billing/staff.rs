//! The billing office: finding accounts, keeping ledgers, letters for guests, and the day's list against the processor's.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor, guest_code, ledger_entry, ledger_proposal, payment_attempt, payment_plan},
    guest::new_code,
    ledger::{self, New},
    model::{AttemptState, BillState, EntryKind, PlanState},
    problem,
    processor::{Outcome, Unknown},
    refunds,
    till::Till,
};
use crate::{
    access::{
        Grant, allow,
        policy::{KeepLedgers, OpenLedger},
    },
    base::{
        error::Error,
        ids::{PatientId, new_id},
        why::Why,
    },
    people::folding::{folded, number_key},
    platform::request::context,
};

/// So many accounts are found at once.
pub const FOUND: u64 = 30;
/// So many letters give the reason of something.
pub const MOST_WORDS: usize = 500;

/// What one person of the office changes alone, in cents; above it, a second one decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AloneUpTo(pub i64);

/// Accounts by a number of an account or a bill, or by the beginning of a last name.
///
/// # Errors
/// When the database fails.
pub async fn find(grant: &Grant<KeepLedgers>, typed: &str) -> Result<Vec<guarantor::Model>, Error> {
    let (name, number) = (folded(typed), typed.trim());
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let of_bill: Vec<Uuid> = bill::Entity::find()
        .select_only()
        .column(bill::Column::GuarantorId)
        .filter(bill::Column::Number.eq(number))
        .filter(bill::Column::GuarantorId.is_not_null())
        .into_tuple()
        .all(grant.db())
        .await?;
    // The first letter after all names that begin so: an index serves a range.
    let mut end = name.clone();
    end.push(char::MAX);
    let either = Condition::any()
        .add(guarantor::Column::Number.eq(number))
        .add(guarantor::Column::Number.eq(number_key(number)))
        .add(guarantor::Column::Id.is_in(of_bill))
        .add(Condition::all().add(guarantor::Column::FoldedFamily.gte(name)).add(guarantor::Column::FoldedFamily.lt(end)));
    let found = guarantor::Entity::find().filter(either).order_by_asc(guarantor::Column::FoldedFamily).limit(FOUND);
    Ok(found.all(grant.db()).await?)
}

/// An account, for the office. Whose bills are on it is written into the logs of their charts.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn account(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<(guarantor::Model, Vec<bill::Model>), Error> {
    let found = guarantor::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let bills = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(id))
        .order_by_desc(bill::Column::IsOpen)
        .order_by_desc(bill::Column::IssuedOn)
        .limit(super::store::SHOWN)
        .all(grant.db())
        .await?;
    let mut people: Vec<Uuid> = bills.iter().map(|bill| bill.patient_id).collect();
    people.sort();
    people.dedup();
    for patient in people {
        allow::<OpenLedger>(PatientId(patient)).await?;
    }
    Ok((found, bills))
}

/// A bill with its entries, for the office.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn bill_of(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<(bill::Model, Vec<ledger_entry::Model>), Error> {
    let found = bill::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    allow::<OpenLedger>(PatientId(found.patient_id)).await?;
    let entries = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.eq(id))
        .order_by_asc(ledger_entry::Column::At)
        .order_by_asc(ledger_entry::Column::Id);
    Ok((found, entries.all(grant.db()).await?))
}

fn reason(words: &str) -> Result<String, Error> {
    match words.trim() {
        "" => Err(Error::field("words", Why::MISSING)),
        text if text.chars().count() > MOST_WORDS => Err(Error::field("words", Why::TOO_LONG)),
        text => Ok(text.replace("\r\n", "\n")),
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Entered,
    /// A second person decides.
    Proposed,
}

/// Changes what is due: `cents` below zero takes off. Nobody is asked for less than nothing.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` without a reason, or for more than is due.
pub async fn adjust(grant: &Grant<KeepLedgers>, id: Uuid, kind: EntryKind, cents: i64, words: &str) -> Result<Changed, Error> {
    let (words, holder, now) = (reason(words)?, grant.holder()?, grant.now().instant);
    bill_of(grant, id).await?;
    let tx = grant.begin().await?;
    let found = ledger::lock(&tx, &[id]).await?.pop().ok_or(Error::NotFound)?;
    if cents == 0 || found.state == BillState::Cancelled || cents < 0 && -cents > found.balance_cents.max(0) {
        return Err(Error::field("amount", if cents == 0 { problem::NOT_MONEY } else { problem::TOO_MUCH }));
    }
    if cents.abs() > context::<AloneUpTo>()?.0 {
        let row = ledger_proposal::ActiveModel {
            id: Set(new_id()),
            bill_id: Set(id),
            kind: Set(kind),
            cents: Set(cents),
            words: Set(words),
            account_id: Set(holder.account.0),
            by: Set(holder.name.clone()),
            at: Set(now),
            decided_at: Set(None),
            decided_by: Set(None),
            accepted: Set(None),
        };
        ledger_proposal::Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await?;
        return Ok(Changed::Proposed);
    }
    enter(&tx, id, (kind, cents), words, &holder.name, now).await?;
    tx.commit().await?;
    Ok(Changed::Entered)
}

async fn enter(
    tx: &DatabaseTransaction,
    bill: Uuid,
    (kind, cents): (EntryKind, i64),
    words: String,
    by: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let entry = New {
        bill,
        kind,
        cents,
        at,
        source_key: format!("office:{}", new_id()),
        words: Some(words),
        by: Some(by.to_owned()),
        attempt: None,
    };
    ledger::append(tx, entry).await.map(|_| ())
}

/// What waits for a second person, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn proposals(grant: &Grant<KeepLedgers>) -> Result<Vec<(ledger_proposal::Model, bill::Model)>, Error> {
    let open = ledger_proposal::Entity::find().filter(ledger_proposal::Column::DecidedAt.is_null());
    let open = open.order_by_asc(ledger_proposal::Column::At).limit(100).all(grant.db()).await?;
    let bills = super::store::bills(grant.db(), &open.iter().map(|row| row.bill_id).collect::<Vec<_>>()).await?;
    let of = |row: ledger_proposal::Model| {
        let bill = bills.iter().find(|bill| bill.id == row.bill_id)?.clone();
        Some((row, bill))
    };
    Ok(open.into_iter().filter_map(of).collect())
}

/// Decides about what somebody else proposed.
///
/// # Errors
/// `NotFound` when there is none; `Invalid` for one's own, or when it is more than is due by now.
pub async fn decide(grant: &Grant<KeepLedgers>, id: Uuid, accepted: bool) -> Result<(), Error> {
    let (holder, now) = (grant.holder()?, grant.now().instant);
    let found = ledger_proposal::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if found.account_id == holder.account.0 {
        return Err(Error::form(problem::SECOND_PERSON));
    }
    let tx = grant.begin().await?;
    let bill = ledger::lock(&tx, &[found.bill_id]).await?.pop().ok_or(Error::NotFound)?;
    let decided = ledger_proposal::ActiveModel {
        decided_at: Set(Some(now)),
        decided_by: Set(Some(holder.name.clone())),
        accepted: Set(Some(accepted)),
        ..Default::default()
    };
    let once = ledger_proposal::Entity::update_many()
        .set(decided)
        .filter(ledger_proposal::Column::Id.eq(id))
        .filter(ledger_proposal::Column::DecidedAt.is_null())
        .exec(&tx)
        .await?;
    if once.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    if accepted {
        if found.cents < 0 && -found.cents > bill.balance_cents.max(0) {
            return Err(Error::form(problem::CHANGED));
        }
        let by = format!("{}, {}", found.by, holder.name);
        enter(&tx, found.bill_id, (found.kind, found.cents), found.words, &by, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Enters a payment that came by phone, by mail or at the desk.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` without words on how it came, or for more than is due.
pub async fn record_payment(grant: &Grant<KeepLedgers>, id: Uuid, cents: i64, words: &str) -> Result<(), Error> {
    let (words, holder) = (reason(words)?, grant.holder()?);
    bill_of(grant, id).await?;
    let tx = grant.begin().await?;
    let found = ledger::lock(&tx, &[id]).await?.pop().ok_or(Error::NotFound)?;
    if cents <= 0 || cents > super::pay::due(&found) {
        return Err(Error::field("amount", if cents <= 0 { problem::NOT_MONEY } else { problem::TOO_MUCH }));
    }
    enter(&tx, id, (EntryKind::PatientPayment, -cents), words, &holder.name, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends money of a payment back.
///
/// # Errors
/// `NotFound` for a payment that did not go through; `Invalid` for more than is left of it.
pub async fn refund(grant: &Grant<KeepLedgers>, attempt: Uuid, bill: Uuid, cents: i64, words: &str) -> Result<(), Error> {
    let words = reason(words)?;
    bill_of(grant, bill).await?;
    refunds::refund(&Till::of(grant)?, (attempt, bill), cents, &words, &grant.holder()?.name).await?;
    Ok(())
}

/// Moves what is left of a bill to the account of another guarantor, where it is a bill of its own.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` for an account that there is not, or when nothing is left.
pub async fn transfer(grant: &Grant<KeepLedgers>, id: Uuid, to: &str, words: &str) -> Result<Uuid, Error> {
    let (words, holder, now) = (reason(words)?, grant.holder()?, grant.now().instant);
    bill_of(grant, id).await?;
    let other = guarantor::Entity::find().filter(guarantor::Column::Number.eq(to.trim())).one(grant.db()).await?;
    let tx = grant.begin().await?;
    let found = ledger::lock(&tx, &[id]).await?.pop().ok_or(Error::NotFound)?;
    let other = other.filter(|other| Some(other.id) != found.guarantor_id).ok_or(Error::field("to", problem::NO_BILL))?;
    let cents = found.balance_cents;
    if cents <= 0 || found.state == BillState::Cancelled {
        return Err(Error::form(problem::CHANGED));
    }
    let moved = bill::Model {
        id: new_id(),
        guarantor_id: Some(other.id),
        number: format!("{}-T", found.number.chars().take(58).collect::<String>()),
        state: BillState::Open,
        problem: None,
        gross_cents: None,
        net_cents: None,
        balance_cents: 0,
        is_open: false,
        issued_on: grant.now().today,
        due_on: grant.now().today + super::model::DUE_AFTER,
        changed_at: now,
        ..found
    };
    let new = moved.id;
    bill::Entity::insert(bill::ActiveModel::from(moved)).exec_without_returning(&tx).await?;
    enter(&tx, id, (EntryKind::Transfer, -cents), words.clone(), &holder.name, now).await?;
    enter(&tx, new, (EntryKind::Transfer, cents), words, &holder.name, now).await?;
    tx.commit().await?;
    Ok(new)
}

/// Makes the code of a letter; those of earlier letters for the same bill open nothing any more.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` when nothing is due.
pub async fn letter(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<String, Error> {
    let (found, _) = bill_of(grant, id).await?;
    if super::pay::due(&found) == 0 {
        return Err(Error::form(problem::CHANGED));
    }
    let (tx, now) = (grant.begin().await?, grant.now().instant);
    let gone = guest_code::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    guest_code::Entity::update_many()
        .set(gone)
        .filter(guest_code::Column::BillId.eq(id))
        .filter(guest_code::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    let code = new_code(&tx, id, &grant.holder()?.name, now).await?;
    tx.commit().await?;
    Ok(code)
}

/// What the office should look at.
pub struct ToDo {
    /// Payments that are being checked for more than an hour.
    pub raised: Vec<payment_attempt::Model>,
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
        .filter(payment_attempt::Column::State.is_in([AttemptState::Asked, AttemptState::NeedsAction]))
        .filter(payment_attempt::Column::RaisedAt.is_not_null())
        .order_by_asc(payment_attempt::Column::AskedAt)
        .limit(FOUND);
    let failed = payment_plan::Entity::find()
        .filter(payment_plan::Column::State.eq(PlanState::Failed))
        .filter(payment_plan::Column::EndedAt.gt(now - TimeDelta::days(30)))
        .order_by_desc(payment_plan::Column::EndedAt)
        .limit(FOUND);
    let open = || bill::Entity::find().filter(bill::Column::IsOpen.eq(true));
    let checking = open().filter(bill::Column::State.eq(BillState::Checking)).order_by_asc(bill::Column::IssuedOn).limit(FOUND);
    let credits = open()
        .filter(bill::Column::State.eq(BillState::Open))
        .filter(bill::Column::BalanceCents.lt(0))
        .order_by_asc(bill::Column::IssuedOn)
        .limit(FOUND);
    Ok(ToDo {
        raised: raised.all(db).await?,
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

/// The charges of a day, here and at the processor; `None` when it cannot be asked.
///
/// # Errors
/// When the database fails.
pub async fn day(grant: &Grant<KeepLedgers>, on: NaiveDate) -> Result<Option<Vec<DayLine>>, Error> {
    use crate::desk::scheduling::hours::{DAY_MINUTES, instant};
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

/// Every entry of an account with the number of its bill, the oldest first.
///
/// # Errors
/// `NotFound` when there is no such account.
pub async fn entries(grant: &Grant<KeepLedgers>, id: Uuid) -> Result<Vec<(String, ledger_entry::Model)>, Error> {
    account(grant, id).await?;
    let numbers: BTreeMap<Uuid, String> = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(id))
        .all(grant.db())
        .await?
        .into_iter()
        .map(|bill| (bill.id, bill.number))
        .collect();
    let of = bill::Entity::find().select_only().column(bill::Column::Id).filter(bill::Column::GuarantorId.eq(id)).into_query();
    let rows = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.in_subquery(of))
        .order_by_asc(ledger_entry::Column::At)
        .order_by_asc(ledger_entry::Column::Id)
        .all(grant.db())
        .await?;
    Ok(rows.into_iter().map(|row| (numbers.get(&row.bill_id).cloned().unwrap_or_default(), row)).collect())
}

/// Connects the account of somebody who is no patient, so that they see their bills.
///
/// # Errors
/// `NotFound` when there is no such account; `Invalid` for a user name that there is not, or of somebody with a chart.
pub async fn connect(grant: &Grant<KeepLedgers>, id: Uuid, username: &str) -> Result<(), Error> {
    use crate::people::account;
    let found = guarantor::Entity::find_by_id(id).filter(guarantor::Column::PatientId.is_null()).one(grant.db()).await?;
    found.ok_or(Error::NotFound)?;
    let holder = account::Entity::find()
        .filter(account::Column::UsernameKey.eq(crate::base::text::username_key(username)))
        .filter(account::Column::ClosedAt.is_null())
        .filter(account::Column::StaffRole.is_null())
        .one(grant.db())
        .await?;
    let holder = holder.ok_or(Error::field("username", Why::DETAILS_WRONG))?;
    let connected = guarantor::ActiveModel { account_id: Set(Some(holder.id)), ..Default::default() };
    guarantor::Entity::update_many().set(connected).filter(guarantor::Column::Id.eq(id)).exec(grant.db()).await?;
    Ok(())
}
