use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::bank_question::ExtraStep;
use crate::{
    access::{Grant, Permission, allow, policy::UseBilling},
    base::{
        boot::Boot,
        clock::local_date,
        error::Error,
        i18n::{Texts, param},
        money::price,
    },
    desk::billing::{
        attempts::attempt_of,
        entity::{payment_attempt, payment_refund},
        methods,
        model::{AttemptState, DEBIT_DAYS, MethodKind, RefundState},
        pay::refresh,
        payer::Payer,
        reading,
        store::{self, Shown},
        till::Till,
        words::{self, title_of},
    },
    desk::{check_in::way_back, requests::model::business_days_after},
    features::billing::api,
    platform::request::context,
    view::{
        document::{Document, Paper, Part},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, MainButton, PrintButton, QuietButton, Section},
    },
};

/// A payment: looked at once more before it is made, while it is checked, and its receipt.
///
/// # Errors
/// `NotFound` for somebody else's payment.
pub async fn payment(request: PageRequest) -> Result<Page, Error> {
    let (grant, found, lines) = own(request.id(0)?).await?;
    Ok(found.page(&grant, &Way::SIGNED_IN, lines, "/billing"))
}

/// The receipt of a payment as a file.
///
/// # Errors
/// `NotFound` for somebody else's payment, and for one that did not go through.
pub async fn receipt(id: Uuid) -> Result<Paper, Error> {
    let (grant, found, lines) = own(id).await?;
    found.receipt(&grant, lines)
}

/// A payment of the caller, with what it is for in their words.
async fn own(id: Uuid) -> Result<(Grant<UseBilling>, Payment, Vec<(String, String)>), Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (payer, till) = (store::payer_of_attempt(&grant, id).await?, Till::of(&grant)?);
    let found = Payment::of(&grant, &till, &payer, id).await?;
    let bills = reading::bills(grant.db(), &found.bills()).await?;
    let shown = store::shown(&grant, &payer.guarantor, bills).await?;
    let t = grant.texts();
    let lines = found.lines(|bill| shown.iter().find(|shown| shown.bill.id == bill).map(|shown| for_whom(t, shown)).unwrap_or_default());
    Ok((grant, found, lines))
}

fn for_whom(t: Texts, shown: &Shown) -> String {
    t.billing_named_short(param::Name(&shown.given_name), param::Title(&title_of(t, shown)))
}

/// How the two ways of paying differ.
pub struct Way {
    pub base: &'static str,
    pay: &'static str,
    stop: &'static str,
    pub use_card: &'static str,
    pub keeps: bool,
    /// Where receipts are as files.
    receipts: &'static str,
}

impl Way {
    pub const SIGNED_IN: Way = Way {
        base: "/billing/payments",
        pay: api::PayNow::PATH,
        stop: api::Stop::PATH,
        use_card: api::UseCard::PATH,
        keeps: true,
        receipts: "/files/receipt",
    };
    pub const GUEST: Way = Way {
        base: "/pay/payments",
        pay: api::PayAsGuest::PATH,
        stop: api::StopAsGuest::PATH,
        use_card: api::UseCardAsGuest::PATH,
        keeps: false,
        receipts: "/files/guest-receipt",
    };
}

/// The name of the house.
///
/// # Errors
/// When the server was put together without one.
pub fn organisation() -> Result<String, Error> {
    Ok(context::<Boot>()?.brand.organisation.to_string())
}

/// A payment with everything that its page tells.
pub struct Payment {
    /// Who pays, as letters name them.
    payer: String,
    account: String,
    attempt: payment_attempt::Model,
    parts: Vec<(Uuid, i64)>,
    refunds: Vec<payment_refund::Model>,
    method: Option<String>,
    /// Bank accounts are debited here.
    banks: bool,
    /// The caller prepared it, and nobody else sends it.
    own: bool,
}

