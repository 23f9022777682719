use leptos::prelude::*;
use uuid::Uuid;

use super::parts::{back, help_lines};
use crate::{
    access::{allow, policy::ViewQuestionnaires},
    base::{error::Error, ids::PatientId},
    desk::questionnaires::store::one,
    features::questionnaires::reading::page_of,
    view::{
        Notice,
        page::{Page, PageRequest},
        sections::{QuietButton, Section},
    },
};

/// What helps at once, after an answer that may mean that somebody wants to harm themselves.
///
/// # Errors
/// `NotFound` for answers of another chart.
pub async fn help(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let visit = request.query("visit").and_then(|id| id.parse().ok());
    let grant = allow::<ViewQuestionnaires>(patient).await?;
    let (t, row) = (grant.texts(), one(&grant, id).await?);
    let sent = (request.query("done").as_deref() == Some("sent")).then(|| t.questionnaires_sent());
    let (href, label) = match visit {
        Some(visit) if sent.is_some() => (format!("/p/{patient}/visits/{visit}/check-in"), t.questionnaires_help_on_check_in()),
        _ if sent.is_some() => (page_of(patient, id, "", visit, ""), t.questionnaires_look()),
        _ => (page_of(patient, id, "", visit, ""), t.questionnaires_help_on()),
    };
    Ok(back(Page::new(t.questionnaires_help_title(), row.title(t)).narrow(), t, patient, visit).body(view! {
        {sent.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section>
            {help_lines(t, true)}
            <QuietButton href label/>
        </Section>
    }))
}
