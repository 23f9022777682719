use chrono::NaiveDate;
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::bills_of::Line;
use crate::{
    access::{allow, policy::UseBilling},
    base::{clock::local_date, error::Error, i18n::param, money::price},
    desk::billing::{
        methods,
        model::AttemptState,
        plans, reading,
        statements::months,
        store,
        till::Till,
        words::{attempt_tag, payer, returned},
    },
    features::billing::{api, papers::read_statement},
    view::{
        Notice,
        fields::Checkbox,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, PrintButton, QuietButton, Section, Table},
    },
};

/// What was paid, and the statements of the last 18 months; with `month`, one statement.
///
/// # Errors
/// `NotFound` for somebody else's account.
pub async fn history(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    if let Some(month) = request.query("month") {
        return one(id, &month).await;
    }
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now());
    let account = store::guarantor(&grant, id).await?;
    let till = Till::of(&grant)?;
    let mut payments = Vec::new();
    for attempt in reading::payments(grant.db(), id, now.instant).await? {
        let back = returned(&methods::refunds_of(&till, attempt.id).await?);
        let day = t.date(local_date(attempt.settled_at.unwrap_or(attempt.made_at), &zone));
        let receipt = (attempt.state == AttemptState::Paid).then(|| t.billing_receipt_is(&attempt.receipt));
        let lines = receipt.into_iter().chain([payer(t, &attempt)]).collect();
        let title = t.billing_paid_on(param::Amount(&price(attempt.cents)), param::Day(&day));
        payments.push((title, attempt_tag(t, &attempt, back), lines, format!("/billing/payments/{}", attempt.id)));
    }
    let recorded: Vec<(String, Vec<String>)> = reading::recorded(grant.db(), id, now.instant)
        .await?
        .into_iter()
        .map(|row| {
            let day = t.date(local_date(row.at, &zone));
            let words = row.words.map(|words| t.billing_payment_recorded(words.trim_end_matches('.')));
            (t.billing_paid_on(param::Amount(&price(-row.cents)), param::Day(&day)), words.into_iter().collect())
        })
        .collect();
    let paid = reading::paid(grant.db(), id, now.today).await?;
    let paid: Vec<Line> = store::shown(&grant, &account, paid).await?.iter().map(|shown| Line::of(t, shown, &[], now.today)).collect();
    let months: Vec<(String, String)> = months(grant.db(), id, now.instant, zone)
        .await?
        .into_iter()
        .map(|month| (t.month(month), format!("/billing/of/{id}/history?month={month}")))
        .collect();
    let over = plans::of_guarantor(&till, id).await?;
    let over = over.iter().map(|plan| (t.billing_plan_of(&price(plan.monthly_cents)), format!("/billing/plans/{}", plan.id)));
    let plans: Vec<(String, String)> = over.collect();
    let done = (request.query("done").as_deref() == Some("kept")).then(|| t.billing_kept());
    let (no_payments, no_paid, no_months, has_plans) =
        (payments.is_empty() && recorded.is_empty(), paid.is_empty(), months.is_empty(), !plans.is_empty());
    let hidden = vec![("guarantor", id.to_string())];
    let whose = format!("{} {}", account.given_name, account.family_name);
    Ok(Page::new(t.billing_history_title(), whose).back("/billing", t.billing_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.billing_payments()>
            {no_payments.then(|| view! { <p class="text">{t.billing_no_payments()}</p> })}
            {payments.into_iter().map(|(title, tag, lines, href)| {
                let words = t.billing_see(&title);
                view! { <Item title tag=Some(tag) lines><QuietButton href label=words/></Item> }
            }).collect_view()}
            {recorded.into_iter().map(|(title, lines)| view! { <Item title lines/> }).collect_view()}
        </Section>
        <Section heading=t.billing_statements()>
            {no_months.then(|| view! { <p class="text">{t.billing_no_statements()}</p> })}
            <ul class="ways">{months.into_iter().map(|(label, href)| view! { <li><a href=href><b>{label}</b></a></li> }).collect_view()}</ul>
            <PostForm action=api::ChoosePaper::PATH submit=t.billing_keep() quiet=true hidden>
                <Checkbox name="paperless" label=t.billing_paperless() hint=t.billing_paperless_says() checked=account.paperless/>
            </PostForm>
        </Section>
        <Section heading=t.billing_paid_bills()>
            {no_paid.then(|| view! { <p class="text">{t.billing_no_paid_bills()}</p> })}
            {paid.into_iter().map(Line::draw).collect_view()}
        </Section>
        {has_plans.then(|| view! {
            <Section heading=t.billing_plans()>
                <ul class="ways">{plans.into_iter().map(|(label, href)| view! { <li><a href=href><b>{label}</b></a></li> }).collect_view()}</ul>
            </Section>
        })}
    }))
}

async fn one(id: Uuid, month: &str) -> Result<Page, Error> {
    let month: NaiveDate = month.parse().map_err(|_| Error::NotFound)?;
    let found = read_statement(id, month).await?;
    let t = found.texts;
    let (head, empty) = (found.head(), found.rows.is_empty());
    let (back, pdf) = (format!("/billing/of/{id}/history"), format!("/files/statement/{id}/{month}"));
    Ok(Page::new(found.title, found.name).narrow().back(back, t.billing_history_title()).body(view! {
        <Section>
            <p class="meta">{found.account}</p>
            <dl class="sums"><div><dt>{t.billing_before()}</dt><dd>{found.before}</dd></div></dl>
            {empty.then(|| view! { <p class="text">{t.billing_nothing_happened()}</p> })}
            {(!empty).then(|| view! { <Table caption=t.billing_statements() head rows=found.rows/> })}
            <dl class="sums">
                <div class="is-total"><dt>{t.billing_after()}</dt><dd>{found.after}</dd></div>
                {found.on_its_way.map(|sum| view! { <div><dt>{t.billing_sum_on_its_way()}</dt><dd>{sum}</dd></div> })}
            </dl>
            <div class="acts no-print"><a class="btn quiet" href=pdf rel="external">{t.billing_as_pdf()}</a></div>
            <PrintButton label=t.billing_print()/>
        </Section>
    }))
}
