use std::collections::HashMap;

use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy},
    base::{error::Error, i18n::param},
    desk::requests::{
        api::Withdraw,
        entity::request,
        kind::{RequestKind, RequestKinds},
        store,
    },
    view::{
        Notice,
        document::{Document, Part},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, QuietButton, Section, Tag},
    },
};

/// One request, as whoever asked reads it.
struct OwnRequest {
    title: &'static str,
    tag: Tag,
    lines: Vec<String>,
    /// What was asked and answered; empty for whoever may not read it any more.
    asked: Vec<Part>,
    next: Option<AnyView>,
    /// What takes it back, of one that waits.
    withdraw: Option<Uuid>,
}

/// Everything I have asked, with what came of it.
///
/// # Errors
/// `SignInNeeded`.
pub async fn own(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    let t = grant.texts();
    let rows = store::own(&grant).await?;
    let sent = request.query("sent").and_then(|number| rows.iter().find(|row| row.number == number));
    let sent = sent.map(|row| {
        let words = t.requests_sent_text(param::Due(&t.long_date(row.due_on)), param::Number(&row.number));
        view! { <Notice><h2>{t.requests_sent()}</h2><p class="text">{words}</p></Notice> }
    });
    let withdrawn = (request.query("done").as_deref() == Some("withdrawn"))
        .then(|| view! { <Notice><p class="text">{t.requests_withdrawn_done()}</p></Notice> });
    let kinds = RequestKinds::here()?;
    let mut next = next_steps(&grant, &kinds, &rows).await?;
    let mut requests = Vec::new();
    for row in &rows {
        requests.push(own_request(&grant, kinds.of(row)?, row, next.remove(&row.id))?);
    }
    Ok(Page::new(t.requests_title(), t.requests_lead()).narrow().body(view! {
        {sent}
        {withdrawn}
        <Section>
            {requests.is_empty().then(|| view! { <p class="text">{t.requests_none()}</p> })}
            {requests.into_iter().map(|OwnRequest { title, tag, lines, asked, next, withdraw }| view! {
                <Item title tag=Some(tag) lines>
                    <Document parts=asked/>
                    {next}
                    {withdraw.map(|id| view! {
                        <PostForm action=Withdraw::PATH submit=t.requests_withdraw() quiet=true hidden=vec![("id", id.to_string())]/>
                    })}
                </Item>
            }).collect_view()}
        </Section>
        <Section><QuietButton href="/help/ask" label=t.help_ask()/></Section>
    }))
}

/// What can be done next about each request.
async fn next_steps(
    grant: &Grant<policy::UseOwnAccount>,
    kinds: &RequestKinds,
    rows: &[request::Model],
) -> Result<HashMap<Uuid, AnyView>, Error> {
    let mut found = HashMap::new();
    for (kind, own) in kinds.0.iter().filter_map(|kind| Some((kind, kind.own.as_ref()?))) {
        let rows: Vec<&request::Model> = rows.iter().filter(|row| row.kind == kind.key && (own.may_read)(grant, row)).collect();
        if !rows.is_empty() {
            found.extend((own.next)(grant, &rows).await?);
        }
    }
    Ok(found)
}

fn own_request(
    grant: &Grant<policy::UseOwnAccount>,
    kind: &RequestKind,
    row: &request::Model,
    next: Option<AnyView>,
) -> Result<OwnRequest, Error> {
    let t = grant.texts();
    let mut lines = vec![t.requests_asked(param::At(&t.date_and_time(row.created_at, &grant.zone())), param::Number(&row.number))];
    lines.extend(row.state.is_pending().then(|| t.requests_due(&t.long_date(row.due_on))));
    let readable = kind.own.as_ref().is_none_or(|own| (own.may_read)(grant, row));
    let mut asked = if readable { (kind.describe)(t, row)? } else { Vec::new() };
    if let Some(answer) = row.answer.clone().filter(|answer| readable && !answer.is_empty()) {
        asked.extend([Part::Heading(t.requests_answer().into()), Part::Text(answer)]);
    }
    let withdraw = row.state.is_pending().then_some(row.id);
    Ok(OwnRequest { title: (kind.title)(t), tag: (kind.state)(t, row.state), lines, asked, next, withdraw })
}
