use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::UseVisitLink},
    base::error::Error,
    features::appointments::{
        api,
        links::{self, Answered},
    },
    view::{
        Notice,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{MainButton, Section},
    },
};

/// Confirms or cancels one visit by the link of a letter: when it is, and nothing else.
///
/// # Errors
/// When the database fails.
pub async fn link(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseVisitLink>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let token = request.text(0).to_owned();
    let found = links::read(&grant, &token).await?;
    let said = match &found {
        None => Some(t.appointments_link_over()),
        Some(found) if found.answered == Some(Answered::Confirmed) => Some(t.appointments_link_confirmed()),
        Some(found) if found.answered == Some(Answered::Cancelled) => Some(t.appointments_link_cancelled()),
        Some(_) => None,
    };
    let when =
        found.as_ref().map(|found| format!("{} · {}", found.given_name, t.date_and_time(found.starts_at, &zone))).unwrap_or_default();
    let (confirm, cancel) = found.map_or((false, false), |found| (found.may_confirm, found.may_cancel));
    let hidden = move |act: &str| vec![("token", token.clone()), ("act", act.to_owned())];
    Ok(Page::new(t.appointments_link_title(), when).narrow().body(view! {
        {said.map(|words| view! { <Section><Notice><p class="text">{words}</p></Notice></Section> })}
        {(confirm || cancel).then(|| view! {
            <Section>
                <p class="text">{t.appointments_link_says()}</p>
                {confirm.then(|| view! { <PostForm action=api::UseLink::PATH submit=t.appointments_link_confirm() hidden=hidden("confirm")/> })}
                {cancel.then(|| view! { <PostForm action=api::UseLink::PATH submit=t.appointments_link_cancel() quiet=true hidden=hidden("cancel")/> })}
            </Section>
        })}
        <Section><p class="text">{t.appointments_link_more()}</p><MainButton href="/home" label=t.appointments_link_sign_in()/></Section>
    }))
}
