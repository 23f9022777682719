use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::AnswerQuestionnaires},
    base::{error::Error, ids::PatientId},
    desk::questionnaires::{files::question, store::stored},
    features::questionnaires::{api, reading::page_of},
    record::questionnaire::{line::visible, value::Value},
    view::{
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Adding a file as an answer, or taking it away.
///
/// # Errors
/// `NotFound` for a question of other answers, or one that takes no file.
pub async fn file(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let key = request.text(2).to_owned();
    let visit: Option<Uuid> = request.query("visit").and_then(|id| id.parse().ok());
    let grant = allow::<AnswerQuestionnaires>(patient).await?;
    let t = grant.texts();
    let (row, asked, item) = question(&grant, id, &key).await?;
    let answers = stored(&row, &asked).unwrap_or_default();
    let there = visible(&asked, &answers).into_iter().find(|line| line.key == key).and_then(|line| match line.values.first() {
        Some(Value::Attachment { id, title, .. }) => {
            Some((format!("/files/answer/{patient}/{}/{id}", row.id), title.clone().unwrap_or_default()))
        }
        _ => None,
    });
    let hidden = || {
        vec![
            ("patient", patient.to_string()),
            ("id", id.to_string()),
            ("key", key.clone()),
            ("visit", visit.map(|visit| visit.to_string()).unwrap_or_default()),
        ]
    };
    let (adding, removing) = (hidden(), hidden());
    Ok(Page::new(t.questionnaires_file_page(), item.text).narrow().back(page_of(patient, id, "", visit, ""), row.title(t)).body(view! {
        {there.map(|(href, name)| view! {
            <Section heading=t.questionnaires_file_there()>
                <p class="text">{name}</p>
                <div class="acts"><a class="btn quiet" href=href rel="external">{t.questionnaires_file_open()}</a></div>
                <PostForm action=api::RemoveFile::PATH submit=t.questionnaires_file_remove() quiet=true hidden=removing/>
            </Section>
        })}
        <Section>
            <PostForm action=api::AddFile::PATH submit=t.questionnaires_file_keep() files=true hidden=adding>
                <Field name="file" label=t.questionnaires_file() hint=t.questionnaires_file_hint()
                    input=Input::File { accept: "image/jpeg,image/png,application/pdf" }/>
            </PostForm>
        </Section>
    }))
}
