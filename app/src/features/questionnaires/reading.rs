//! What comes with the form of answers, and the addresses of its pages.

use std::collections::HashMap;

use leptos::server_fn::codec::MultipartData;
use uuid::Uuid;

use crate::{
    base::{error::Error, ids::PatientId},
    desk::questionnaires::answering::Typed,
    platform::request::{Multipart, multipart},
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
        Typed { version: self.version, page: self.text("page"), shows_what_follows: self.text("shows") == "all", answers: &self.answers }
    }
}

/// The address of a page of answers, for a visit where they are given before one.
pub fn page_of(patient: PatientId, id: Uuid, rest: &str, visit: Option<Uuid>, query: &str) -> String {
    let visit = visit.map(|visit| format!("visit={visit}"));
    let query = [visit.as_deref().unwrap_or_default(), query].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/p/{patient}/questionnaires/{id}{rest}{mark}{query}")
}
