//! What is shared, and the ways to share.

use leptos::prelude::*;

use super::entries::{self, Entry, EntryView};
use crate::{
    access::{
        allow,
        policy::{ShareRecord, ViewShares},
    },
    base::{error::Error, ids::PatientId},
    features::sharing::{links, shares},
    view::{
        Notice,
        link::Link,
        page::{Page, PageRequest},
        sections::{LinkList, Section},
    },
};

/// What is shared, and the ways to share. Looking is written down as looking; making and ending something have permissions of
/// their own.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn list(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewShares>(patient).await?;
    let (t, base) = (grant.texts(), format!("/p/{patient}/share"));
    let (codes, links) = (shares::list(&grant).await?, links::list(&grant).await?);
    let makers = codes.iter().map(|row| row.account_id).chain(links.iter().map(|row| row.account_id));
    let others = shares::others(&grant, makers).await?;
    let codes = codes.iter().map(|row| entries::code(&grant, row, others.get(&row.account_id)));
    let links = links.iter().map(|row| entries::link(&grant, row, others.get(&row.account_id)));
    let may_share = grant.would_allow::<ShareRecord>(&patient);
    let make = [
        (Link::new(format!("{base}/code"), t.share_code()), t.share_code_says().to_owned()),
        (Link::new(format!("{base}/link"), t.share_link()), t.share_link_says().to_owned()),
    ];
    let log = (Link::new(format!("/p/{patient}/access-log"), t.log_title()), t.share_log_says().to_owned());
    let ways: Vec<_> = make.into_iter().filter(|_| may_share).chain([log]).collect();
    let made: Vec<Entry> = codes.chain(links).collect();
    let page = Page::new(t.share_title(), t.share_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/health"), t.health_title()).body(view! {
        {(!may_share).then(|| view! { <Notice><p class="text">{t.share_needs_consent()}</p></Notice> })}
        <Section><LinkList links=ways/></Section>
        {(!made.is_empty()).then(|| view! {
            <Section heading=t.share_made()>{made.into_iter().map(|entry| view! { <EntryView entry/> }).collect_view()}</Section>
        })}
    }))
}
