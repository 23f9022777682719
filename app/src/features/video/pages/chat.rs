use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{allow, policy::ViewSummaries},
    base::{error::Error, ids::PatientId},
    desk::video::chat::kept,
    view::{
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// What was written in a visit by video, where everybody agreed to keep it.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart, or where nothing was kept.
pub async fn chat(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewSummaries>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let lines: Vec<(String, String)> = kept(&grant, id).await?.into_iter().map(|line| (line.about(t, &zone), line.words)).collect();
    Ok(Page::new(t.video_chat_title(), String::new()).narrow().back(format!("/p/{patient}/visits/{id}"), t.appointments_the_visit()).body(view! {
        <Section>
            <ol class="stack">
                {lines.into_iter().map(|(who, words)| view! { <li><p class="meta">{who}</p><p class="text">{words}</p></li> }).collect_view()}
            </ol>
        </Section>
    }))
}
