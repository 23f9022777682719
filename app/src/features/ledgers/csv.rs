//! All entries of an account as comma-separated values, without formulas.

use uuid::Uuid;

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{error::Error, money::plain},
    desk::billing::staff,
    platform::request::csv_line,
};

/// One line an entry, the oldest first: when, the bill, what it is, the sum in dollars, by whom, and why.
///
/// # Errors
/// `NotFound` when there is no such account.
pub async fn csv(guarantor: Uuid) -> Result<String, Error> {
    let grant = allow::<KeepLedgers>(()).await?;
    let mut text = csv_line(&["at", "bill", "kind", "dollars", "by", "words"]);
    for (bill, row) in staff::entries(&grant, guarantor).await? {
        let dollars = plain(row.cents);
        let (by, words) = (row.by.unwrap_or_default(), row.words.unwrap_or_default());
        text.push_str(&csv_line(&[&row.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), &bill, row.kind.as_str(), &dollars, &by, &words]));
    }
    Ok(text)
}
