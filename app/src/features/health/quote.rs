//! The words of an item, for whoever asks for a correction of it.

use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    line::name,
    page::HealthPage,
    store::Item,
    words::{in_words, label},
};
use crate::{
    access::{Grant, policy::AskCorrection},
    base::{error::Error, i18n::Texts},
    record::{
        annotation::model::{Place, PlaceKind},
        item::{entity::health_item, model::What},
        quote::Quote,
        release,
    },
};

/// # Errors
/// When the database fails.
pub(super) async fn item(grant: &Grant<AskCorrection>, place: Place) -> Result<Option<Quote>, Error> {
    if place.kind != PlaceKind::Item {
        return Ok(None);
    }
    let patient = grant.patient();
    let found = health_item::Entity::find_by_id(place.id)
        .filter(health_item::Column::PatientId.eq(patient.0))
        // The file of a result that waits, waits with it.
        .filter(release::items_for(grant));
    let found = found.one(grant.db()).await?;
    let Some(found) = found.filter(|row| !row.sensitive || grant.sees_sensitive()) else { return Ok(None) };
    let item = Item::from(found);
    Ok(Some(Quote {
        title: name(grant.texts(), &item),
        words: facts_in_words(grant.texts(), &item, grant.zone()),
        paragraphs: Vec::new(),
        page: format!("/p/{patient}/health/{}", HealthPage::of(item.kind).name()),
    }))
}

fn facts_in_words(t: Texts, item: &Item, zone: Tz) -> String {
    let day = item.at.as_ref().map(|at| t.when_day(at, zone));
    let facts = item
        .facts
        .iter()
        .filter(|fact| !matches!(fact.what, What::File | What::Stored))
        .map(|fact| format!("{}: {}", label(t, fact.what), in_words(t, fact)));
    day.into_iter().chain(facts).collect::<Vec<_>>().join("\n")
}
