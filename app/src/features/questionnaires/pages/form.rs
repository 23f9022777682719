use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::{
    fields::{Drawing, draw},
    parts::{back, help_lines, not_readable},
};
use crate::{
    access::{Grant, policy::AnswerQuestionnaires},
    base::{error::Error, ids::new_id},
    desk::questionnaires::{
        entity::questionnaire_response,
        heard::{asking, found},
        known::known,
        store::{form as form_of, stored},
    },
    features::questionnaires::api,
    record::questionnaire::{line::visible, prefill::prefilled, score::page_totals},
    view::{Notice, form::PostForm, page::Page, sections::Section},
};

/// A questionnaire that is filled in, with what is answered so far.
pub async fn form(
    grant: &Grant<AnswerQuestionnaires>,
    row: questionnaire_response::Model,
    visit: Option<Uuid>,
    told: Option<AnyView>,
) -> Result<Page, Error> {
    let (t, patient, given) = (grant.texts(), grant.patient(), grant.person()?.given_name.clone());
    let page = back(Page::new(row.title(t), t.questionnaires_for(&given)).narrow(), t, patient, visit);
    let asked = match row.questionnaire_id {
        Some(id) => form_of(grant.db(), id, grant.locale()).await?,
        None => None,
    };
    let Some(asked) = asked else { return Ok(page.body(not_readable(t, patient))) };
    let (answers, from_record) = match stored(&row, &asked) {
        Some(answers) => (answers, Vec::new()),
        None => prefilled(&asked, &known(grant, &asked).await?),
    };
    let needs_help = !found(&asked, &answers).is_empty();
    let asking = asking(&asked).into_iter().map(str::to_owned).collect();
    let drawing = Drawing { t, zone: grant.zone(), from_record, asking, patient, id: row.id, visit };
    let hidden = vec![
        ("patient", patient.to_string()),
        ("id", row.id.to_string()),
        ("visit", visit.map(|visit| visit.to_string()).unwrap_or_default()),
    ];
    let totals = serde_json::to_string(&page_totals(&asked, &answers)).map_err(|error| Error::unexpected("totals", &error))?;
    let (version, mark) = (row.version.to_string(), new_id().to_string());
    let asks = row.asked_by.as_deref().map(|by| t.questionnaires_asked_by(by));
    let due = row.due_on.map(|day| t.questionnaires_due(&t.date(day)));
    let lead: Vec<String> = [asks, due, row.note.clone(), asked.description.clone()].into_iter().flatten().collect();
    let lead: Vec<_> = lead.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect();
    let source = asked.copyright.clone().map(|words| view! { <p class="meta">{words}</p> });
    Ok(page.body(view! {
        {told}
        <div id="help-now" role="alert" hidden=!needs_help>
            <Notice warn=true><p class="text"><b>{t.questionnaires_help_title()}</b></p>{help_lines(t, needs_help)}</Notice>
        </div>
        <Section>
            {lead}
            <p class="meta">{t.questionnaires_required(t.questionnaires_optional())}</p>
            <PostForm action=api::SendAnswers::PATH submit=t.questionnaires_send() files=true hidden
                keeps=(api::KeepAnswers::PATH, t.questionnaires_keep())>
                <input type="hidden" name="version" value=version/>
                <input type="hidden" name="page" value=mark/>
                <input type="hidden" name="form" value=asked.mark.clone()/>
                <input type="hidden" name="shows" value="" data-shows="all" data-totals=totals/>
                {draw(&drawing, &visible(&asked, &answers))}
            </PostForm>
            {source}
        </Section>
    }))
}