impl Payment {
    /// Asks the processor how it stands where that is not known.
    ///
    /// # Errors
    /// `NotFound` when it is not the payer's.
    pub async fn of<P: Permission>(grant: &Grant<P>, till: &Till, payer: &Payer, id: Uuid) -> Result<Self, Error> {
        let (mut attempt, parts) = attempt_of(till, payer, id).await?;
        if matches!(attempt.state, AttemptState::Asked | AttemptState::NeedsAction | AttemptState::Processing) {
            refresh(till, &attempt).await?;
            attempt = attempt_of(till, payer, id).await?.0;
        }
        let kept = match attempt.method_id {
            Some(method) => methods::one(till, method).await?,
            None => None,
        };
        let (t, typed) = (grant.texts(), attempt.kind.zip(attempt.last4.clone()));
        let typed = typed.map(|(kind, last4)| words::ending(t, kind, attempt.brand.as_deref().unwrap_or_default(), &last4));
        let own = attempt.account_id == payer.account;
        let guarantor = &payer.guarantor;
        Ok(Self {
            payer: format!("{} {}", guarantor.given_name, guarantor.family_name),
            account: grant.texts().billing_account_number_is(&guarantor.number),
            parts: parts.into_iter().map(|part| (part.bill_id, part.cents)).collect(),
            refunds: methods::refunds_of(till, id).await?,
            banks: till.processor.takes_bank_accounts(),
            method: kept.map(|kept| words::method(t, &kept)).or(typed),
            own,
            attempt,
        })
    }

    pub fn bills(&self) -> Vec<Uuid> {
        self.parts.iter().map(|(bill, _)| *bill).collect()
    }

    pub fn lines(&self, name: impl Fn(Uuid) -> String) -> Vec<(String, String)> {
        self.parts.iter().map(|(bill, cents)| (name(*bill), price(*cents))).collect()
    }

