use leptos::prelude::*;
use uuid::Uuid;

use super::bills_of::Line;
use crate::{
    access::{Grant, allow, policy::UseBilling},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        money::price,
    },
    desk::billing::{
        attempts::Tries,
        entity::{bill, guarantor, payment_attempt, payment_plan},
        explained,
        model::{PLAN_LEAST, PlanState},
        payer::due,
        plans, reading,
        store::{self, Shown},
        till::Till,
    },
    platform::batch::Batch,
    view::{
        Notice,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Item, LinkList, MainButton, QuietButton, Section},
    },
};

/// Everything that the caller is asked to pay, account by account: how much, by when, for whom.
///
/// # Errors
/// `SignInNeeded`.
pub async fn overview(_request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseBilling>(()).await?;
    let (t, till) = (grant.texts(), Till::of(&grant)?);
    let accounts = accounts(&grant, &till).await?;
    let explained: Vec<(String, Vec<String>, String)> = explained::explained(&grant)
        .await?
        .into_iter()
        .map(|(row, given_name)| {
            let title = row.insurer.clone().unwrap_or_else(|| t.billing_your_plan().to_owned());
            let when = row.created_on.map(|day| t.billing_for_on(param::Day(&t.date(day)), param::Name(&given_name)));
            let sums = row.owed_cents.map(|owed| t.billing_plan_says_owed(&price(owed)));
            (title, when.into_iter().chain(sums).collect(), format!("/billing/explained/{}", row.id))
        })
        .collect();
    let (none, pays_here, several) = (accounts.is_empty(), till.processor.is_there(), accounts.len() > 1);
    let phone = crate::platform::request::context::<crate::base::boot::Boot>()?.brand.support_phone;
    let ways = vec![
        (Link::new("/billing/cards", t.billing_cards_title()), t.billing_cards_says().to_owned()),
        (Link::new("/requests", t.requests_title()), t.billing_requests_says().to_owned()),
    ];
    let has_explained = !explained.is_empty();
    Ok(Page::new(t.billing_title(), t.billing_lead()).body(view! {
        {(!pays_here).then(|| view! { <Notice><p class="text">{t.billing_by_phone(&phone)}</p></Notice> })}
        {none.then(|| view! { <Section><p class="text">{t.billing_nothing_here()}</p></Section> })}
        {accounts.into_iter().map(|account| account.draw(several, pays_here)).collect_view()}
        {has_explained.then(|| view! {
            <Section heading=t.billing_explained_title()>
                <p class="text">{t.billing_explained_says()}</p>
                <Disclosure summary=t.billing_explained_show()>
                    {explained.into_iter().map(|(title, lines, href)| {
                        let words = t.billing_see_explained(&title);
                        view! { <Item title lines><QuietButton href label=words/></Item> }
                    }).collect_view()}
                </Disclosure>
            </Section>
        })}
        <Section heading=t.billing_more()><LinkList links=ways/></Section>
    }))
}

/// One account of the list.
struct AccountView {
    id: Uuid,
    whose: String,
    number: String,
    total: i64,
    /// What of it should have been paid before today, in cents.
    overdue: i64,
    /// The first day.
    by: Option<String>,
    lines: Vec<Line>,
    checked: Option<String>,
    /// What is on its way from a bank account, and where it is followed.
    debits: Vec<(String, String)>,
    /// What the bank refused of late.
    refused: Option<(String, String)>,
    plans: Vec<(String, String)>,
    may_plan: bool,
}

/// Asks for all accounts at once, however many they are.
async fn accounts(grant: &Grant<UseBilling>, till: &Till) -> Result<Vec<AccountView>, Error> {
    let accounts = store::guarantors(grant).await?;
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.id).collect();
    let mut batch = Batch::default();
    let charts = store::ask_charts(&mut batch, &accounts);
    let (open, plans) = (reading::ask_open(&mut batch, &ids), plans::ask_all_of(&mut batch, &ids));
    let (planned, tries) = (batch.ask(plans::planned_of(&ids)), Tries::ask(&mut batch, till, &ids));
    let mut answers = batch.read(grant.db()).await?;
    store::looked_at_all(charts(&mut answers)?).await?;
    let (open, plans, planned, mut tries) = (open(&mut answers)?, plans(&mut answers)?, answers.take(planned)?, tries(&mut answers)?);
    let in_plan: Vec<Uuid> = planned.into_iter().map(|row| row.bill_id).collect();
    let account_of = |bill: &bill::Model| accounts.iter().find(|account| Some(account.id) == bill.guarantor_id);
    let shown = store::shown_of(grant, open.into_iter().filter_map(|bill| Some((account_of(&bill)?, bill))).collect()).await?;
    let mut views = Vec::new();
    for account in &accounts {
        let bills: Vec<&Shown> = shown.iter().filter(|shown| shown.bill.guarantor_id == Some(account.id)).collect();
        let plans = plans.iter().filter(|plan| plan.guarantor_id == account.id);
        views.push(AccountView::of(grant, account, &bills, &in_plan, plans, tries.remove(&account.id).unwrap_or_default()));
    }
    Ok(views)
}

