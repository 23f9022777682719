//! Statements and receipts as files.

use chrono::NaiveDate;
use uuid::Uuid;

use super::pages;
use crate::{
    access::{allow, policy::UseBilling},
    base::error::Error,
    desk::billing::{
        papers::StatementInWords,
        statements::{months, of_month},
        store,
    },
    view::document::Paper,
};

/// The statement of a month, as its reader may read it.
///
/// # Errors
/// `NotFound` for somebody else's account, and for a month without one.
pub(super) async fn read_statement(guarantor: Uuid, month: NaiveDate) -> Result<StatementInWords, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let zone = grant.zone();
    let account = store::guarantor(&grant, guarantor).await?;
    if !months(grant.db(), guarantor, grant.now().instant, zone).await?.contains(&month) {
        return Err(Error::NotFound);
    }
    let found = of_month(grant.db(), guarantor, month, zone).await?.ok_or(Error::NotFound)?;
    let bills = found.entries.iter().map(|(bill, _)| bill.clone()).collect();
    let shown = store::shown(&grant, &account, bills).await?;
    Ok(StatementInWords::of(grant.texts(), zone, &account, &found, &shown))
}

/// The statement of a month as a file.
///
/// # Errors
/// `NotFound` for somebody else's account, and for a month without one.
pub async fn statement(guarantor: Uuid, month: NaiveDate) -> Result<Paper, Error> {
    Ok(read_statement(guarantor, month).await?.paper(pages::organisation()?, None, Vec::new()))
}

/// The receipt of a payment that went through.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn receipt(id: Uuid) -> Result<Paper, Error> {
    pages::receipt(id).await
}

/// The receipt of a payment that a guest made.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn guest_receipt(id: Uuid) -> Result<Paper, Error> {
    pages::guest_receipt(id).await
}
