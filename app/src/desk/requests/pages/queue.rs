use chrono::NaiveDate;
use leptos::prelude::*;

use crate::{
    access::{Grant, allow, policy},
    base::{clock::local_date, error::Error, i18n::Texts},
    desk::requests::{
        entity::request,
        kind::{RequestKind, RequestKinds},
        store,
    },
    view::{
        Notice,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Item, QuietButton, Section, Tag},
    },
};

/// The queues of one's role.
///
/// # Errors
/// `NotFound` for whoever is no staff.
pub async fn queue(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::SeeQueues>(()).await?;
    let t = grant.texts();
    let role = grant.holder()?.staff.ok_or(Error::NotFound)?;
    let open = request.query("state").as_deref() != Some("answered");
    let kinds = RequestKinds::here()?;
    let kind = request.query("kind").and_then(|key| kinds.of_role(role).find(|kind| kind.key == key));
    let mut queues = vec![Link::new("/staff/queue", t.queue_all())];
    for kind in kinds.of_role(role) {
        let label = format!("{} ({})", (kind.title)(t), store::count(&grant, kind).await?);
        queues.push(Link::new(format!("/staff/queue?kind={}", kind.key), label));
    }
    queues.push(Link::new("/staff/queue?state=answered", t.queue_answered()));
    let rows = store::queue(&grant, kind, open).await?;
    let rows = rows.iter().map(|row| Ok(waiting(&grant, kinds.of(row)?, row, open))).collect::<Result<Vec<_>, Error>>()?;
    let done = match request.query("done").as_deref() {
        Some("answered") => Some(t.queue_done_answered()),
        Some("decided") => Some(t.queue_done_decided()),
        _ => None,
    };
    let heading = kind.map_or(if open { t.queue_all() } else { t.queue_answered() }, |kind| (kind.title)(t));
    Ok(Page::new(t.queue_title(), t.queue_lead()).narrow().body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.queue_queues()><Buttons links=queues/></Section>
        <Section heading>
            {rows.is_empty().then(|| view! { <p class="text">{t.queue_empty()}</p> })}
            {rows.into_iter().map(|Waiting { title, tag, lines, link }| view! {
                <Item title tag=Some(tag) lines><QuietButton href=link.href label=link.label/></Item>
            }).collect_view()}
        </Section>
    }))
}

/// One request in a queue.
struct Waiting {
    title: &'static str,
    tag: Tag,
    lines: Vec<String>,
    link: Link,
}

fn waiting(grant: &Grant<policy::SeeQueues>, kind: &RequestKind, row: &request::Model, open: bool) -> Waiting {
    let (t, today) = (grant.texts(), grant.now().today);
    let age = (today - local_date(row.created_at, &grant.zone())).num_days().max(0);
    let age = if age == 0 { t.queue_today().to_owned() } else { t.queue_age(&age.to_string()) };
    Waiting {
        title: (kind.title)(t),
        tag: if open { due(t, row.due_on, today) } else { (kind.state)(t, row.state) },
        lines: vec![format!("{} · {}", row.number, row.name), age],
        link: Link::new(format!("/staff/requests/{}", row.id), t.queue_open(&row.number)),
    }
}

fn due(t: Texts, on: NaiveDate, today: NaiveDate) -> Tag {
    if on < today { Tag::muted(t.queue_overdue(&t.date(on))) } else { Tag::neutral(t.queue_due(&t.date(on))) }
}
