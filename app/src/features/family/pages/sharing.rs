use leptos::prelude::*;

use super::{
    others::{OpenedCharts, opened_charts},
    who_sees::{WhoSees, who_sees},
};
use crate::{
    access::{
        allow,
        policy::{ManageAccess, UseOwnAccount},
    },
    base::error::Error,
    view::{
        Notice,
        link::Link,
        page::{Page, PageRequest},
        sections::{LinkList, Section},
    },
};

/// Who sees my chart, and whose charts I see.
///
/// # Errors
/// `SignInNeeded`.
pub async fn sharing(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseOwnAccount>(()).await?;
    let t = grant.texts();
    let done = match request.query("done").as_deref() {
        Some("sent") => Some(t.family_done_sent()),
        Some("withdrawn") => Some(t.family_done_withdrawn()),
        Some("changed") => Some(t.family_done_changed()),
        Some("ended") => Some(t.family_done_ended()),
        Some("given-up") => Some(t.family_done_given_up()),
        _ => None,
    };
    let who_sees = match grant.holder()?.own_chart.as_ref().map(|own| own.patient) {
        Some(own) => Some(who_sees(&allow::<ManageAccess>(own).await?).await?),
        None => None,
    };
    let charts = opened_charts(&grant)?;
    let ways = vec![
        (Link::new("/sharing/child", t.family_child()), t.family_child_says().to_owned()),
        (Link::new("/sharing/papers", t.family_papers()), t.family_papers_says().to_owned()),
        (Link::new("/requests", t.requests_title()), t.requests_says().to_owned()),
    ];
    Ok(Page::new(t.family_title(), t.family_lead()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        {who_sees.map(|found| view! { <Section heading=t.family_who_sees()><WhoSees found/></Section> })}
        <Section heading=t.family_i_see()><OpenedCharts charts/></Section>
        <Section heading=t.family_ask()><LinkList links=ways/></Section>
    }))
}
