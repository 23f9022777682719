use leptos::prelude::*;
use uuid::Uuid;

use super::words::{state, topic};
use crate::{
    access::{
        allow,
        policy::{ReadMessages, WriteMessages},
    },
    base::{error::Error, ids::PatientId},
    features::messages::{drafts, model::Side, recipients, store},
    platform::batch::Batch,
    view::{
        fields::{Field, Input, Select},
        form::SearchForm,
        page::{MOST_PAGES, Page, PageRequest},
        sections::{Item, LivePart, LiveStatus, MainButton, QuietButton, Section, Tag},
    },
};

/// The threads about a patient, the newest first.
///
/// # Errors
/// `NotFound` or `AccessEnded` when the messages of this chart are not open to the caller.
pub async fn list(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ReadMessages>(patient).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let words = request.query("q").unwrap_or_default();
    let sent = request.query("view").as_deref() == Some("sent");
    let number: u64 = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, MOST_PAGES);
    let (threads, more) = store::threads(&grant, &words, sent, number).await?;
    let may_write = grant.would_allow::<WriteMessages>(&patient);
    let mut batch = Batch::default();
    let unread = store::ask_unread(&mut batch, grant.holder()?.account.0, Side::is_staff, &threads);
    let names = recipients::ask_names(&mut batch, &threads);
    let drafts = if may_write { Some(drafts::ask_threads(&mut batch, &grant)?) } else { None };
    let mut answers = batch.read(grant.db()).await?;
    let (unread, names) = (unread(&mut answers)?, names(&mut answers)?);
    let drafts = drafts.map(|drafts| drafts(&mut answers)).transpose()?.unwrap_or_default();
    let begun = drafts.iter().any(Uuid::is_nil);
    let none = threads.is_empty();
    let nothing = if words.is_empty() { t.messages_none() } else { t.messages_none_found() };
    let threads: Vec<_> = threads
        .into_iter()
        .zip(names)
        .map(|(thread, name)| {
            let overdue = thread.due_at.is_some_and(|due| due < now);
            let tag = if unread.contains(&thread.id) { Tag::warning(t.messages_new_answer()) } else { state(t, &thread, overdue) };
            let draft = drafts.contains(&thread.id).then(|| t.messages_has_draft().to_owned());
            let lines = vec![format!("{} · {name}", topic(t, thread.topic)), t.messages_last(&t.date_and_time(thread.last_at, &zone))]
                .into_iter()
                .chain(draft)
                .collect();
            let href = format!("/p/{patient}/messages/{}", thread.id);
            (thread.subject, tag, lines, href)
        })
        .collect();
    let to = |page: u64| {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &words)
            .append_pair("view", if sent { "sent" } else { "" })
            .append_pair("page", &page.to_string())
            .finish();
        format!("/p/{patient}/messages?{query}")
    };
    let (before, after) = ((number > 1).then(|| to(if none { 1 } else { number - 1 })), more.then(|| to(number + 1)));
    let views = vec![(String::new(), t.messages_view_all().to_owned()), ("sent".to_owned(), t.messages_view_sent().to_owned())];
    let write = may_write.then(|| format!("/p/{patient}/messages/new"));

    Ok(Page::new(t.messages_title(), t.messages_lead()).narrow().body(view! {
        <Section>
            {write.map(|href| view! { <MainButton href label=t.messages_write()/> })}
            {begun.then(|| view! { <p class="text"><a href=format!("/p/{patient}/messages/new")>{t.messages_begun()}</a></p> })}
            <SearchForm submit=t.messages_find() quiet=true>
                <Select name="view" label=t.messages_shelf() choices=views value=if sent { "sent" } else { "" } optional=true/>
                <Field name="q" label=t.messages_query() input=Input::Search value=words optional=true/>
            </SearchForm>
        </Section>
        <LiveStatus made_at=t.messages_as_of(&t.date_and_time(now, &zone))/>
        <LivePart id="threads"><Section heading=t.messages_threads()>
            {none.then(|| view! { <p class="text">{nothing}</p> })}
            {threads.into_iter().map(|(title, tag, lines, href)| {
                let label = t.messages_open(&title);
                view! { <Item title tag=Some(tag) lines><QuietButton href label/></Item> }
            }).collect_view()}
            {before.map(|href| view! { <QuietButton href label=t.messages_newer()/> })}
            {after.map(|href| view! { <QuietButton href label=t.messages_older()/> })}
        </Section></LivePart>
    }))
}
