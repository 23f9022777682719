//! The words of a result or of a value, for whoever asks for a correction of it.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::words::{measured, name};
use crate::{
    access::{Grant, policy::AskCorrection},
    base::error::Error,
    record::{
        annotation::model::{Place, PlaceKind},
        quote::Quote,
        release::Release,
        result::entity::{measurement, test_result},
    },
};

/// # Errors
/// When the database fails.
pub(super) async fn result_or_value(grant: &Grant<AskCorrection>, place: Place) -> Result<Option<Quote>, Error> {
    if place.kind != PlaceKind::Result {
        return Ok(None);
    }
    match result(grant, place).await? {
        Some(found) => Ok(Some(found)),
        None => value(grant, place).await,
    }
}

async fn result(grant: &Grant<AskCorrection>, place: Place) -> Result<Option<Quote>, Error> {
    let (patient, id) = (grant.patient(), place.id);
    let found = test_result::Entity::find_by_id(id)
        .filter(test_result::Column::PatientId.eq(patient.0))
        .filter(Release::for_reader(grant).await?.results())
        .one(grant.db())
        .await?;
    let Some(found) = found.filter(|row| !row.sensitive || grant.sees_sensitive()) else { return Ok(None) };
    let words = found.conclusion.unwrap_or_default();
    Ok(Some(Quote { title: found.title, words, paragraphs: Vec::new(), page: format!("/p/{patient}/results/{id}") }))
}

async fn value(grant: &Grant<AskCorrection>, place: Place) -> Result<Option<Quote>, Error> {
    let patient = grant.patient();
    let found = measurement::Entity::find()
        .filter(measurement::Column::PatientId.eq(patient.0))
        .filter(measurement::Column::ResourceId.eq(place.id))
        .filter(Release::for_reader(grant).await?.values())
        .order_by_asc(measurement::Column::Position)
        .all(grant.db())
        .await?;
    let shown: Vec<_> = found.into_iter().filter(|row| !row.sensitive || grant.sees_sensitive()).collect();
    let Some(first) = shown.first() else { return Ok(None) };
    let (t, zone) = (grant.texts(), grant.zone());
    let day = t.when(&first.when(), zone);
    let said: Vec<String> = shown.iter().map(|row| format!("{}: {}", name(t, row), measured(t, row))).collect();
    let page = first.result_id.map_or_else(|| format!("/p/{patient}/health/vitals"), |result| format!("/p/{patient}/results/{result}"));
    Ok(Some(Quote { title: format!("{}, {day}", name(t, first)), words: said.join("; "), paragraphs: Vec::new(), page }))
}
