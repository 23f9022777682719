//! The ledger: entries are only ever added, each once, and the balance of a bill is their sum.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{bill, ledger_entry, payment_attempt, payment_part},
    model::{AttemptState, EntryKind},
};
use crate::base::ids::new_id;

/// An entry on its way into the ledger.
pub struct New {
    pub bill: Uuid,
    pub kind: EntryKind,
    /// What it adds to what is due: charges and refunds are positive, payments and adjustments negative.
    pub cents: i64,
    pub at: DateTime<Utc>,
    /// Names what it is made of: the same once more adds nothing.
    pub source_key: String,
    pub words: Option<String>,
    pub by: Option<String>,
    pub attempt: Option<Uuid>,
}

/// Adds an entry, and keeps the balance of its bill with it. Returns whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn append(tx: &impl ConnectionTrait, new: New) -> Result<bool, DbErr> {
    let row = ledger_entry::ActiveModel {
        id: Set(new_id()),
        bill_id: Set(new.bill),
        kind: Set(new.kind),
        cents: Set(new.cents),
        at: Set(new.at),
        source_key: Set(new.source_key),
        words: Set(new.words),
        by: Set(new.by),
        attempt_id: Set(new.attempt),
    };
    let once = OnConflict::column(ledger_entry::Column::SourceKey).do_nothing().to_owned();
    let added = ledger_entry::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    if added == 0 {
        return Ok(false);
    }
    bill::Entity::update_many()
        .col_expr(bill::Column::BalanceCents, Expr::col(bill::Column::BalanceCents).add(new.cents))
        .filter(bill::Column::Id.eq(new.bill))
        .exec(tx)
        .await?;
    mark_open(tx, new.bill).await?;
    Ok(true)
}

/// Keeps whether there is something left to look at.
///
/// # Errors
/// When the database fails.
pub async fn mark_open(tx: &impl ConnectionTrait, bill: Uuid) -> Result<(), DbErr> {
    bill::Entity::update_many()
        .col_expr(bill::Column::IsOpen, Expr::cust("(balance_cents <> 0 OR state IN ('waiting', 'checking'))"))
        .filter(bill::Column::Id.eq(bill))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes what is on its way from a bank account off what is due of its bills; negative sums end that. Whoever calls it holds `lock`.
///
/// # Errors
/// When the database fails.
pub(super) async fn add_pending(tx: &impl ConnectionTrait, parts: impl Iterator<Item = (Uuid, i64)>) -> Result<(), DbErr> {
    for (bill, cents) in parts {
        bill::Entity::update_many()
            .col_expr(bill::Column::PendingCents, Expr::col(bill::Column::PendingCents).add(cents))
            .filter(bill::Column::Id.eq(bill))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Whoever else writes into the ledger of these bills waits until this transaction has ended.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, bills: &[Uuid]) -> Result<Vec<bill::Model>, DbErr> {
    let mut query = bill::Entity::find().filter(bill::Column::Id.is_in(bills.iter().copied())).order_by_asc(bill::Column::Id);
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.all(tx).await
}

/// What the ledger is found to be.
pub struct Checked {
    pub bills: u64,
    pub entries: u64,
    /// The numbers of bills whose balance is not the sum of their entries, with both.
    pub wrong: Vec<(String, i64, i64)>,
    /// The numbers of bills of which more or less is kept as on its way than debits are, with both.
    pub wrong_pending: Vec<(String, i64, i64)>,
}

/// So many bills are looked at in one statement.
const AT_ONCE: u64 = 1000;

/// Compares the balance of every bill with its entries, and what is on its way with the debits that are.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &impl ConnectionTrait) -> Result<Checked, DbErr> {
    let mut checked = Checked { bills: 0, entries: 0, wrong: Vec::new(), wrong_pending: Vec::new() };
    let mut pending = on_their_way(db).await?;
    let mut after = Uuid::nil();
    loop {
        let some = bill::Entity::find().filter(bill::Column::Id.gt(after)).order_by_asc(bill::Column::Id).limit(AT_ONCE).all(db).await?;
        let Some(last) = some.last().map(|bill| bill.id) else { return Ok(checked) };
        let rows =
            ledger_entry::Entity::find().filter(ledger_entry::Column::BillId.gt(after)).filter(ledger_entry::Column::BillId.lte(last));
        let mut sums: HashMap<Uuid, i64> = HashMap::new();
        for row in rows.all(db).await? {
            *sums.entry(row.bill_id).or_default() += row.cents;
            checked.entries += 1;
        }
        for bill in some {
            checked.bills += 1;
            let sum = sums.get(&bill.id).copied().unwrap_or(0);
            if sum != bill.balance_cents {
                checked.wrong.push((bill.number.clone(), bill.balance_cents, sum));
            }
            let sum = pending.remove(&bill.id).unwrap_or(0);
            if sum != bill.pending_cents {
                checked.wrong_pending.push((bill.number, bill.pending_cents, sum));
            }
        }
        after = last;
    }
}

/// What debits of bank accounts are for that are on their way, by bill.
async fn on_their_way(db: &impl ConnectionTrait) -> Result<HashMap<Uuid, i64>, DbErr> {
    let attempts = payment_attempt::Entity::find()
        .select_only()
        .column(payment_attempt::Column::Id)
        .filter(payment_attempt::Column::State.eq(AttemptState::Processing));
    let parts = payment_part::Entity::find().filter(payment_part::Column::AttemptId.in_subquery(attempts.into_query()));
    let mut sums: HashMap<Uuid, i64> = HashMap::new();
    for part in parts.all(db).await? {
        *sums.entry(part.bill_id).or_default() += part.cents;
    }
    Ok(sums)
}
