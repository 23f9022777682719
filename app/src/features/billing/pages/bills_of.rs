//! Bills as they stand in lists.

use chrono::NaiveDate;
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    base::{
        i18n::{Texts, param, texts},
        money::price,
    },
    desk::billing::{
        model::BillState,
        payer::due,
        store::Shown,
        words::{bill_tag, title_of},
    },
    view::sections::{Item, QuietButton, Tag},
};

/// A line of a list, ready to draw.
pub struct Line {
    title: String,
    tag: Tag,
    lines: Vec<String>,
    href: String,
}

impl Line {
    /// `in_plan` are the bills that a plan pays.
    pub fn of(t: Texts, shown: &Shown, in_plan: &[Uuid], today: NaiveDate) -> Self {
        let planned = in_plan.contains(&shown.bill.id) && due(&shown.bill) > 0;
        let (bill, due) = (&shown.bill, due(&shown.bill));
        let when = bill.service_on.map(|day| t.billing_for_on(param::Day(&t.date(day)), param::Name(&shown.given_name)));
        let amount = match bill.state {
            BillState::Open if planned => Some(t.billing_in_plan(&price(due))),
            BillState::Open if due > 0 => Some(t.billing_due_by(param::Amount(&price(due)), param::Day(&t.date(bill.due_on)))),
            BillState::Open if bill.balance_cents < 0 => Some(t.billing_credit(&price(-bill.balance_cents))),
            BillState::Open => None,
            BillState::Waiting => Some(t.billing_waiting_says().to_owned()),
            BillState::Checking => Some(t.billing_checking_says().to_owned()),
            BillState::Cancelled if bill.balance_cents < 0 => Some(t.billing_credit(&price(-bill.balance_cents))),
            BillState::Cancelled => None,
        };
        let on_its_way = (bill.pending_cents > 0).then(|| t.billing_on_its_way(&price(bill.pending_cents)));
        Self {
            title: title_of(t, shown),
            tag: if planned { Tag::good(t.billing_tag_plan()) } else { bill_tag(t, bill, today) },
            lines: [Some(when.unwrap_or_else(|| t.billing_for(&shown.given_name))), amount, on_its_way].into_iter().flatten().collect(),
            href: format!("/billing/bills/{}", bill.id),
        }
    }

    pub fn draw(self) -> impl IntoView {
        let t = texts();
        let words = t.billing_see_bill(&self.title);
        view! { <Item title=self.title tag=Some(self.tag) lines=self.lines><QuietButton href=self.href label=words/></Item> }
    }
}
