use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{allow, policy::UseBilling},
    base::{
        error::Error,
        i18n::param,
        money::{price, price_or_dash},
    },
    desk::billing::{
        explained, reading,
        words::{plan_codes, why_owed},
    },
    view::{
        Notice,
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{Section, Table},
    },
};

/// What a plan says of a claim for which there is no bill here.
///
/// # Errors
/// `NotFound` for one of a chart that the caller does not read.
pub async fn explained(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let grant = allow::<UseBilling>(()).await?;
    let t = grant.texts();
    let found = explained::explained(&grant).await?.into_iter().find(|(row, _)| row.id == id).ok_or(Error::NotFound)?;
    let (row, given_name) = found;
    let lines = reading::lines_of(grant.db(), id).await?;
    let sentences = if row.adds_up { why_owed(t, &row) } else { vec![t.billing_does_not_add_up().to_owned()] };
    let sum = |cents: Option<i64>| cents.map(price);
    let facts = Part::facts([
        (t.billing_whom(), Some(given_name)),
        (t.billing_insurer(), row.insurer.clone()),
        (t.billing_sum_charged(), sum(row.charged_cents)),
        (t.billing_allowed(), sum(row.allowed_cents)),
        (t.billing_sum_plan(), sum(row.paid_cents)),
        (t.billing_your_part(), sum(row.owed_cents)),
    ]);
    let rows: Vec<Vec<String>> = lines
        .into_iter()
        .map(|line| vec![line.title, price_or_dash(line.charged_cents), price_or_dash(line.paid_cents), price_or_dash(line.owed_cents)])
        .collect();
    let head = [t.billing_service(), t.billing_sum_charged(), t.billing_sum_plan(), t.billing_your_part()].map(str::to_owned).into();
    let codes = plan_codes(t, &row);
    let (has_codes, has_rows) = (!codes.is_empty(), !rows.is_empty());
    let insurer = row.insurer.unwrap_or_else(|| t.billing_your_plan().to_owned());
    let lead =
        row.created_on.map(|day| t.billing_explained_on(param::Day(&t.long_date(day)), param::Insurer(&insurer))).unwrap_or_default();
    Ok(Page::new(t.billing_explained_title(), lead).narrow().back("/billing", t.billing_title()).body(view! {
        <Section heading=t.billing_owed_title()>
            <Notice><p class="text">{t.billing_not_a_bill()}</p></Notice>
            {sentences.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
            <Document parts=vec![facts]/>
        </Section>
        {has_rows.then(|| view! { <Section heading=t.billing_services()><Table caption=t.billing_services() head rows/></Section> })}
        {has_codes.then(|| view! { <Section heading=t.billing_plan_words()><Document parts=vec![Part::Facts(codes)]/></Section> })}
    }))
}
