use chrono::NaiveDate;
use leptos::prelude::*;

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{
        error::Error,
        i18n::param,
        money::{price, price_or_dash},
    },
    desk::billing::{staff_lists, words},
    view::{
        Notice,
        fields::{Field, Input},
        form::SearchForm,
        page::{Page, PageRequest},
        sections::{Section, Table},
    },
};

/// The payments of a day, here and at the processor, with what differs.
///
/// # Errors
/// What the policy refuses.
pub async fn day(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<KeepLedgers>(()).await?;
    let t = grant.texts();
    let on: NaiveDate = request.query("on").and_then(|day| crate::desk::scheduling::hours::day(&day)).unwrap_or(grant.now().today);
    let lines = staff_lists::day(&grant, on).await?;
    let unreachable = lines.is_none();
    let lines = lines.unwrap_or_default();
    let (ours, theirs): (i64, i64) = (lines.iter().filter_map(|line| line.ours).sum(), lines.iter().filter_map(|line| line.theirs).sum());
    let differences = lines.iter().filter(|line| line.differs()).count();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let name = line.receipt.clone().unwrap_or_else(|| t.ledgers_day_unknown().to_owned());
            let state = if line.differs() { t.ledgers_day_differs() } else { t.ledgers_day_same() };
            vec![name, price_or_dash(line.ours), price_or_dash(line.theirs), state.to_owned()]
        })
        .collect();
    let entered: Vec<Vec<String>> = staff_lists::entered(&grant, on)
        .await?
        .into_iter()
        .map(|(row, number)| {
            let by = row.by.unwrap_or_default();
            vec![t.billing_bill_no(&number), words::entry(t, row.kind).to_owned(), price(row.cents), row.words.unwrap_or_default(), by]
        })
        .collect();
    let has_entered = !entered.is_empty();
    let entered_head: Vec<String> =
        [t.billing_bill(), t.billing_entry(), t.billing_amount(), t.ledgers_reason(), t.ledgers_day_by()].map(str::to_owned).into();
    let head = [t.billing_receipt_number(), t.ledgers_day_here(), t.ledgers_day_there(), t.billing_state()].map(str::to_owned).into();
    let empty = rows.is_empty();
    let sums = t.ledgers_day_sums(param::Here(&price(ours)), param::There(&price(theirs)));
    Ok(Page::new(t.ledgers_day_title(), t.long_date(on)).narrow().back("/staff/billing", t.ledgers_title()).body(view! {
        <Section>
            <SearchForm submit=t.ledgers_day_show()>
                <Field name="on" label=t.billing_day() input=Input::Date value=on.to_string()/>
            </SearchForm>
            {unreachable.then(|| view! { <Notice warn=true><p class="text">{t.ledgers_day_unreachable()}</p></Notice> })}
            {(!unreachable).then(|| view! {
                <p class="text">{sums}</p>
                {(differences > 0).then(|| view! { <Notice warn=true><p class="text">{t.ledgers_day_differences(&differences.to_string())}</p></Notice> })}
                {empty.then(|| view! { <p class="text">{t.ledgers_day_empty()}</p> })}
                {(!empty).then(|| view! { <Table caption=t.ledgers_day_title() head rows/> })}
            })}
        </Section>
        {has_entered.then(|| view! {
            <Section heading=t.ledgers_day_entered()><Table caption=t.ledgers_day_entered() head=entered_head rows=entered/></Section>
        })}
    }))
}
