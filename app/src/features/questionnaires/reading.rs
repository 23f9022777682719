//! What comes with the form of answers, and the addresses of its pages.

use std::collections::HashMap;

use leptos::server_fn::codec::MultipartData;
use uuid::Uuid;

use crate::{
    access::{Grant, policy::AnswerQuestionnaires},
    base::{error::Error, ids::PatientId},
    desk::{
        check_in::{
            model::{Closed, Window},
            parts::STILL_COUNTS,
            store::CheckIn,
        },
        questionnaires::{answering::Typed, entity::questionnaire_response, problem, store::one},
    },
    platform::request::{Multipart, multipart},
    record::visit::model::Status,
};

/// The form of answers as it was sent.
pub struct Sent {
    form: Multipart,
    pub patient: PatientId,
    pub id: Uuid,
    /// For which visit they are given.
    pub visit: Option<Uuid>,
    version: i32,
    answers: HashMap<String, String>,
}

impl Sent {
    /// # Errors
    /// `NotFound` for what is no such form; `Invalid` at a field with the number of a payment card.
    pub async fn read(data: MultipartData) -> Result<Self, Error> {
        let form = multipart(data, 0).await?;
        let of = |name: &str| form.text(name);
        let (patient, id) = (of("patient").parse().map_err(|_| Error::NotFound)?, of("id").parse().map_err(|_| Error::NotFound)?);
        let (visit, version) = (of("visit").parse().ok(), of("version").parse().unwrap_or_default());
        let answer = |(name, value): (&String, &String)| Some((name.strip_prefix("a[")?.strip_suffix(']')?.to_owned(), value.clone()));
        let answers = form.texts.iter().filter_map(answer).collect();
        Ok(Self { form, patient, id, visit, version, answers })
    }

    /// A field; empty when it was left out.
    pub fn text(&self, name: &str) -> &str {
        self.form.texts.get(name).map_or("", String::as_str)
    }

    pub fn typed(&self) -> Typed<'_> {
        Typed {
            version: self.version,
            page: self.text("page"),
            form: self.text("form"),
            shows_what_follows: self.text("shows") == "all",
            answers: &self.answers,
        }
    }
}

/// Whether answers are still taken: of what was begun for a visit, until its check-in closes, or shortly after its time for whoever is
/// there already.
///
/// # Errors
/// When the database fails.
pub async fn is_asked(grant: &Grant<AnswerQuestionnaires>, row: &questionnaire_response::Model) -> Result<bool, Error> {
    let Some(visit) = row.visit_id.filter(|_| row.asked_at.is_none()) else { return Ok(true) };
    let found = match CheckIn::of(grant, visit).await {
        Err(Error::NotFound) => return Ok(false),
        found => found?,
    };
    let waits = found.window == Window::Closed(Closed::Arrived) && !matches!(found.visit.status, Status::Finished | Status::Cancelled);
    Ok(found.is_open() || waits && found.visit.starts_at.is_some_and(|at| grant.now().instant < at + STILL_COUNTS))
}

/// # Errors
/// `NotFound` for answers of another chart; `Invalid` when none are taken any more.
pub async fn must_be_asked(grant: &Grant<AnswerQuestionnaires>, id: Uuid) -> Result<(), Error> {
    if is_asked(grant, &one(grant, id).await?).await? { Ok(()) } else { Err(Error::form(problem::NOT_OPEN)) }
}

/// The address of a page of answers, for a visit where they are given before one.
pub fn page_of(patient: PatientId, id: Uuid, rest: &str, visit: Option<Uuid>, query: &str) -> String {
    let visit = visit.map(|visit| format!("visit={visit}"));
    let query = [visit.as_deref().unwrap_or_default(), query].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/p/{patient}/questionnaires/{id}{rest}{mark}{query}")
}
