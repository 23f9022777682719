//! Whoever pays, and what of theirs is due.

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{
    entity::{bill, guarantor},
    model::{BillState, LEAST_PART},
    problem, reading,
    till::Till,
};
use crate::base::error::Problem;

/// Whoever pays: proved by a grant and a bill of theirs before.
#[derive(Clone, Debug)]
pub struct Payer {
    pub guarantor: guarantor::Model,
    /// Nobody's for a guest.
    pub account: Option<Uuid>,
    /// A guest with the code of a letter pays this bill alone.
    pub only: Option<Uuid>,
    /// As it stands in the ledger.
    pub by: String,
}

impl Payer {
    pub fn is_guest(&self) -> bool {
        self.account.is_none()
    }
}

/// What is paid of which bill.
pub type Parts = Vec<(Uuid, i64)>;

/// What is due of a bill: nothing while it is checked or waited for, and not what is on its way from a bank account.
pub fn due(bill: &bill::Model) -> i64 {
    if bill.state == BillState::Open { (bill.balance_cents - bill.pending_cents).max(0) } else { 0 }
}

/// The bills of a payer of which something is due, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn payable(till: &Till, payer: &Payer) -> Result<Vec<bill::Model>, DbErr> {
    let mut open = bill::Entity::find()
        .filter(bill::Column::GuarantorId.eq(payer.guarantor.id))
        .filter(bill::Column::IsOpen.eq(true))
        .filter(bill::Column::State.eq(BillState::Open))
        .filter(Expr::cust("balance_cents > pending_cents"));
    if let Some(only) = payer.only {
        open = open.filter(bill::Column::Id.eq(only));
    }
    open.order_by_asc(bill::Column::IssuedOn).order_by_asc(bill::Column::Id).all(till.db()).await
}

/// What of the bills of a payer is on its way from bank accounts, in cents.
///
/// # Errors
/// When the database fails.
pub async fn on_its_way(till: &Till, payer: &Payer) -> Result<i64, DbErr> {
    let open = reading::open(till.db(), payer.guarantor.id).await?;
    Ok(open.iter().filter(|bill| payer.only.is_none_or(|only| only == bill.id)).map(|bill| bill.pending_cents).sum())
}

/// The name of the field with what is paid of a bill. A key that begins with a digit would be read as a place in a list.
pub fn field_of(bill: Uuid) -> String {
    format!("amount[b{bill}]")
}

/// What is wrong with what somebody wants to pay.
pub(super) fn check(parts: &Parts, bills: &[bill::Model]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (id, cents) in parts {
        let due = bills.iter().find(|bill| bill.id == *id).map_or(0, due);
        let why = match *cents {
            _ if due == 0 => problem::CHANGED,
            cents if cents > due => problem::TOO_MUCH,
            cents if cents < LEAST_PART.min(due) => problem::TOO_LITTLE,
            _ => continue,
        };
        problems.push(Problem { field: field_of(*id), why });
    }
    problems
}
