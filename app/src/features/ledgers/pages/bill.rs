use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::KeepLedgers},
    base::{
        clock::local_date,
        error::Error,
        i18n::{param, texts},
        ids::new_id,
        money::price,
    },
    desk::billing::{
        entity::{bill as bill_entity, payment_attempt},
        estimates,
        model::AttemptState,
        payer::due,
        plans, refunds, staff,
        staff_changes::proposals_of,
        staff_moves::account_numbered,
        till::Till,
        words::{bill_tag, entry, problem},
    },
    features::ledgers::api,
    people::patient,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Radios},
        form::{PostForm, SearchForm},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Section, Table, Tag},
    },
};

/// A bill with every entry, and what the office can do with it.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn bill(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::EntityTrait;
    let id: Uuid = request.id(0)?;
    let grant = allow::<KeepLedgers>(()).await?;
    let (t, zone, today) = (grant.texts(), grant.zone(), grant.now().today);
    let (found, entries) = staff::bill_of(&grant, id).await?;
    let person = patient::Entity::find_by_id(found.patient_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|row| {
            let who = row.by.clone().unwrap_or_else(|| t.ledgers_from_record().to_owned());
            vec![
                t.date(local_date(row.at, &zone)),
                entry(t, row.kind).to_owned(),
                price(row.cents),
                who,
                row.words.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let head = [t.billing_day(), t.billing_entry(), t.billing_amount(), t.ledgers_by(), t.ledgers_words()].map(str::to_owned).into();
    let mut paid: Vec<(Uuid, String, i64)> = Vec::new();
    for attempt in entries.iter().filter_map(|row| row.attempt_id) {
        let left = refunds::left(grant.db(), attempt, id).await?;
        let row = payment_attempt::Entity::find_by_id(attempt).one(grant.db()).await?;
        if let Some(row) = row.filter(|row| left > 0 && row.state == AttemptState::Paid && paid.iter().all(|(known, ..)| *known != attempt))
        {
            paid.push((attempt, row.receipt, left));
        }
    }
    let estimate = estimates::of_visit(grant.db(), &found).await?.map(|estimate| price(estimate.total_cents));
    let facts = Part::facts([
        (t.billing_whom(), Some(format!("{} {}", person.given_name, person.family_name))),
        (t.billing_service(), found.title.clone()),
        (t.billing_service_day(), found.service_on.map(|day| t.date(day))),
        (t.billing_issued(), Some(t.date(found.issued_on))),
        (t.billing_due_day(), Some(t.date(found.due_on))),
        (t.billing_sum_left(), Some(price(found.balance_cents - found.pending_cents))),
        (t.billing_sum_on_its_way(), (found.pending_cents > 0).then(|| price(found.pending_cents))),
        (t.billing_estimate(), estimate),
    ]);
    let done = match request.query("done").as_deref() {
        Some("entered") => Some(t.ledgers_done_entered()),
        Some("proposed") => Some(t.ledgers_done_proposed()),
        Some("refunded") => Some(t.ledgers_done_refunded()),
        Some("moved") => Some(t.ledgers_done_moved()),
        Some("estimated") => Some(t.ledgers_done_estimated()),
        _ => None,
    };
    let why = found.problem.as_deref().map(|key| problem(t, key));
    let back = found.guarantor_id.map_or_else(|| "/staff/billing".to_owned(), |id| format!("/staff/billing/accounts/{id}"));
    let takes = Till::of(&grant)?.processor.is_there();
    let in_plan = due(&found) > 0 && plans::of_bill(grant.db(), id).await?.is_some();
    let tag = if in_plan { Tag::good(t.billing_tag_plan()) } else { bill_tag(t, &found, today) };
    let estimate_page = (due(&found) > 0).then(|| Link::new(format!("/staff/billing/bills/{id}/estimate"), t.ledgers_write_estimate()));
    let waiting: Vec<String> = proposals_of(&grant, id)
        .await?
        .iter()
        .map(|row| {
            let title = t.ledgers_proposed(param::Amount(&price(row.cents)), param::Number(&found.number), param::What(entry(t, row.kind)));
            format!("{title} {}", t.ledgers_waits_for_second())
        })
        .collect();
    let typed = request.query("to").unwrap_or_default();
    let other = account_numbered(&grant, &typed).await?.filter(|other| Some(other.id) != found.guarantor_id);
    let move_to = MoveTo {
        unknown: !typed.trim().is_empty() && other.is_none(),
        to: other.map(|other| {
            (
                other.number.clone(),
                t.ledgers_move_whose(param::Name(&format!("{} {}", other.given_name, other.family_name)), param::Number(&other.number)),
            )
        }),
        typed,
    };
    let number = t.billing_bill_no(&found.number);
    Ok(Page::new(number, found.title.clone().unwrap_or_default()).back(back, t.ledgers_account()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.billing_bill()>
            <div>{tag.draw()}</div>
            {why.map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> })}
            <Document parts=vec![facts]/>
            {waiting.into_iter().map(|words| view! { <Notice><p class="text">{words}</p></Notice> }).collect_view()}
            <Buttons links=estimate_page.into_iter().collect()/>
        </Section>
        <Section heading=t.billing_every_entry()><Table caption=t.billing_every_entry() head rows/></Section>
        <Section heading=t.ledgers_acts()><Acts found paid takes move_to in_plan/></Section>
    }))
}

