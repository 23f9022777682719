//! The outbox of the demo: what would have been sent.

use leptos::prelude::*;

use super::model::Desks;
use crate::{
    access::{Grant, allow, policy::SeeDemo},
    base::{
        error::Error,
        i18n::{param, texts},
    },
    platform::mail::{entity::outbox_mail, model::State},
    view::{
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Item, Section, Tag},
    },
};

/// The newest letters.
///
/// # Errors
/// `NotFound` on every server that is not the demo's.
pub async fn outbox(_: PageRequest) -> Result<Page, Error> {
    use_context::<Desks>().ok_or(Error::NotFound)?;
    let grant = allow::<SeeDemo>(()).await?;
    let t = grant.texts();
    let letters = super::store::newest(&grant, 50).await?;
    let empty = letters.is_empty();
    let letters = letters.into_iter().map(|letter| letter_section(&grant, letter)).collect_view();
    Ok(Page::new(t.demo_outbox(), t.demo_outbox_lead()).narrow().body(view! {
        {empty.then(|| view! { <Section><p class="text">{t.demo_outbox_empty()}</p></Section> })}
        {letters}
    }))
}

fn letter_section(grant: &Grant<SeeDemo>, letter: outbox_mail::Model) -> impl IntoView + use<> {
    let t = texts();
    let tag = if letter.state == State::Sent { Tag::good(t.demo_outbox_sent()) } else { Tag::neutral(t.demo_outbox_kept()) };
    let to = t.demo_outbox_to(param::At(&t.date_and_time(letter.created_at, &grant.zone())), param::To(&letter.recipient));
    let home = grant.link("");
    let (links, lines): (Vec<&str>, Vec<&str>) = letter.text.lines().partition(|line| line.starts_with(&format!("{home}/")));
    let paragraphs = lines.into_iter().take_while(|line| *line != "--").filter(|line| !line.is_empty() && !line.ends_with(':'));
    let paragraphs = paragraphs.map(|line| view! { <p class="text">{line.to_owned()}</p> }).collect_view();
    let links: Vec<Link> = links.iter().map(|href| Link::new(href.trim_start_matches(&home), t.demo_outbox_follow())).collect();
    view! {
        <Section>
            <Item title=letter.subject tag=Some(tag) lines=vec![to]>
                {paragraphs}
                {(!links.is_empty()).then(|| view! { <Buttons links/> })}
            </Item>
        </Section>
    }
}
