//! Account, ChargeItem, Invoice, Claim, ExplanationOfBenefit, Coverage, PaymentNotice and PaymentReconciliation → bills and the ledger,
//! whatever their order. What is entered is the difference to what was entered before: a correction adds an entry.

mod amounts;
mod benefits;
mod bills;
mod coverages;
mod guarantors;
mod known;
mod payments;
mod settle;

use std::collections::HashSet;

use sea_orm::DbErr;
use uuid::Uuid;

use known::Billed;

use crate::record::import::{Context, Incoming};

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<HashSet<Uuid>, DbErr> {
    let mut billed = Billed::default();
    guarantors::accounts(context, rows, &mut billed).await?;
    bills::all(context, rows, &mut billed).await?;
    benefits::claims(context, rows, &mut billed).await?;
    benefits::all(context, rows, &mut billed).await?;
    payments::all(context, rows, &mut billed).await?;
    coverages::all(context, rows, &mut billed).await?;
    for bill in &billed.touched {
        settle::bill(context, *bill).await?;
    }
    Ok(billed.shown)
}