/// To which account a bill may be moved: its number, and whose it is, once somebody has looked.
struct MoveTo {
    typed: String,
    unknown: bool,
    to: Option<(String, String)>,
}

/// What the office does with a bill.
#[component]
fn Acts(found: bill_entity::Model, paid: Vec<(Uuid, String, i64)>, takes: bool, move_to: MoveTo, in_plan: bool) -> impl IntoView {
    let t = texts();
    let id = found.id;
    let hidden = move || vec![("bill", id.to_string())];
    // A form that is sent twice counts once.
    let once = move || vec![("bill", id.to_string()), ("once", new_id().to_string())];
    let left = due(&found);
    let ways = [("write_off", t.ledgers_write_off()), ("down", t.ledgers_down()), ("up", t.ledgers_up())];
    let ways = ways.map(|(value, words)| (value.to_owned(), words.to_owned(), String::new())).into();
    view! {
        {(left > 0).then(|| view! {
            <Disclosure summary=t.ledgers_record_payment()>
                <PostForm action=api::RecordPayment::PATH submit=t.ledgers_enter() quiet=true hidden=once()>
                    <Field name="amount" label=t.billing_amount() id="amount-payment"/>
                    <Field name="words" label=t.ledgers_how_it_came() hint=t.ledgers_how_it_came_hint() id="words-payment"/>
                </PostForm>
            </Disclosure>
            <Disclosure summary=t.ledgers_letter_title()>
                {in_plan.then(|| view! { <Notice warn=true><p class="text">{t.ledgers_letter_in_plan()}</p></Notice> })}
                <p class="text">{t.ledgers_letter_says()}</p>
                <PostForm action=api::MakeLetter::PATH submit=t.ledgers_make_letter() quiet=true hidden=hidden()/>
            </Disclosure>
        })}
        <Disclosure summary=t.ledgers_change()>
            <p class="text">{t.ledgers_change_says()}</p>
            <PostForm action=api::Adjust::PATH submit=t.ledgers_enter() quiet=true hidden=once()>
                <Radios name="how" label=t.ledgers_how() choices=ways/>
                <Field name="amount" label=t.billing_amount() id="amount-change"/>
                <Field name="words" label=t.ledgers_reason() id="words-change"/>
            </PostForm>
        </Disclosure>
        {paid.into_iter().filter(|_| takes).map(|(attempt, receipt, left)| {
            let hidden = [once(), vec![("attempt", attempt.to_string())]].concat();
            view! {
                <Disclosure summary=t.ledgers_refund(&receipt)>
                    <PostForm action=api::Refund::PATH submit=t.ledgers_send_back() quiet=true hidden>
                        <Field name="amount" label=t.billing_amount() hint=t.ledgers_at_most(&price(left)) id=format!("amount-{attempt}")/>
                        <Field name="words" label=t.ledgers_reason() id=format!("words-{attempt}")/>
                    </PostForm>
                </Disclosure>
            }
        }).collect_view()}
        {(left > 0).then(|| view! {
            <Disclosure summary=t.ledgers_move_title() open=!move_to.typed.is_empty()>
                <SearchForm submit=t.ledgers_move_look()>
                    <Field name="to" label=t.ledgers_move_to() value=move_to.typed.clone()/>
                </SearchForm>
                {move_to.unknown.then(|| view! { <Notice warn=true><p class="text">{t.ledgers_why_no_account()}</p></Notice> })}
                {move_to.to.map(|(number, whose)| view! {
                    <p class="text">{whose}</p>
                    <PostForm action=api::Transfer::PATH submit=t.ledgers_move() quiet=true hidden=[hidden(), vec![("to", number)]].concat()>
                        <Field name="words" label=t.ledgers_reason() id="words-move"/>
                    </PostForm>
                })}
            </Disclosure>
        })}
    }
}
