//! Statements, as pages, files and letters tell them.

use chrono_tz::Tz;

use super::{
    entity::guarantor,
    statements::Statement,
    store::Shown,
    words::{entry, title_of},
};
use crate::{
    base::{clock::local_date, i18n::Texts, money::price},
    view::document::{Paper, Part},
};

/// What a statement says to its reader.
pub struct StatementInWords {
    /// Whose account it is.
    pub name: String,
    pub title: String,
    pub account: String,
    pub before: String,
    pub after: String,
    /// What of it is on its way from a bank account now.
    pub on_its_way: Option<String>,
    /// Day, bill, what happened, and the sum.
    pub rows: Vec<Vec<String>>,
    pub texts: Texts,
    file: String,
}

impl StatementInWords {
    /// `shown` are the bills of its entries, as the reader reads them.
    pub fn of(t: Texts, zone: Tz, account: &guarantor::Model, found: &Statement, shown: &[Shown]) -> Self {
        let rows = found.entries.iter().map(|(bill, row)| {
            let shown = shown.iter().find(|shown| shown.bill.id == bill.id);
            let title = shown.map(|shown| format!("{}, {}", title_of(t, shown), shown.given_name)).unwrap_or_default();
            vec![t.date(local_date(row.at, &zone)), title, entry(t, row.kind).to_owned(), price(row.cents)]
        });
        Self {
            name: format!("{} {}", account.given_name, account.family_name),
            title: t.billing_statement_of(&t.month(found.month)),
            account: t.billing_account_number_is(&account.number),
            before: price(found.before),
            after: price(found.after),
            on_its_way: Some(found.on_its_way).filter(|cents| *cents > 0).map(price),
            rows: rows.collect(),
            texts: t,
            file: format!("statement-{}", found.month.format("%Y-%m")),
        }
    }

    pub fn head(&self) -> Vec<String> {
        let t = self.texts;
        [t.billing_day(), t.billing_bill(), t.billing_entry(), t.billing_amount()].map(str::to_owned).into()
    }

    /// As a file of the house; `more` stands below it.
    pub fn paper(self, organisation: String, address: Option<String>, more: Vec<Part>) -> Paper {
        let (t, head) = (self.texts, self.head());
        let nothing = Part::text(t.billing_nothing_happened());
        let empty = self.rows.is_empty();
        let table = Part::Table { caption: t.billing_statements().to_owned(), head, rows: self.rows };
        let parts = vec![
            Part::facts([(t.billing_before(), Some(self.before))]),
            if empty { nothing } else { table },
            Part::facts([(t.billing_after(), Some(self.after)), (t.billing_sum_on_its_way(), self.on_its_way)]),
        ];
        Paper {
            texts: t,
            file: self.file,
            name: self.name,
            lines: address.into_iter().chain([organisation, self.account]).collect(),
            title: self.title,
            parts: parts.into_iter().chain(more).collect(),
        }
    }
}
