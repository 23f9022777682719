//! A statement as its page and its PDF tell it.

use chrono::NaiveDate;
use uuid::Uuid;

use super::pages::title_of;
use crate::{
    access::{allow, policy::UseBilling},
    base::{clock::local_date, error::Error, i18n::Texts, money::price},
    desk::billing::{
        statements::{months, of_month},
        store,
        words::entry,
    },
    view::document::Part,
};

/// What a statement says.
pub struct Statement {
    /// Whose account it is.
    pub name: String,
    pub title: String,
    pub account: String,
    pub before: String,
    pub after: String,
    /// Day, bill, what happened, and the sum.
    pub rows: Vec<Vec<String>>,
    pub texts: Texts,
}

impl Statement {
    pub fn head(&self) -> Vec<String> {
        let t = self.texts;
        [t.billing_day(), t.billing_bill(), t.billing_entry(), t.billing_amount()].map(str::to_owned).into()
    }

    /// For a file.
    pub fn parts(&self) -> Vec<Part> {
        let t = self.texts;
        let table = Part::Table { caption: t.billing_statements().to_owned(), head: self.head(), rows: self.rows.clone() };
        let nothing = Part::text(t.billing_nothing_happened());
        vec![
            Part::facts([(t.billing_before(), Some(self.before.clone()))]),
            if self.rows.is_empty() { nothing } else { table },
            Part::facts([(t.billing_after(), Some(self.after.clone()))]),
        ]
    }
}

/// The statement of a month, as its reader may read it.
///
/// # Errors
/// `NotFound` for somebody else's account, and for a month without one.
pub async fn statement(guarantor: Uuid, month: NaiveDate) -> Result<Statement, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let account = store::guarantor(&grant, guarantor).await?;
    if !months(grant.db(), guarantor, grant.now().instant, zone).await?.contains(&month) {
        return Err(Error::NotFound);
    }
    let found = of_month(grant.db(), guarantor, month, zone).await?.ok_or(Error::NotFound)?;
    let bills = found.entries.iter().map(|(bill, _)| bill.clone()).collect();
    let shown = store::shown(&grant, &account, bills).await?;
    let rows = found
        .entries
        .iter()
        .map(|(bill, row)| {
            let shown = shown.iter().find(|shown| shown.bill.id == bill.id);
            let title = shown.map(|shown| format!("{}, {}", title_of(t, shown), shown.given_name)).unwrap_or_default();
            vec![t.date(local_date(row.at, &zone)), title, entry(t, row.kind).to_owned(), price(row.cents)]
        })
        .collect();
    Ok(Statement {
        name: format!("{} {}", account.given_name, account.family_name),
        title: t.billing_statement_of(&t.month(month)),
        account: t.billing_account_number_is(&account.number),
        before: price(found.before),
        after: price(found.after),
        rows,
        texts: t,
    })
}
