use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData},
};
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Keeps what was answered so far. `add` and `remove` name a question or group of which there shall be one more or less, `file` one to
/// which a file is to be added.
///
/// # Errors
/// `NotFound` for a questionnaire of another chart; `Invalid` when it takes no answers, or was answered elsewhere meanwhile.
#[server(endpoint = "questionnaires/keep", input = MultipartFormData, output = Answer)]
pub async fn keep_answers(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::questionnaires::answering::{Act, write},
        features::questionnaires::reading::{Sent, must_be_asked, page_of},
        platform::request as web,
    };
    let sent = Sent::read(data).await?;
    let grant = allow::<policy::AnswerQuestionnaires>(sent.patient).await?;
    let (add, remove, file) = (sent.text("add"), sent.text("remove"), sent.text("file"));
    let act = match (add, remove) {
        ("", "") => Act::Keep,
        ("", key) => Act::Remove(key),
        (key, _) => Act::Add(key),
    };
    must_be_asked(&grant, sent.id).await?;
    let kept = write(&grant, sent.id, &sent.typed(), act).await?;
    let place = if add.is_empty() { remove } else { add };
    web::redirect_plain_form(&match (kept.needs_help, file, place) {
        (true, ..) => page_of(sent.patient, sent.id, "/help", sent.visit, ""),
        (_, "", "") => page_of(sent.patient, sent.id, "", sent.visit, "done=kept"),
        (_, "", key) => format!("{}#q-{key}", page_of(sent.patient, sent.id, "", sent.visit, "")),
        (_, key, _) => page_of(sent.patient, sent.id, &format!("/file/{key}"), sent.visit, ""),
    });
    Ok(())
}

/// Sends the answers to the care team.
///
/// # Errors
/// `NotFound` for a questionnaire of another chart; `Invalid` when it takes no answers, was answered elsewhere meanwhile, or with everything
/// that is missing or wrong: what was typed is kept all the same.
#[server(endpoint = "questionnaires/send", input = MultipartFormData, output = Answer)]
pub async fn send_answers(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::{
            check_in::{answering::part_is_done, store::CheckIn},
            questionnaires::answering::{Act, write},
        },
        features::questionnaires::reading::{Sent, must_be_asked, page_of},
        platform::request as web,
    };
    let sent = Sent::read(data).await?;
    let grant = allow::<policy::AnswerQuestionnaires>(sent.patient).await?;
    must_be_asked(&grant, sent.id).await?;
    if let Some(visit) = sent.visit {
        CheckIn::of(&grant, visit).await?;
    }
    let kept = write(&grant, sent.id, &sent.typed(), Act::Complete).await?;
    if let Some(visit) = sent.visit {
        part_is_done(&allow::<policy::CheckIn>(sent.patient).await?, visit).await?;
    }
    web::redirect_plain_form(&match (kept.needs_help, sent.visit) {
        (true, visit) => page_of(sent.patient, sent.id, "/help", visit, "done=sent"),
        (false, Some(visit)) => format!("/p/{}/visits/{visit}/check-in/forms", sent.patient),
        (false, None) => page_of(sent.patient, sent.id, "", None, "done=sent"),
    });
    Ok(())
}

/// Opens answers again that were sent for a visit, while one can check in for it.
///
/// # Errors
/// `NotFound` for answers that are not of this visit; `Invalid` when the check-in is not open.
#[server(endpoint = "questionnaires/reopen", output = Answer)]
pub async fn reopen_answers(patient: PatientId, visit: Uuid, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::{
            check_in::{answering::open_step, model::Step},
            questionnaires::reopening::reopen,
        },
        features::questionnaires::reading::page_of,
        platform::request as web,
    };
    let found = open_step(&allow::<policy::CheckIn>(patient).await?, visit, Step::Forms).await?;
    let grant = allow::<policy::AnswerQuestionnaires>(patient).await?;
    if !found.forms().iter().any(|form| form.done.as_ref().is_some_and(|row| row.id == id)) {
        return Err(Error::NotFound);
    }
    let id = reopen(&grant, id, &found.visit).await?;
    web::redirect_plain_form(&page_of(patient, id, "", Some(visit), ""));
    Ok(())
}

/// Adds a file as an answer: the fields `patient`, `id`, `key` and `visit`, and the file.
///
/// # Errors
/// `NotFound` for a question of other answers; `Invalid` for what is no photo or PDF, is too large, or when there are too many.
#[server(endpoint = "questionnaires/add-file", input = MultipartFormData, output = Answer)]
pub async fn add_file(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::questionnaires::files::add,
        features::questionnaires::reading::{must_be_asked, page_of},
        platform::request as web,
    };
    let mut form = web::multipart(data, crate::base::text::MOST_BYTES).await?;
    let patient: PatientId = form.text("patient").parse().map_err(|_| Error::NotFound)?;
    let id: Uuid = form.text("id").parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<policy::AnswerQuestionnaires>(patient).await?;
    let (key, (name, content)) = (form.text("key"), form.file.take().unwrap_or_default());
    must_be_asked(&grant, id).await?;
    add(&grant, id, &key, &name, content).await?;
    web::redirect_plain_form(&format!("{}#q-{key}", page_of(patient, id, "", form.text("visit").parse().ok(), "")));
    Ok(())
}

/// Takes a file away that was an answer.
///
/// # Errors
/// `NotFound` for a question of other answers; `Invalid` when they were changed meanwhile.
#[server(endpoint = "questionnaires/remove-file", output = Answer)]
pub async fn remove_file(patient: PatientId, id: Uuid, key: String, #[server(default)] visit: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::questionnaires::files::remove,
        features::questionnaires::reading::{must_be_asked, page_of},
        platform::request as web,
    };
    let grant = allow::<policy::AnswerQuestionnaires>(patient).await?;
    must_be_asked(&grant, id).await?;
    remove(&grant, id, &key).await?;
    web::redirect_plain_form(&format!("{}#q-{key}", page_of(patient, id, "", visit.parse().ok(), "")));
    Ok(())
}
