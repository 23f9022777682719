mod answers;
mod fields;
mod file;
mod form;
mod help;
mod list;
mod office;
mod parts;
mod staff;

pub use file::file;
pub use help::help;
pub use list::list;
pub use office::office;
pub use staff::{alerts, answers_of_patient, of_patient};

use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{
        allow,
        policy::{AnswerQuestionnaires, ViewQuestionnaires},
    },
    base::{error::Error, ids::PatientId},
    desk::questionnaires::store,
    features::questionnaires::reading::is_asked,
    view::{
        Notice,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// A questionnaire: to be filled in while it is open, afterwards as it was answered.
///
/// # Errors
/// `NotFound` for one of another chart.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let visit = request.query("visit").and_then(|id| id.parse().ok());
    let grant = allow::<ViewQuestionnaires>(patient).await?;
    let row = store::one(&grant, id).await?;
    let t = grant.texts();
    let words = match request.query("done").as_deref() {
        Some("kept") => Some(t.questionnaires_kept()),
        Some("sent") => Some(t.questionnaires_sent()),
        _ => None,
    };
    let told = words.map(|words| view! { <Notice><p class="text">{words}</p></Notice> }.into_any());
    if row.state.is_open() && grant.would_allow::<AnswerQuestionnaires>(&patient) {
        let answers = allow::<AnswerQuestionnaires>(patient).await?;
        if is_asked(&answers, &row).await? {
            return form::form(&answers, row, visit, told).await;
        }
        let page = parts::back(Page::new(row.title(t), String::new()).narrow(), t, patient, visit);
        return Ok(page.body(view! { <Section><p class="text">{t.questionnaires_over()}</p></Section> }));
    }
    answers::answers(&grant, &row, visit, told).await
}
