use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::parts::back;
use crate::{
    access::{
        Grant, Permission, allow,
        policy::{AnswerQuestionnaires, CheckIn as MayCheckIn, ViewQuestionnaires},
    },
    base::error::Error,
    desk::{check_in::store::CheckIn, questionnaires::entity::questionnaire_response},
    features::questionnaires::{
        api,
        in_words::{contents, when_and_who},
    },
    view::{
        Notice,
        document::Document,
        form::PostForm,
        page::Page,
        sections::{PrintButton, Section},
    },
};

/// What was answered, for the patient's side.
pub async fn answers(
    grant: &Grant<ViewQuestionnaires>,
    row: &questionnaire_response::Model,
    visit: Option<Uuid>,
    told: Option<AnyView>,
) -> Result<Page, Error> {
    let (t, patient) = (grant.texts(), grant.patient());
    let about = when_and_who(t, &grant.zone(), row, &grant.person()?.given_name);
    let changes = match visit {
        Some(visit) if grant.would_allow::<AnswerQuestionnaires>(&patient) && row.answers.is_some() => {
            let found = CheckIn::of(&allow::<MayCheckIn>(patient).await?, visit).await?;
            let is_its = found.forms().iter().any(|form| form.done.as_ref().is_some_and(|done| done.id == row.id));
            (found.is_open() && is_its)
                .then(|| vec![("patient", patient.to_string()), ("visit", visit.to_string()), ("id", row.id.to_string())])
        }
        _ => None,
    };
    let files = format!("/files/answer/{patient}/{}", row.id);
    let shown = shown(grant, row, &files).await?;
    Ok(back(Page::new(row.title(t), about).narrow(), t, patient, visit).body(view! {
        {told}
        {shown}
        {changes.map(|hidden| view! {
            <Section heading=t.questionnaires_change()>
                <p class="text">{t.questionnaires_change_says()}</p>
                <PostForm action=api::ReopenAnswers::PATH submit=t.questionnaires_change() quiet=true hidden/>
            </Section>
        })}
    }))
}

/// The answers with their totals; files are at `files`.
///
/// # Errors
/// When the database fails.
pub async fn shown<P: Permission>(grant: &Grant<P>, row: &questionnaire_response::Model, files: &str) -> Result<AnyView, Error> {
    let t = grant.texts();
    let (totals, parts) = contents(grant, row, files).await?;
    let scored = !totals.is_empty();
    Ok(view! {
        {scored.then(|| view! {
            <Notice>
                {totals.into_iter().map(|words| view! { <p class="text"><b>{words}</b></p> }).collect_view()}
                <p class="text">{t.questionnaires_severity_says()}</p>
            </Notice>
        })}
        <Section><Document parts/><PrintButton label=t.billing_print()/></Section>
    }
    .into_any())
}
