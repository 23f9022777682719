use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{clock::local_date, error::Error, i18n::param, money::price},
    desk::billing::{estimates::owed, model::AttemptState, staff::find, staff_changes::proposals, staff_lists::to_do, words::entry},
    features::ledgers::api,
    view::{
        Notice,
        fields::{Field, Input},
        form::{PostForm, SearchForm},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Item, LinkList, QuietButton, Section, Tag},
    },
};

/// Finding an account, what waits for a second person, and what to look at.
///
/// # Errors
/// What the policy refuses.
pub async fn office(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<KeepLedgers>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let typed = request.query("find").unwrap_or_default();
    let found: Vec<(Link, String)> = find(&grant, &typed)
        .await?
        .into_iter()
        .map(|row| {
            let name = format!("{} {}", row.given_name, row.family_name);
            let says = row.birth_date.map(|day| t.ledgers_born(param::Day(&t.date(day)), param::Number(&row.number)));
            (Link::new(format!("/staff/billing/accounts/{}", row.id), name), says.unwrap_or_else(|| row.number.clone()))
        })
        .collect();
    let own = grant.holder()?.account.0;
    let waiting: Vec<_> = proposals(&grant)
        .await?
        .into_iter()
        .map(|(row, bill)| {
            let title = t.ledgers_proposed(param::Amount(&price(row.cents)), param::Number(&bill.number), param::What(entry(t, row.kind)));
            let lines = vec![t.ledgers_by_on(param::By(&row.by), param::Day(&t.date(local_date(row.at, &zone)))), row.words.clone()];
            (row.id, title, lines, row.account_id != own, format!("/staff/billing/bills/{}", bill.id))
        })
        .collect();
    let today = grant.now().today;
    let owed: Vec<_> = owed(&grant)
        .await?
        .into_iter()
        .map(|owed| {
            let when = owed.visit.starts_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
            let due = t.ledgers_estimate_due(&t.date(owed.due_on));
            let tag = if owed.due_on < today { Tag::warning(due) } else { Tag::neutral(due) };
            (owed.name, tag, vec![owed.visit.title, when], format!("/staff/billing/visits/{}/estimate", owed.visit.id))
        })
        .collect();
    let todo = to_do(&grant).await?;
    let mut look: Vec<(Link, String)> = Vec::new();
    for row in &todo.raised {
        look.push((
            Link::new(
                format!("/staff/billing/accounts/{}", row.guarantor_id),
                if row.state == AttemptState::Processing {
                    t.ledgers_slow_debit(&price(row.cents))
                } else {
                    t.ledgers_raised(&price(row.cents))
                },
            ),
            row.receipt.clone(),
        ));
    }
    for row in &todo.taken_back {
        look.push((
            Link::new(format!("/staff/billing/bills/{}", row.bill_id), t.ledgers_taken_back(&price(row.cents))),
            t.date(local_date(row.made_at, &zone)),
        ));
    }
    for row in &todo.failed {
        let day = row.ended_at.map(|at| t.date(local_date(at, &zone))).unwrap_or_default();
        look.push((
            Link::new(format!("/staff/billing/accounts/{}", row.guarantor_id), t.ledgers_plan_failed(&price(row.monthly_cents))),
            day,
        ));
    }
    for row in &todo.checking {
        look.push((Link::new(format!("/staff/billing/bills/{}", row.id), t.ledgers_checking(&row.number)), t.date(row.issued_on)));
    }
    for row in &todo.credits {
        look.push((Link::new(format!("/staff/billing/bills/{}", row.id), t.ledgers_credit(&row.number)), price(-row.balance_cents)));
    }
    let (searched, none, has_waiting, nothing) = (!typed.trim().is_empty(), found.is_empty(), !waiting.is_empty(), look.is_empty());
    let has_owed = !owed.is_empty();
    let done = match request.query("done").as_deref() {
        Some("decided") => Some(t.ledgers_done_decided()),
        Some("estimated") => Some(t.ledgers_done_estimated()),
        _ => None,
    };
    let links = vec![Link::new("/staff/billing/day", t.ledgers_day_title()), Link::new("/staff/queue", t.queue_title())];
    Ok(Page::new(t.ledgers_title(), t.ledgers_lead()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.ledgers_find_title()>
            <SearchForm submit=t.ledgers_find()>
                <Field name="find" label=t.ledgers_find_label() hint=t.ledgers_find_hint() input=Input::Search value=typed/>
            </SearchForm>
            {(searched && none).then(|| view! { <p class="text">{t.ledgers_none()}</p> })}
            <LinkList links=found/>
            <Buttons links/>
        </Section>
        {has_waiting.then(|| view! {
            <Section heading=t.ledgers_waiting()>
                {waiting.into_iter().map(|(id, title, lines, may, href)| {
                    let hidden = move |accepted: &str| vec![("id", id.to_string()), ("accepted", accepted.to_owned())];
                    view! {
                        <Item title lines>
                            <QuietButton href label=t.ledgers_see_bill()/>
                            {(!may).then(|| view! { <p class="meta">{t.ledgers_own_proposal()}</p> })}
                            {may.then(|| view! {
                                <PostForm action=api::Decide::PATH submit=t.ledgers_accept() hidden=hidden("true")/>
                                <PostForm action=api::Decide::PATH submit=t.ledgers_refuse() quiet=true hidden=hidden("false")/>
                            })}
                        </Item>
                    }
                }).collect_view()}
            </Section>
        })}
        {has_owed.then(|| view! {
            <Section heading=t.ledgers_estimates_owed()>
                <p class="text">{t.ledgers_estimates_owed_says()}</p>
                {owed.into_iter().map(|(title, tag, lines, href)| view! {
                    <Item title tag=Some(tag) lines><QuietButton href label=t.ledgers_write_estimate()/></Item>
                }).collect_view()}
            </Section>
        })}
        <Section heading=t.ledgers_look_title()>
            {nothing.then(|| view! { <p class="text">{t.ledgers_nothing()}</p> })}
            <LinkList links=look/>
        </Section>
    }))
}
