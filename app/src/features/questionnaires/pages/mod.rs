mod answers;
mod fields;
mod file;
mod form;
mod help;
mod list;
mod office;
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
    base::{error::Error, i18n::Texts, ids::PatientId},
    desk::questionnaires::store,
    view::{
        Notice,
        page::{Page, PageRequest},
        sections::{QuietButton, Section},
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
        return form::form(&allow::<AnswerQuestionnaires>(patient).await?, row, visit, told).await;
    }
    answers::answers(&grant, &row, visit, told).await
}

/// The numbers that help at once.
fn help_lines(t: Texts) -> AnyView {
    view! {
        <p class="text">{t.questionnaires_help_says()}</p>
        <div class="acts">
            <a class="btn" href="tel:988" rel="external">{t.questionnaires_help_call()}</a>
            <a class="btn quiet" href="sms:988" rel="external">{t.questionnaires_help_write()}</a>
            <a class="btn quiet" href="tel:911" rel="external">{t.questionnaires_help_911()}</a>
        </div>
        <p class="text">{t.questionnaires_help_988()}</p>
        <p class="text">{t.questionnaires_help_for()}</p>
    }
    .into_any()
}

/// Where a questionnaire leads back to.
fn back(page: Page, t: Texts, patient: PatientId, visit: Option<Uuid>) -> Page {
    match visit {
        Some(visit) => page.back(format!("/p/{patient}/visits/{visit}/check-in/forms"), t.check_in_step_forms()),
        None => page.back(format!("/p/{patient}/questionnaires"), t.questionnaires_title()),
    }
}

/// What cannot be shown here.
fn not_readable(t: Texts, patient: PatientId) -> AnyView {
    view! {
        <Section>
            <p class="text">{t.questionnaires_not_readable()}</p>
            <QuietButton href=format!("/p/{patient}/questionnaires") label=t.questionnaires_title()/>
        </Section>
    }
    .into_any()
}
