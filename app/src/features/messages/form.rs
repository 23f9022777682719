//! Reads the form of a message as it arrives: what was typed, and files, which are kept with the draft one by one.

use std::{collections::BTreeMap, sync::PoisonError};

use http::request::Parts;
use leptos::{prelude::use_context, server_fn::codec::MultipartData};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    attaching::attach,
    drafts,
    entity::message,
    files::{forget_refused, remove},
    model::{FILES, Place},
    problem,
};
use crate::{
    access::{
        Grant, allow,
        policy::{UseOwnAccount, WriteMessages},
    },
    base::{
        error::{Error, Problem},
        ids::PatientId,
        text::visible,
    },
    platform::request::{TypedBesideFile, refuse_payment_cards},
};

/// Bytes of a field that is no file.
const MOST: usize = 128 * 1024;
/// Fields and files of a form.
const FIELDS: usize = 60;

/// What came with a form.
pub struct Letter {
    texts: BTreeMap<String, String>,
    /// For whom, and in which thread; nil for a new one.
    pub at: Place,
    /// The files that go with it: those that the page showed (`kept[ID]`), and those that came.
    pub files: Vec<Uuid>,
    /// Of the files of the form, one was not taken.
    refused: bool,
    grant: Option<Grant<WriteMessages>>,
}

impl Letter {
    /// A field; empty when it was left out.
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// The key with which the form sends once.
    ///
    /// # Errors
    /// `NotFound` without one.
    pub fn sending_key(&self) -> Result<Uuid, Error> {
        self.text("sending_key").parse().map_err(|_| broken())
    }

    /// # Errors
    /// What the policy refuses.
    pub async fn grant(&mut self) -> Result<Grant<WriteMessages>, Error> {
        match self.grant.take() {
            Some(grant) => Ok(grant),
            None => allow::<WriteMessages>(self.at.patient).await,
        }
    }

    /// What was wrong with files, as a problem of the form.
    pub fn problems(&self) -> Vec<Problem> {
        if self.refused || self.files.len() > FILES { vec![Problem { field: "files".into(), why: problem::FILES }] } else { Vec::new() }
    }
}

/// # Errors
/// `NotFound` for what is no such form; what the policy refuses where files come with it.
pub async fn read(data: MultipartData) -> Result<Letter, Error> {
    let mut form = data.into_inner().ok_or(Error::NotFound)?;
    let (mut texts, mut refused, mut grant, mut place) = (BTreeMap::new(), false, None, None);
    let mut files: Vec<Uuid> = Vec::new();
    let mut fields = 0;
    while let Some(mut field) = form.next_field().await.map_err(|_| broken())? {
        fields += 1;
        if fields > FIELDS {
            return Err(broken());
        }
        if field.file_name().is_none() {
            let name = field.name().unwrap_or_default().to_owned();
            let mut bytes = Vec::new();
            while let Some(piece) = field.chunk().await.map_err(|_| broken())? {
                let room = MOST.saturating_sub(bytes.len()).min(piece.len());
                bytes.extend_from_slice(&piece[..room]);
            }
            if let Some(kept) = name.strip_prefix("kept[").and_then(|rest| rest.strip_suffix(']')).and_then(|id| id.parse().ok()) {
                files.push(kept);
                continue;
            }
            texts.insert(name, visible(&String::from_utf8_lossy(&bytes)).into_owned());
            keep_beside(&texts);
            continue;
        }
        // The fields that say where it belongs stand before the files.
        let at = match place {
            Some(at) => at,
            None => *place.insert(place_of(&texts)?),
        };
        let grant = match &grant {
            Some(grant) => grant,
            None => {
                let given = allow::<WriteMessages>(at.patient).await?;
                drafts::drop_discarded(given.db(), given.holder()?.account.0, at).await?;
                forget_refused(&given, at, given.now().instant).await?;
                grant.insert(given)
            }
        };
        // What was sent already came with its files.
        if is_sent(grant, &texts).await? {
            continue;
        }
        match attach(grant, at, &mut field, &files).await? {
            Some((file, state)) if state.is_kept() => files.push(file),
            Some(_) => refused = true,
            None => {}
        }
    }
    let at = match place {
        Some(at) => at,
        None => place_of(&texts)?,
    };
    // A file that was taken off the list with this very form does not go with it.
    let removed: Option<Uuid> = texts.get("remove").and_then(|id| id.parse().ok());
    files.retain(|file| Some(*file) != removed);
    files.sort_unstable();
    files.dedup();
    refuse_payment_cards(&texts)?;
    Ok(Letter { texts, at, files, refused, grant })
}

/// A form that did not arrive as a whole, or is none that a browser sends.
fn broken() -> Error {
    Error::form(problem::BROKEN)
}

/// Whether the form has sent its message.
async fn is_sent(grant: &Grant<WriteMessages>, texts: &BTreeMap<String, String>) -> Result<bool, Error> {
    let Some(key) = texts.get("sending_key").and_then(|key| key.parse::<Uuid>().ok()) else { return Ok(false) };
    Ok(message::Entity::find().filter(message::Column::SendingKey.eq(key)).one(grant.db()).await?.is_some())
}

/// For whoever keeps what was typed when the form is refused.
fn keep_beside(texts: &BTreeMap<String, String>) {
    if let Some(typed) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<TypedBesideFile>().cloned()) {
        *typed.0.lock().unwrap_or_else(PoisonError::into_inner) = texts.clone();
    }
}

fn place_of(texts: &BTreeMap<String, String>) -> Result<Place, Error> {
    let text = |name: &str| texts.get(name).map_or("", String::as_str);
    let patient: PatientId = text("patient").parse().map_err(|_| Error::NotFound)?;
    let thread = match text("thread") {
        "" => Uuid::nil(),
        thread => thread.parse().map_err(|_| Error::NotFound)?,
    };
    Ok(Place { patient, thread })
}

/// Keeps what was typed so far as a draft, with the files that came; nothing is sent.
///
/// # Errors
/// `NotFound` when the caller may not write about this patient; `Invalid` for more than anybody writes, or for a file.
pub async fn keep(letter: &mut Letter) -> Result<(), Error> {
    let grant = allow::<UseOwnAccount>(()).await?;
    let typed = drafts::Typed {
        topic: letter.text("topic"),
        recipient: letter.text("to"),
        subject: letter.text("subject"),
        body: letter.text("body"),
    };
    drafts::keep(&grant, letter.at, &typed).await?;
    if let Ok(file) = letter.text("remove").parse::<Uuid>() {
        let at = letter.at;
        remove(&letter.grant().await?, at, file).await?;
    }
    let problems = letter.problems();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
