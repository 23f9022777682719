//! E-mail about bills: that there is something, and no sums but on a guest's own receipt; never for what.

use crate::{
    base::{
        i18n::{Texts, param},
        money::price,
    },
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

fn letter(t: Texts, subject: String, text: String, link: Option<String>) -> Message {
    Message { news: News::Bills, subject, paragraphs: vec![text], link: link.map(|link| (t.mail_open(), link)) }
}

/// A payment went through. A guest, who signs in nowhere, reads the sum.
pub fn paid(receipt: String, cents: Option<i64>, link: Option<String>) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        let text = match cents {
            Some(cents) => {
                let sum = price(cents);
                t.billing_mail_paid_guest(param::Amount(&sum), param::Organisation(&of.organisation), param::Receipt(&receipt))
            }
            None => t.billing_mail_paid_text(&receipt),
        };
        let mut message = letter(t, t.billing_mail_paid(&of.product), text, link.clone());
        if cents.is_some() {
            // Asked for this very minute, by somebody who may have no account.
            message.news = News::Asked;
        }
        message
    }
}

/// A payment of a plan failed; `again` says the day on which it is tried once more.
pub fn plan_failed(again: Option<String>, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        let text = match &again {
            Some(day) => t.billing_mail_plan_again(day),
            None => t.billing_mail_plan_missed().to_owned(),
        };
        letter(t, t.billing_mail_plan(&of.product), text, Some(link.clone()))
    }
}

/// The bank refused a debit that was on its way.
pub fn debit_failed(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| letter(t, t.billing_mail_debit_failed(&of.product), t.billing_mail_debit_failed_text().to_owned(), Some(link.clone()))
}

/// The bank took a payment back that had gone through.
pub fn taken_back(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| letter(t, t.billing_mail_debit_failed(&of.product), t.billing_mail_taken_back().to_owned(), Some(link.clone()))
}

/// A bank account was verified, or could not be.
pub fn account_verified(verified: bool, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| {
        let text = if verified { t.billing_mail_verified() } else { t.billing_mail_not_verified() };
        letter(t, t.billing_mail_bank_account(&of.product), text.to_owned(), Some(link.clone()))
    }
}

/// A plan ended because two payments failed.
pub fn plan_ended(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| letter(t, t.billing_mail_plan(&of.product), t.billing_mail_plan_ended().to_owned(), Some(link.clone()))
}

/// A plan ended because whoever agreed to it sees these bills no longer.
pub fn plan_without_access(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| letter(t, t.billing_mail_plan(&of.product), t.billing_mail_plan_no_access().to_owned(), Some(link.clone()))
}

/// There is a new statement.
pub fn statement(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| letter(t, t.billing_mail_statement(&of.product), t.billing_mail_statement_text().to_owned(), Some(link.clone()))
}
