//! Bills that the office moves to the account of another guarantor.

use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    attempts::is_asked_for,
    entity::{bill, guarantor},
    ledger,
    model::{BillState, DUE_AFTER, EntryKind},
    plans,
    staff::bill_of,
    staff_changes::{enter, reason},
};
use crate::{
    access::{Grant, policy::KeepLedgers},
    base::{error::Error, ids::new_id, why::Why},
};

const NO_ACCOUNT: Why = Why::of("ledgers_why_no_account");
const NOT_MOVED: Why = Why::of("ledgers_why_not_moved");

/// The account of a number, to which a bill may be moved.
///
/// # Errors
/// When the database fails.
pub async fn account_numbered(grant: &Grant<KeepLedgers>, number: &str) -> Result<Option<guarantor::Model>, Error> {
    Ok(guarantor::Entity::find().filter(guarantor::Column::Number.eq(number.trim())).one(grant.db()).await?)
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
    let other = other.filter(|other| Some(other.id) != found.guarantor_id).ok_or(Error::field("to", NO_ACCOUNT))?;
    let cents = found.balance_cents;
    // What is not final is not known yet, and what is being paid is somebody's money on its way.
    if cents <= 0 || found.state != BillState::Open || is_being_paid(&tx, id).await? || plans::of_bill(&tx, id).await?.is_some() {
        return Err(Error::form(NOT_MOVED));
    }
    let moved = bill::Model {
        id: new_id(),
        guarantor_id: Some(other.id),
        moved_from: Some(id),
        unreadable: false,
        number: format!("{}-T", found.number.chars().take(58).collect::<String>()),
        state: BillState::Open,
        problem: None,
        gross_cents: None,
        net_cents: None,
        balance_cents: 0,
        pending_cents: 0,
        is_open: false,
        issued_on: grant.now().today,
        due_on: grant.now().today + DUE_AFTER,
        changed_at: now,
        ..found
    };
    let new = moved.id;
    bill::Entity::insert(bill::ActiveModel::from(moved)).exec_without_returning(&tx).await?;
    enter(&tx, new_id(), id, (EntryKind::Transfer, -cents), words.clone(), &holder.name, now).await?;
    enter(&tx, new_id(), new, (EntryKind::Transfer, cents), words, &holder.name, now).await?;
    tx.commit().await?;
    Ok(new)
}

/// Whether some of it is in a payment of which it is not known how it ends.
async fn is_being_paid(tx: &DatabaseTransaction, bill: Uuid) -> Result<bool, DbErr> {
    Ok(is_asked_for(tx, bill).await? || bill::Entity::find_by_id(bill).one(tx).await?.is_some_and(|bill| bill.pending_cents > 0))
}
