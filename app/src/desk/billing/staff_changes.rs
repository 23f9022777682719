//! What the billing office changes: adjustments, payments by phone, refunds, other accounts, letters for guests.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    attempts::is_asked_for,
    entity::{bill, guest_code, guest_visit, ledger_entry, ledger_proposal},
    guest::{GuestPay, new_code},
    ledger::{self, New},
    model::{BillState, EntryKind},
    payer::due,
    plan_follows, problem, reading, refunds,
    staff::bill_of,
    till::Till,
};
use crate::{
    access::{Grant, policy::KeepLedgers},
    base::{error::Error, why::Why},
    platform::request::context,
};

/// So many letters give the reason of something.
const MOST_WORDS: usize = 500;

/// What one person of the office changes alone of an account in 30 days, in cents; above it, a second one decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AloneUpTo(pub i64);

pub(super) fn reason(words: &str) -> Result<String, Error> {
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

/// Changes what is due: `cents` below zero takes off. Nobody is asked for less than nothing. `once` names the form: sent twice, it counts
/// once.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` without a reason, or for more than is due.
pub async fn adjust(
    grant: &Grant<KeepLedgers>,
    once: Uuid,
    id: Uuid,
    (kind, cents): (EntryKind, i64),
    words: &str,
) -> Result<Changed, Error> {
    let (words, holder, now) = (reason(words)?, grant.holder()?, grant.now().instant);
    bill_of(grant, id).await?;
    let tx = grant.begin().await?;
    let found = ledger::lock(&tx, &[id]).await?.pop().ok_or(Error::NotFound)?;
    if is_entered(&tx, once).await? {
        return Ok(Changed::Entered);
    }
    if ledger_proposal::Entity::find_by_id(once).one(&tx).await?.is_some() {
        return Ok(Changed::Proposed);
    }
    // What is being taken off might be paid in this moment.
    if cents < 0 && is_asked_for(&tx, id).await? {
        return Err(Error::form(problem::BEING_CHECKED));
    }
    if cents == 0 || !fits(&found, cents) {
        return Err(Error::field("amount", if cents == 0 { problem::NOT_MONEY } else { problem::TOO_MUCH }));
    }
    let alone = alone_lately(&tx, &found, &holder.name, now).await?;
    if alone + cents.abs() > context::<AloneUpTo>()?.0 {
        let row = ledger_proposal::ActiveModel {
            id: Set(once),
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
    enter(&tx, once, id, (kind, cents), words, &holder.name, now).await?;
    tx.commit().await?;
    Ok(Changed::Entered)
}

/// Whether a form was entered already.
async fn is_entered(tx: &DatabaseTransaction, once: Uuid) -> Result<bool, DbErr> {
    let known = ledger_entry::Entity::find().filter(ledger_entry::Column::SourceKey.eq(office_key(once)));
    Ok(known.one(tx).await?.is_some())
}

fn office_key(once: Uuid) -> String {
    format!("office:{once}")
}

/// What somebody changed alone of an account in the last 30 days, in cents: a large change in parts is a large change.
async fn alone_lately(tx: &DatabaseTransaction, bill: &bill::Model, by: &str, now: DateTime<Utc>) -> Result<i64, DbErr> {
    let bills = bill::Entity::find().select_only().column(bill::Column::Id).filter(bill::Column::GuarantorId.eq(bill.guarantor_id));
    let changes = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::BillId.in_subquery(bills.into_query()))
        .filter(ledger_entry::Column::Kind.is_in([EntryKind::Adjustment, EntryKind::WriteOff]))
        .filter(ledger_entry::Column::By.eq(by))
        .filter(ledger_entry::Column::At.gt(now - TimeDelta::days(30)));
    Ok(changes.all(tx).await?.iter().map(|row| row.cents.abs()).sum())
}

/// Nobody is asked for less than nothing, and for nothing of what was cancelled. What is on its way is as good as paid.
fn fits(bill: &bill::Model, cents: i64) -> bool {
    bill.state != BillState::Cancelled && (cents > 0 || -cents <= (bill.balance_cents - bill.pending_cents).max(0))
}

pub(super) async fn enter(
    tx: &DatabaseTransaction,
    once: Uuid,
    bill: Uuid,
    (kind, cents): (EntryKind, i64),
    words: String,
    by: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let entry = New { bill, kind, cents, at, source_key: office_key(once), words: Some(words), by: Some(by.to_owned()), attempt: None };
    ledger::append(tx, entry).await?;
    plan_follows::bill(tx, bill, at).await
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

/// What waits for a second person of one bill.
///
/// # Errors
/// When the database fails.
pub async fn proposals_of(grant: &Grant<KeepLedgers>, bill: Uuid) -> Result<Vec<ledger_proposal::Model>, Error> {
    let open = ledger_proposal::Entity::find().filter(ledger_proposal::Column::BillId.eq(bill));
    Ok(open.filter(ledger_proposal::Column::DecidedAt.is_null()).order_by_asc(ledger_proposal::Column::At).all(grant.db()).await?)
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
        enter(&tx, found.id, found.bill_id, (found.kind, found.cents), found.words, &by, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Enters a payment that came by phone, by mail or at the desk.
///
/// # Errors
/// `NotFound` when there is no such bill; `Invalid` without words on how it came, or for more than is due.
pub async fn record_payment(grant: &Grant<KeepLedgers>, once: Uuid, id: Uuid, cents: i64, words: &str) -> Result<(), Error> {
    let (words, holder) = (reason(words)?, grant.holder()?);
    bill_of(grant, id).await?;
    let tx = grant.begin().await?;
    let found = ledger::lock(&tx, &[id]).await?.pop().ok_or(Error::NotFound)?;
    if is_entered(&tx, once).await? {
        return Ok(());
    }
    if is_asked_for(&tx, id).await? {
        return Err(Error::form(problem::BEING_CHECKED));
    }
    if cents <= 0 || cents > due(&found) {
        return Err(Error::field("amount", if cents <= 0 { problem::NOT_MONEY } else { problem::TOO_MUCH }));
    }
    enter(&tx, once, id, (EntryKind::PatientPayment, -cents), words, &holder.name, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends money of a payment back.
///
/// # Errors
/// `NotFound` for a payment that did not go through; `Invalid` for more than is left of it.
pub async fn refund(grant: &Grant<KeepLedgers>, once: Uuid, (attempt, bill): (Uuid, Uuid), cents: i64, words: &str) -> Result<(), Error> {
    let words = reason(words)?;
    bill_of(grant, bill).await?;
    refunds::refund(&Till::of(grant)?, once, (attempt, bill), cents, &words, &grant.holder()?.name).await?;
    Ok(())
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
    // Who came with the last letter comes again with this one.
    guest_visit::Entity::delete_many().filter(guest_visit::Column::BillId.eq(id)).exec(&tx).await?;
    let code = new_code(&tx, id, &grant.holder()?.name, now).await?;
    tx.commit().await?;
    Ok(code)
}
