use leptos::prelude::*;

use crate::{
    access::{
        allow,
        policy::{AnswerQuestionnaires, ViewQuestionnaires},
    },
    base::{error::Error, ids::PatientId},
    desk::questionnaires::{model::State, store::of_chart},
    features::questionnaires::in_words::when_and_who,
    view::{
        page::{Page, PageRequest},
        sections::{Item, MainButton, QuietButton, Section, Tag},
    },
};

/// The questionnaires of a chart: to be filled in, and answered.
///
/// # Errors
/// As the policy decides.
pub async fn list(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewQuestionnaires>(patient).await?;
    let (t, zone, today, given) = (grant.texts(), grant.zone(), grant.now().today, grant.person()?.given_name.clone());
    let answers = grant.would_allow::<AnswerQuestionnaires>(&patient);
    let (open, done): (Vec<_>, Vec<_>) = of_chart(&grant).await?.into_iter().partition(|row| row.state.is_open());
    let open: Vec<_> = open
        .into_iter()
        .map(|row| {
            let overdue = row.due_on.is_some_and(|day| day < today);
            let tag = match row.state {
                _ if overdue => Tag::warning(t.questionnaires_tag_overdue()),
                State::Begun => Tag::warning(t.questionnaires_tag_begun()),
                _ => Tag::warning(t.questionnaires_tag_due()),
            };
            let due = row.due_on.map(|day| {
                let day = t.date(day);
                if overdue { t.questionnaires_overdue(&day) } else { t.questionnaires_due(&day) }
            });
            let by = row.asked_by.as_deref().map(|by| t.questionnaires_asked_by(by));
            let visit = row.visit_id.map(|visit| format!("?visit={visit}")).unwrap_or_default();
            let label = if row.state == State::Begun { t.questionnaires_go_on() } else { t.questionnaires_answer() };
            let lines: Vec<String> = [due, by, row.note.clone()].into_iter().flatten().collect();
            (row.title(t).to_owned(), tag, lines, format!("/p/{patient}/questionnaires/{}{visit}", row.id), label)
        })
        .collect();
    let done: Vec<_> = done
        .into_iter()
        .map(|row| {
            let line = when_and_who(t, &zone, &row, &given);
            (row.title(t).to_owned(), vec![line], format!("/p/{patient}/questionnaires/{}", row.id))
        })
        .collect();
    let (nothing, none_answered) = (open.is_empty(), done.is_empty());
    Ok(Page::new(t.questionnaires_title(), t.questionnaires_lead(&given)).narrow().body(view! {
        <Section heading=t.questionnaires_to_do()>
            {nothing.then(|| view! { <p class="text">{t.questionnaires_nothing()}</p> })}
            {open.into_iter().map(|(title, tag, lines, href, label)| view! {
                <Item title tag=Some(tag) lines>{answers.then(|| view! { <MainButton href label/> })}</Item>
            }).collect_view()}
        </Section>
        <Section heading=t.questionnaires_answered()>
            {none_answered.then(|| view! { <p class="text">{t.questionnaires_none_answered()}</p> })}
            {done.into_iter().map(|(title, lines, href)| view! {
                <Item title lines><QuietButton href label=t.questionnaires_look()/></Item>
            }).collect_view()}
        </Section>
    }))
}
