use chrono::NaiveDate;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{Grant, allow, policy},
    base::{
        error::Error,
        i18n::{Texts, texts},
    },
    desk::requests::{
        api::AskHelp,
        help::{BEFORE_SIGN_IN, KIND, TOPICS, topic_in_words},
    },
    platform::request as web,
    view::{
        Notice,
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{LargeCode, MainButton, Section},
    },
};

/// The form for technical help.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn ask(_: PageRequest) -> Result<Page, Error> {
    Ok(form(&allow::<policy::AskForHelp>(()).await?))
}

fn form(grant: &Grant<policy::AskForHelp>) -> Page {
    let (t, anonymous) = (grant.texts(), grant.holder().is_err());
    let due = KIND.due.on(grant.now().today);
    Page::new(t.help_ask(), t.help_ask_lead(&t.long_date(due))).narrow().back("/help", t.help_title()).body(view! {
        <Notice warn=true>
            <p class="text">{t.frame_emergency()}</p>
            <p class="text">{t.help_office_text()}</p>
        </Notice>
        <Section><HelpForm anonymous/></Section>
    })
}

#[component]
fn HelpForm(
    /// Nobody is signed in.
    anonymous: bool,
) -> impl IntoView {
    let t = texts();
    // Whoever is signed in has no trouble with it.
    let topics = TOPICS.iter().filter(|topic| anonymous || !BEFORE_SIGN_IN.contains(topic));
    let topics = topics.map(|topic| ((*topic).to_owned(), topic_in_words(t, topic).to_owned()));
    let topics = std::iter::once((String::new(), t.help_topic_choose().to_owned())).chain(topics).collect();
    let who = move || {
        view! {
            <Field name="name" label=t.family_your_name() autocomplete="name"/>
            <Field name="email" label=t.signup_email() input=Input::Email hint=t.help_email_hint() autocomplete="email"/>
        }
    };
    view! {
        <PostForm action=AskHelp::PATH submit=t.help_send()>
            {anonymous.then(who)}
            <Select name="topic" label=t.help_topic() choices=topics/>
            <Field name="text" label=t.help_text() input=Input::Area hint=t.help_text_hint()/>
        </PostForm>
    }
}

/// After asking: the number, and the day of the answer.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn asked(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::AskForHelp>(()).await?;
    let Some((number, due)) = web::shown_once(KIND.key).and_then(|told| number_and_due(&told)) else { return Ok(form(&grant)) };
    let t: Texts = grant.texts();
    let (href, label) = if grant.holder().is_ok() { ("/requests", t.requests_title()) } else { ("/sign-in", t.sign_in_title()) };
    Ok(Page::new(t.help_asked_title(), t.help_asked_lead()).narrow().body(view! {
        <Section>
            <LargeCode label=t.queue_number() text=number/>
            <p class="text">{t.help_asked_due(&t.long_date(due))}</p>
            <MainButton href label/>
        </Section>
    }))
}

/// As `requests/ask-help` hands them over.
fn number_and_due(told: &str) -> Option<(String, NaiveDate)> {
    let (number, due) = told.split_once('|')?;
    Some((number.to_owned(), due.parse().ok()?))
}