impl AccountView {
    fn of<'a>(
        grant: &Grant<UseBilling>,
        account: &guarantor::Model,
        bills: &[&Shown],
        in_plan: &[Uuid],
        plans: impl Iterator<Item = &'a payment_plan::Model>,
        tries: Tries,
    ) -> Self {
        let (t, today) = (grant.texts(), grant.now().today);
        let planned = |bill: &bill::Model| in_plan.contains(&bill.id);
        let now = || bills.iter().map(|shown| &shown.bill).filter(|bill| !planned(bill));
        let total: i64 = now().map(due).sum();
        let by = now().filter(|bill| due(bill) > 0).map(|bill| bill.due_on).min();
        let overdue = now().filter(|bill| bill.due_on < today).map(due).sum();
        let payment = |attempt: &payment_attempt::Model| format!("/billing/payments/{}", attempt.id);
        let debits = tries.on_their_way.iter().map(|debit| (t.billing_on_its_way(&price(debit.cents)), payment(debit))).collect();
        let plans: Vec<_> = plans.filter(|plan| plan.state == PlanState::Active).collect();
        let refused = tries.refused.filter(|_| total > 0 || !plans.is_empty());
        Self {
            id: account.id,
            whose: format!("{} {}", account.given_name, account.family_name),
            number: account.number.clone(),
            total,
            overdue,
            by: by.map(|day| t.long_date(day)),
            lines: bills.iter().map(|shown| Line::of(t, shown, in_plan, today)).collect(),
            checked: tries.under_way.as_ref().map(payment),
            debits,
            refused: refused.map(|attempt| (t.billing_refused(&price(attempt.cents)), payment(&attempt))),
            plans: plans
                .iter()
                .map(|plan| (t.billing_plan_of(&price(plan.monthly_cents)), format!("/billing/plans/{}", plan.id)))
                .collect(),
            may_plan: total >= PLAN_LEAST,
        }
    }

    fn draw(self, several: bool, pays_here: bool) -> impl IntoView {
        let t: Texts = texts();
        let base = format!("/billing/of/{}", self.id);
        let heading = if several { t.billing_account_of(&self.whose) } else { t.billing_what_you_owe().to_owned() };
        let owed = match (self.total, &self.by) {
            (0, _) => t.billing_nothing_due().to_owned(),
            (total, Some(day)) if self.overdue == total => t.billing_total_since(param::Amount(&price(total)), param::Day(day)),
            (total, Some(day)) if self.overdue > 0 => {
                t.billing_total_part_since(param::Amount(&price(total)), param::Day(day), param::Part(&price(self.overdue)))
            }
            (total, Some(day)) => t.billing_total_by(param::Amount(&price(total)), param::Day(day)),
            (total, None) => price(total),
        };
        let payable = self.total > 0 && pays_here && self.checked.is_none();
        let more = (payable && self.may_plan).then(|| Link::new(format!("{base}/plan"), t.billing_plan_title()));
        let more = more.into_iter().chain([
            Link::new(format!("{base}/history"), t.billing_history_title()),
            Link::new(format!("{base}/help"), t.billing_hardship()),
        ]);
        view! {
            <Section heading>
                <p class="sum">{owed}</p>
                <p class="meta">{t.billing_account_number_is(&self.number)}</p>
                {self.checked.map(|href| view! {
                    <Notice warn=true><p class="text">{t.billing_being_checked()}</p><QuietButton href label=t.billing_see_payment()/></Notice>
                })}
                {payable.then(|| view! { <MainButton href=format!("{base}/pay") label=t.billing_pay()/> })}
                {self.refused.map(|(words, href)| view! {
                    <Notice warn=true><p class="text">{words}</p><QuietButton href label=t.billing_see_payment()/></Notice>
                })}
                {self.debits.into_iter().map(|(words, href)| view! {
                    <Notice><p class="text">{words}</p><QuietButton href label=t.billing_see_payment()/></Notice>
                }).collect_view()}
                {self.plans.into_iter().map(|(words, href)| view! {
                    <Notice><p class="text">{words}</p><QuietButton href label=t.billing_see_plan()/></Notice>
                }).collect_view()}
                {self.lines.into_iter().map(Line::draw).collect_view()}
                <Buttons links=more.collect()/>
            </Section>
        }
    }
}