    pub fn page<P: Permission>(self, grant: &Grant<P>, way: &'static Way, lines: Vec<(String, String)>, back: &'static str) -> Page {
        let (t, zone, attempt) = (grant.texts(), grant.zone(), &self.attempt);
        let returned = words::returned(&self.refunds);
        let tag = words::attempt_tag(t, attempt, returned);
        let amount = price(attempt.cents);
        let title = match attempt.state {
            AttemptState::Created if attempt.token.is_none() => t.billing_choose_first(),
            AttemptState::Created => t.billing_review(),
            AttemptState::Asked | AttemptState::NeedsAction => t.billing_not_finished(),
            AttemptState::Processing => t.billing_debit_title(),
            AttemptState::Paid => t.billing_receipt(),
            AttemptState::Declined | AttemptState::Abandoned => t.billing_not_paid(),
        };
        let (facts, parts) = (self.facts(t, zone), self.sums(t, zone, lines));
        let total = price(attempt.cents - returned);
        let id = attempt.id;
        let says = self.says(t, zone);
        let has_card = attempt.token.is_some();
        let hidden = move || vec![("id", id.to_string())];
        let before = attempt.state == AttemptState::Created;
        let own = self.own;
        let label = if has_card { t.billing_other_card() } else { t.billing_a_card() };
        let bank = (way.keeps && self.banks).then(|| Link::new(format!("{}/{id}/bank", way.base), t.billing_other_bank()));
        let others: Vec<Link> = [Link::new(format!("{}/{id}/card", way.base), label)].into_iter().chain(bank).collect();
        let next = attempt.next_url.clone().filter(|_| attempt.state == AttemptState::NeedsAction);
        let script = attempt.client_secret.clone().filter(|_| attempt.state == AttemptState::NeedsAction && next.is_none());
        let again = matches!(attempt.state, AttemptState::Declined | AttemptState::Abandoned);
        // The same bill once more, where it was one.
        let try_again = match self.parts.as_slice() {
            [(bill, _)] if way.keeps => format!("/billing/of/{}/pay?bill={bill}", attempt.guarantor_id),
            _ => back.to_owned(),
        };
        let check_in = (way.keeps && attempt.state == AttemptState::Paid).then(way_back::remembered).flatten();
        let (state, submit) = (attempt.state, t.billing_pay_now(&amount));
        let back_to = if way.keeps { (back, t.billing_title()) } else { (back, t.billing_guest_bills()) };
        let here = format!("{}/{id}", way.base);
        let pdf = format!("{}/{id}", way.receipts);
        Page::new(title, amount).narrow().back(back_to.0, back_to.1).body(view! {
            <Section>
                <div>{tag.draw()}</div>
                {(!before).then(|| says.clone().into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view())}
                {next.map(|href| view! { <div class="acts"><a class="btn" href=href rel="external">{t.billing_to_the_bank()}</a></div> })}
                {script.map(|secret| view! { <ExtraStep secret/> })}
                {matches!(state, AttemptState::NeedsAction).then(|| view! { <PostForm action=way.stop submit=t.billing_stop() quiet=true hidden=hidden()/> })}
                {matches!(state, AttemptState::Asked | AttemptState::Processing).then(|| view! { <QuietButton href=here label=t.billing_look_again()/> })}
                {again.then(|| view! { <QuietButton href=try_again label=t.billing_try_again()/> })}
                <Document parts=vec![facts]/>
                <dl class="sums">
                    {parts.into_iter().map(|(name, sum)| view! { <div><dt>{name}</dt><dd>{sum}</dd></div> }).collect_view()}
                    <div class="is-total"><dt>{t.billing_amount()}</dt><dd>{total}</dd></div>
                </dl>
                {before.then(|| view! {
                    {says.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
                    {(own && has_card).then(|| view! { <PostForm action=way.pay submit hidden=hidden()/> })}
                    {own.then(|| view! { <Buttons links=others/> })}
                })}
                {check_in.map(|href| view! { <MainButton href label=t.check_in_next_step()/> })}
                {(state == AttemptState::Paid).then(|| view! {
                    <div class="acts no-print"><a class="btn quiet" href=pdf rel="external">{t.billing_as_pdf()}</a></div>
                    <PrintButton label=t.billing_print()/>
                })}
            </Section>
        })
    }

    fn facts(&self, t: Texts, zone: Tz) -> Part {
        let paid = Some(&self.attempt).filter(|attempt| attempt.state == AttemptState::Paid);
        Part::facts([
            (if paid.is_some() { t.billing_paid_with() } else { t.billing_with_what() }, self.method.clone()),
            (t.billing_paid_at(), paid.and_then(|attempt| attempt.settled_at).map(|at| t.date_and_time(at, &zone))),
            (t.billing_receipt_number(), paid.map(|attempt| attempt.receipt.clone())),
        ])
    }

    /// What was paid of each bill, and what went back.
    fn sums(&self, t: Texts, zone: Tz, lines: Vec<(String, String)>) -> Vec<(String, String)> {
        let refunds = self.refunds.iter().filter(|refund| refund.state == RefundState::Done);
        let at = |refund: &payment_refund::Model| refund.settled_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
        lines.into_iter().chain(refunds.map(|refund| (t.billing_refunded_on(&at(refund)), price(-refund.cents)))).collect()
    }

    /// # Errors
    /// `NotFound` when it did not go through.
    pub fn receipt<P: Permission>(self, grant: &Grant<P>, lines: Vec<(String, String)>) -> Result<Paper, Error> {
        if self.attempt.state != AttemptState::Paid {
            return Err(Error::NotFound);
        }
        let (t, zone) = (grant.texts(), grant.zone());
        let total = (t.billing_amount().to_owned(), price(self.attempt.cents - words::returned(&self.refunds)));
        let sums = self.sums(t, zone, lines).into_iter().chain([total]);
        let (caption, head) = (t.billing_receipt().to_owned(), vec![t.billing_bill().to_owned(), t.billing_amount().to_owned()]);
        let table = Part::Table { caption, head, rows: sums.map(|(name, sum)| vec![name, sum]).collect() };
        Ok(Paper {
            texts: t,
            file: format!("receipt-{}", self.attempt.receipt),
            parts: vec![self.facts(t, zone), table],
            name: self.payer,
            lines: vec![organisation()?, self.account],
            title: t.billing_receipt().to_owned(),
        })
    }

    /// What it means for whoever pays.
    fn says(&self, t: Texts, zone: Tz) -> Vec<String> {
        match self.attempt.state {
            AttemptState::Created if !self.own => vec![t.billing_others_payment().to_owned()],
            AttemptState::Created if self.attempt.token.is_none() => vec![t.billing_no_card_yet().to_owned()],
            AttemptState::Created => {
                let slow = (self.attempt.kind == Some(MethodKind::Bank)).then(|| t.billing_bank_is_slow().to_owned());
                slow.into_iter().chain([t.billing_review_says().to_owned()]).collect()
            }
            AttemptState::Asked => vec![t.billing_unknown_yet().to_owned(), t.billing_do_not_pay_again().to_owned()],
            AttemptState::NeedsAction => vec![t.billing_bank_asks().to_owned(), t.billing_do_not_pay_again().to_owned()],
            AttemptState::Processing => {
                let by = business_days_after(local_date(self.attempt.asked_at.unwrap_or(self.attempt.made_at), &zone), DEBIT_DAYS);
                vec![t.billing_debit_says(&t.long_date(by)), t.billing_debit_nothing_to_do().to_owned()]
            }
            AttemptState::Paid => vec![t.billing_thank_you().to_owned()],
            AttemptState::Declined => {
                let code = self.attempt.decline.as_deref().unwrap_or_default();
                vec![words::declined(t, code).to_owned(), t.billing_nothing_charged().to_owned()]
            }
            AttemptState::Abandoned => vec![t.billing_nothing_charged().to_owned()],
        }
    }
}
