use leptos::prelude::*;

use crate::{
    access::{
        allow,
        policy::{BookVisits, ReadMessages, ViewVisits},
    },
    base::{
        clock::local_date,
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::scheduling::{
        holding::{HOLD, ask_own_hold},
        kinds::{ask_kinds_for, name, says},
        requests::ask_of_chart,
        words::{about_kind, request_state},
    },
    platform::batch::Batch,
    view::link::Link,
    view::{
        Notice,
        page::{Page, PageRequest},
        sections::{Buttons, Item, MainButton, QuietButton, Section, Tag},
    },
};

/// What a visit can be for: first what cannot wait, then what was begun, ordered or asked for, then the kinds.
///
/// # Errors
/// What the policy refuses.
pub async fn kinds(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<BookVisits>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let mut batch = Batch::default();
    let (found, held) = (ask_kinds_for(&mut batch, &grant), ask_own_hold(&mut batch, grant.holder()?.account.0, patient.0));
    let requests = ask_of_chart(&mut batch, &allow::<ViewVisits>(patient).await?);
    let mut answers = batch.read(grant.db()).await?;
    let (found, held, requests) = (found(&mut answers)?, held(&mut answers)?, requests(&mut answers)?);
    let given = grant.person()?.given_name.clone();
    let base = format!("/p/{patient}/visits");
    let title_of =
        |id: Option<uuid::Uuid>| found.iter().find(|found| Some(found.kind.id) == id).map(|found| name(t, &found.kind).to_owned());
    let under_way = held.filter(|held| held.until > now - HOLD).map(|held| {
        let at = t.date_and_time(held.starts_at, &zone);
        let title = title_of(Some(held.kind_id)).unwrap_or_default();
        (t.appointments_go_on(param::At(&at), param::Title(&title)), format!("{base}/hold/{}", held.id))
    });
    let open: Vec<_> = requests
        .iter()
        .filter(|request| request.state.is_open())
        .map(|request| {
            let title = title_of(request.kind_id).unwrap_or_else(|| t.appointments_request_title().to_owned());
            let due = t.appointments_answer_by(&t.date_and_time(request.due_at, &zone));
            (title, request_state(t, request, now), vec![due], format!("{base}/requests/{}", request.id))
        })
        .collect();
    let orders: Vec<_> = found
        .iter()
        .flat_map(|found| found.orders.iter().map(move |order| (found, order)))
        .map(|(found, order)| {
            let due = order.due.map(|at| {
                let day = t.date(local_date(at, &zone));
                if at < now { t.appointments_order_was_due(&day) } else { t.appointments_order_by(&day) }
            });
            let lines: Vec<String> = due.into_iter().chain([about_kind(t, &found.kind)]).collect();
            (order.title.clone(), lines, format!("{base}/book/{}?order={}", found.kind.id, order.id))
        })
        .collect();
    let kinds: Vec<_> = found
        .iter()
        .map(|found| {
            let direct = !found.direct().is_empty();
            let lines = vec![says(t, &found.kind).to_owned(), about_kind(t, &found.kind)];
            (name(t, &found.kind).to_owned(), direct, lines, format!("{base}/book/{}", found.kind.id))
        })
        .collect();
    let phone = found.iter().flat_map(|found| &found.offered).find_map(|offered| offered.department.phone.clone());
    let writes = grant
        .would_allow::<ReadMessages>(&patient)
        .then(|| Link::new(format!("/p/{patient}/messages/new?topic=question"), t.messages_write()));
    let (has_open, has_orders, none) = (!open.is_empty(), !orders.is_empty(), kinds.is_empty());
    Ok(Page::new(t.appointments_book_title(), t.appointments_book_lead(&given)).narrow().back(base, t.visits_title()).body(view! {
        {under_way.map(|(words, href)| view! {
            <Notice><p class="text">{words}</p><MainButton href label=t.appointments_continue()/></Notice>
        })}
        <Notice warn=true>
            <p class="text"><strong>{t.appointments_emergency()}</strong></p>
            <p class="text">{phone.map_or_else(|| t.appointments_unsure().to_owned(), |phone| t.appointments_unsure_call(&phone))}</p>
            {writes.map(|link| view! { <p class="text">{t.appointments_or_write()}</p><Buttons links=vec![link]/> })}
        </Notice>
        {has_open.then(|| view! {
            <Section heading=t.appointments_open_requests()>
                {open.into_iter().map(|(title, tag, lines, href)| {
                    let words = t.messages_open(&title);
                    view! { <Item title tag=Some(tag) lines><QuietButton href label=words/></Item> }
                }).collect_view()}
            </Section>
        })}
        {has_orders.then(|| view! {
            <Section heading=t.appointments_ordered()>
                <p class="text">{t.appointments_ordered_says()}</p>
                {orders.into_iter().map(|(title, lines, href)| {
                    let words = t.appointments_book_this(&title);
                    view! { <Item title tag=Some(Tag::warning(t.appointments_to_book())) lines><MainButton href label=words/></Item> }
                }).collect_view()}
            </Section>
        })}
        <Section heading=t.appointments_what_for()>
            {none.then(|| view! { <p class="text">{t.appointments_no_kinds()}</p> })}
            <Kinds kinds/>
        </Section>
    }))
}

#[component]
fn Kinds(kinds: Vec<(String, bool, Vec<String>, String)>) -> impl IntoView {
    let t = texts();
    let items = kinds.into_iter().map(|(title, direct, lines, href)| {
        let words = if direct { t.appointments_see_times(&title) } else { t.appointments_ask_for(&title) };
        view! { <Item title lines><QuietButton href label=words/></Item> }
    });
    items.collect_view()
}
