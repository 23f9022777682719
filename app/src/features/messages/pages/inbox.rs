use leptos::prelude::*;

use super::words::{state, topic};
use crate::{
    access::{allow, policy::SeeInbox},
    base::error::Error,
    desk::office::store::offices,
    features::messages::{
        inbox::{self, Shelf, Waiting},
        recipients,
    },
    view::{
        fields::{Field, Input, Select},
        form::SearchForm,
        link::Link,
        page::{MOST_PAGES, Page, PageRequest},
        sections::{Buttons, Item, LivePart, LiveStatus, QuietButton, Section, Tag},
    },
};

/// What patients wrote to the departments of whoever looks, what is due first.
///
/// # Errors
/// `NotFound` for whoever answers no messages.
pub async fn inbox(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<SeeInbox>(()).await?;
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let words = request.query("q").unwrap_or_default();
    let asked = request.query("shelf").unwrap_or_default();
    let offices = offices(&grant).await?;
    // What is overdue is a supervisor's first of all.
    let usual = if offices.iter().any(|office| office.supervisor) { Shelf::Overdue } else { Shelf::Pool };
    let shelf = Shelf::ALL.into_iter().find(|(_, name)| *name == asked).map_or(usual, |(shelf, _)| shelf);
    let number: u64 = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, MOST_PAGES);
    let (found, more) = inbox::shelf(&grant, shelf, &words, number).await?;
    let threads: Vec<_> = found.iter().map(|waiting| waiting.thread.clone()).collect();
    let names = recipients::names(grant.db(), &threads).await?;
    let no_office = offices.is_empty();
    let to = |page: u64| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("shelf", &asked).append_pair("q", &words).append_pair("page", &page.to_string());
        format!("/staff/messages?{}", query.finish())
    };
    let none = found.is_empty();
    let (before, after) = ((number > 1).then(|| to(if none { 1 } else { number - 1 })), more.then(|| to(number + 1)));
    let items: Vec<_> = found
        .into_iter()
        .zip(names)
        .map(|(Waiting { thread, patient, unread }, name)| {
            let overdue = thread.due_at.is_some_and(|due| due < now);
            let due = thread.due_at.map(|due| t.messages_due(&t.date_and_time(due, &zone)));
            let urged = thread.urged_at.map(|_| t.messages_urged().to_owned());
            let lines: Vec<String> = [Some(format!("{} · {name}", topic(t, thread.topic))), due, urged].into_iter().flatten().collect();
            let title = format!("{} {}: {}", patient.given_name, patient.family_name, thread.subject);
            let tag: Tag = if unread && !overdue { Tag::good(t.messages_unread()) } else { state(t, &thread, overdue) };
            (title, tag, lines, format!("/staff/messages/{}", thread.id))
        })
        .collect();
    let shelves = Shelf::ALL.map(|(shelf, name)| (name.to_owned(), label(t, shelf).to_owned())).into();
    let here = Shelf::ALL.into_iter().find(|(found, _)| *found == shelf).map_or("pool", |(_, name)| name);
    Ok(Page::new(t.messages_title(), t.messages_inbox_lead()).narrow().body(view! {
        {no_office.then(|| view! { <Section><p class="text">{t.messages_no_office()}</p></Section> })}
        <Section>
            <SearchForm submit=t.messages_show()>
                <Select name="shelf" label=t.messages_shelf() choices=shelves value=here/>
                <Field name="q" label=t.messages_inbox_query() input=Input::Search value=words.clone() optional=true/>
            </SearchForm>
        </Section>
        <Buttons links=vec![Link::new("/staff/messages/new", t.messages_staff_write()), Link::new("/staff/office", t.offices_title())]/>
        <LiveStatus made_at=t.messages_as_of(&t.date_and_time(now, &zone))/>
        <LivePart id="threads"><Section heading=label(t, shelf)>
            {none.then(|| view! { <p class="text">{t.messages_inbox_none()}</p> })}
            {items.into_iter().map(|(title, tag, lines, href)| {
                let words = t.messages_open(&title);
                view! { <Item title tag=Some(tag) lines><QuietButton href label=words/></Item> }
            }).collect_view()}
            {before.map(|href| view! { <QuietButton href label=t.messages_page_before()/> })}
            {after.map(|href| view! { <QuietButton href label=t.messages_page_after()/> })}
        </Section></LivePart>
    }))
}

fn label(t: crate::base::i18n::Texts, shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Mine => t.messages_shelf_mine(),
        Shelf::Pool => t.messages_shelf_pool(),
        Shelf::Overdue => t.messages_shelf_overdue(),
        Shelf::All => t.messages_shelf_all(),
    }
}
