//! The words of a note, for whoever asks for a correction of it.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    access::{Grant, policy::AskCorrection},
    base::error::Error,
    record::{
        annotation::model::{Place, PlaceKind},
        note::{
            entity::note,
            model::{Disclosure, Kind, paragraphs},
        },
        quote::Quote,
        release::Release,
    },
};

/// A note as a whole with its paragraphs, or one of them.
///
/// # Errors
/// When the database fails.
pub(super) async fn note(grant: &Grant<AskCorrection>, place: Place) -> Result<Option<Quote>, Error> {
    if place.kind != PlaceKind::Note {
        return Ok(None);
    }
    let patient = grant.patient();
    let found = note::Entity::find_by_id(place.id)
        .filter(note::Column::PatientId.eq(patient.0))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown))
        .filter(Release::for_reader(grant).await?.notes())
        .one(grant.db())
        .await?;
    let Some(found) = found.filter(|row| !row.sensitive || grant.sees_sensitive()) else { return Ok(None) };
    let all = paragraphs(found.format, &found.body);
    let page = match (found.visit_id, found.kind) {
        (Some(visit), Kind::Note) => format!("/p/{patient}/visits/{visit}/notes"),
        (Some(visit), _) => format!("/p/{patient}/visits/{visit}/summary"),
        (None, _) => format!("/p/{patient}/health/documents"),
    };
    let (words, paragraphs) = match place.paragraph {
        None => (String::new(), all),
        Some(number) => match all.get(number) {
            Some(words) => (words.clone(), Vec::new()),
            None => return Ok(None),
        },
    };
    Ok(Some(Quote { title: found.title, words, paragraphs, page }))
}
