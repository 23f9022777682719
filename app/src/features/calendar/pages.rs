//! The page of one's calendar.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    api,
    feeds::{self, Feed, box_of},
};
use crate::{
    access::{allow, policy},
    base::{error::Error, i18n::texts, ids::PatientId},
    platform::{request::context, secret::Secret},
    view::{
        Notice,
        fields::{Checkbox, FieldGroup},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{KeptNames, Section},
    },
};

/// The address, whose visits it shows, and what of them.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn page(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let done = match request.query("done").as_deref() {
        Some("made") => Some(t.calendar_done_made()),
        Some("kept") => Some(t.calendar_done_kept()),
        Some("renewed") => Some(t.calendar_done_renewed()),
        Some("ended") => Some(t.calendar_done_ended()),
        _ => None,
    };
    let (people, feed) = (feeds::people(&grant)?, feeds::own(&grant, &context::<Secret>()?).await?);
    let read = feed.as_ref().and_then(|feed| feed.row.fetched_at).map(|at| t.calendar_read(&t.date_and_time(at, &grant.zone())));
    let address = feed.as_ref().and_then(|feed| feed.path.as_deref()).map(|path| grant.link(path));
    let none = people.is_empty();
    let has_feed = feed.is_some();
    Ok(Page::new(t.calendar_title(), t.calendar_lead()).narrow().back("/account", t.account_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        {none.then(|| view! { <Section><p class="text">{t.calendar_nobody()}</p></Section> })}
        {has_feed.then(|| view! { <Address address read/> })}
        {(!none).then(|| view! { <Choices people feed/> })}
        {has_feed.then(|| view! {
            <Section heading=t.calendar_end_title()>
                <p class="text">{t.calendar_renew_says()}</p>
                <PostForm action=api::RenewCalendar::PATH submit=t.calendar_renew() quiet=true/>
                <PostForm action=api::EndCalendar::PATH submit=t.calendar_end() quiet=true/>
            </Section>
        })}
    }))
}

/// The address in both spellings: calendar programs open the first one by themselves.
#[component]
fn Address(address: Option<String>, read: Option<String>) -> impl IntoView {
    let t = texts();
    let shown = match address {
        Some(address) => {
            let webcal = address.split_once("://").map(|(_, rest)| format!("webcal://{rest}")).unwrap_or_default();
            view! {
                <div class="acts"><a class="btn" href=webcal rel="external">{t.calendar_subscribe()}</a></div>
                <p class="text">{t.calendar_address_says()}</p>
                <KeptNames><p class="text address" id="calendar-address">{address}</p></KeptNames>
                <p class="meta">{t.calendar_secret()}</p>
            }
            .into_any()
        }
        None => view! { <p class="text">{t.calendar_lost()}</p> }.into_any(),
    };
    view! { <Section heading=t.calendar_address()>{shown}{read.map(|words| view! { <p class="meta">{words}</p> })}</Section> }
}

#[component]
fn Choices(people: Vec<(PatientId, String)>, feed: Option<Feed>) -> impl IntoView {
    let t = texts();
    let submit = if feed.is_some() { t.family_save() } else { t.calendar_make() };
    let (details, names) = feed.as_ref().map_or((false, people.len() > 1), |feed| (feed.row.details, feed.row.names));
    let chosen = feed.map(|feed| feed.people);
    view! {
        <Section heading=t.calendar_what()>
            <PostForm action=api::KeepCalendar::PATH submit>
                <FieldGroup label=t.calendar_whose()/>
                <p class="hint">{t.calendar_only_seen()}</p>
                {people.into_iter().map(|(patient, name)| {
                    let checked = chosen.as_ref().is_none_or(|chosen| chosen.contains(&patient.0));
                    view! { <Checkbox name=box_of(patient) id=format!("person-{patient}") label=name checked/> }
                }).collect_view()}
                <FieldGroup label=t.calendar_how()/>
                <Checkbox name="names" label=t.calendar_names() checked=names hint=t.calendar_names_says()/>
                <Checkbox name="details" label=t.calendar_details() checked=details hint=t.calendar_details_says()/>
            </PostForm>
        </Section>
    }
}
