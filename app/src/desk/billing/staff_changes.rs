//! What the billing office changes: adjustments, payments by phone, refunds, other accounts, letters for guests.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor, guest_code, ledger_proposal},
    guest::{GuestPay, new_code},
    ledger::{self, New},
    model::{BillState, DUE_AFTER, EntryKind},
    payer::due,
    problem, reading, refunds,
    staff::bill_of,
    till::Till,
};
use crate::{
    access::{Grant, policy::KeepLedgers},
    base::{error::Error, ids::new_id, why::Why},
    platform::request::context,
};

/// So many letters give the reason of something.
const MOST_WORDS: usize = 500;

/// What one person of the office changes alone, in cents; above it, a second one decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AloneUpTo(pub i64);

fn reason(words: &str) -> Result<String, Error> {
    match words.trim() {
        "" => Err(Error::field("words", Why::MISSING)),
        text if text.chars().count() > MOST_WORDS => Err(Error::field("words", Why::TOO_LONG)),
        text => Ok(text.to_owned()),
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
    if cents == 0 || !fits(&found, cents) {
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

/// Nobody is asked for less than nothing, and for nothing of what was cancelled.
fn fits(bill: &bill::Model, cents: i64) -> bool {
    bill.state != BillState::Cancelled && (cents > 0 || -cents <= bill.balance_cents.max(0))
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
    let bills = reading::bills(grant.db(), &open.iter().map(|row| row.bill_id).collect::<Vec<_>>()).await?;
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
        if !fits(&bill, found.cents) {
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
    if cents <= 0 || cents > due(&found) {
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
        moved_from: Some(id),
        number: format!("{}-T", found.number.chars().take(58).collect::<String>()),
        state: BillState::Open,
        problem: None,
        gross_cents: None,
        net_cents: None,
        balance_cents: 0,
        is_open: false,
        issued_on: grant.now().today,
        due_on: grant.now().today + DUE_AFTER,
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
    GuestPay::here()?;
    let (found, _) = bill_of(grant, id).await?;
    if due(&found) == 0 {
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
