//! Finds the place in the record, opens the request, keeps what was added.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::model::AskedCorrection;
use crate::{
    access::{
        Grant, Permission,
        policy::{AskCorrection, DecideCorrections},
    },
    base::{
        clock::local_date,
        error::{Error, Why},
        ids::{PatientId, new_id},
    },
    desk::requests::{
        decide::close,
        entity::request,
        kind::RequestDetails,
        model::RequestState,
        store::{open, to_decide},
    },
    features::health::{screens::facts_in_words, store::Item},
    people::relation::StaffRole,
    record::{
        annotation::{
            entity::amendment,
            model::{Place, PlaceKind, Voice},
        },
        item::entity::health_item,
        note::{
            entity::note,
            model::{Disclosure, Kind as NoteKind, paragraphs},
        },
        release::Release,
        result::entity::{measurement, test_result},
    },
};

/// So many letters are kept of what somebody writes.
const MOST: usize = 4000;

/// What the record says at a place.
pub struct Found {
    pub title: String,
    /// The words themselves; empty for a note as a whole.
    pub quote: String,
    /// Of a note as a whole, to choose from.
    pub paragraphs: Vec<String>,
    /// The page on which it stands.
    pub page: String,
}

/// # Errors
/// `NotFound` when there is no such place in this chart that the caller may see.
pub async fn find(grant: &Grant<AskCorrection>, place: Place) -> Result<Found, Error> {
    let patient = grant.patient();
    match place.kind {
        PlaceKind::Item => item(grant, patient, place.id).await,
        PlaceKind::Result => match result(grant, patient, place.id).await? {
            Some(found) => Ok(found),
            None => value(grant, patient, place.id).await,
        },
        PlaceKind::Note => in_note(grant, patient, place).await,
    }
}

async fn item(grant: &Grant<AskCorrection>, patient: PatientId, id: Uuid) -> Result<Found, Error> {
    let found = health_item::Entity::find_by_id(id).filter(health_item::Column::PatientId.eq(patient.0)).one(grant.db()).await?;
    let found = found.filter(|row| !row.sensitive || grant.sees_sensitive()).ok_or(Error::NotFound)?;
    let item = Item::from(found);
    let (title, page, facts) = facts_in_words(grant.texts(), &item, grant.zone());
    Ok(Found { title, quote: facts, paragraphs: Vec::new(), page: format!("/p/{patient}/health/{page}") })
}

async fn result(grant: &Grant<AskCorrection>, patient: PatientId, id: Uuid) -> Result<Option<Found>, Error> {
    let found = test_result::Entity::find_by_id(id)
        .filter(test_result::Column::PatientId.eq(patient.0))
        .filter(Release::for_reader(grant).await?.results())
        .one(grant.db())
        .await?;
    let Some(found) = found.filter(|row| !row.sensitive || grant.sees_sensitive()) else { return Ok(None) };
    let quote = found.conclusion.unwrap_or_default();
    Ok(Some(Found { title: found.title, quote, paragraphs: Vec::new(), page: format!("/p/{patient}/results/{id}") }))
}

async fn value(grant: &Grant<AskCorrection>, patient: PatientId, id: Uuid) -> Result<Found, Error> {
    let found = measurement::Entity::find()
        .filter(measurement::Column::PatientId.eq(patient.0))
        .filter(measurement::Column::ResourceId.eq(id))
        .filter(Release::for_reader(grant).await?.values())
        .order_by_asc(measurement::Column::Position)
        .all(grant.db())
        .await?;
    let shown: Vec<_> = found.into_iter().filter(|row| !row.sensitive || grant.sees_sensitive()).collect();
    let first = shown.first().ok_or(Error::NotFound)?;
    let (t, zone) = (grant.texts(), grant.zone());
    let day = if first.timed { t.date_and_time(first.taken_at, &zone) } else { t.date(local_date(first.taken_at, &zone)) };
    let said: Vec<String> = shown
        .iter()
        .map(|row| format!("{}: {} {}", row.name, row.shown, row.unit.as_deref().unwrap_or_default()).trim().to_owned())
        .collect();
    let page = first.result_id.map_or_else(|| format!("/p/{patient}/health/vitals"), |result| format!("/p/{patient}/results/{result}"));
    Ok(Found { title: format!("{}, {day}", first.name), quote: said.join("; "), paragraphs: Vec::new(), page })
}

async fn in_note(grant: &Grant<AskCorrection>, patient: PatientId, place: Place) -> Result<Found, Error> {
    let found = note::Entity::find_by_id(place.id)
        .filter(note::Column::PatientId.eq(patient.0))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown))
        .filter(Release::for_reader(grant).await?.notes())
        .one(grant.db())
        .await?;
    let found = found.filter(|row| !row.sensitive || grant.sees_sensitive()).ok_or(Error::NotFound)?;
    let all = paragraphs(found.format, &found.body);
    let page = match (found.visit_id, found.kind) {
        (Some(visit), NoteKind::Note) => format!("/p/{patient}/visits/{visit}/notes"),
        (Some(visit), _) => format!("/p/{patient}/visits/{visit}/summary"),
        (None, _) => format!("/p/{patient}/health/documents"),
    };
    let (quote, paragraphs) = match place.paragraph {
        Some(number) => (all.get(number).cloned().ok_or(Error::NotFound)?, Vec::new()),
        None => (String::new(), all),
    };
    Ok(Found { title: found.title, quote, paragraphs, page })
}

/// Opens a request and returns its number.
///
/// # Errors
/// `NotFound` when there is no such place; `Invalid` when nothing was written.
pub async fn ask(grant: &Grant<AskCorrection>, about: &str, wrong: &str, right: &str) -> Result<String, Error> {
    let place: Place = about.parse().map_err(|()| Error::NotFound)?;
    let found = find(grant, place).await?;
    let wrong = written("wrong", wrong)?;
    if right.chars().count() > MOST {
        return Err(Error::field("right", Why::TooLong));
    }
    let asked = AskedCorrection {
        about: place.to_string(),
        title: found.title,
        quote: found.quote,
        page: found.page,
        wrong: wrong.to_owned(),
        right: right.trim().to_owned(),
    };
    let name = grant.holder()?.name.clone();
    Ok(open(grant, &name, None, Some(grant.patient().0), &asked).await?.number)
}

fn written<'a>(field: &str, text: &'a str) -> Result<&'a str, Error> {
    match text.trim() {
        "" => Err(Error::field(field, Why::Missing)),
        text if text.chars().count() > MOST => Err(Error::field(field, Why::TooLong)),
        text => Ok(text),
    }
}

/// # Errors
/// `NotFound` outside of the queue; `Invalid` when it was decided.
pub async fn review(grant: &Grant<DecideCorrections>, id: Uuid) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::Records).await?;
    let reviewed = request::ActiveModel { state: Set(RequestState::Review), ..Default::default() };
    request::Entity::update_many()
        .set(reviewed)
        .filter(request::Column::Id.eq(row.id))
        .filter(request::Column::State.eq(RequestState::Open))
        .exec(grant.db())
        .await?;
    Ok(())
}

/// # Errors
/// `NotFound` outside of the queue; `Invalid` when it was decided, or nothing was written.
pub async fn decide(grant: &Grant<DecideCorrections>, id: Uuid, state: RequestState, words: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::Records).await?;
    let words = written("words", words)?;
    let tx = grant.begin().await?;
    close(&tx, grant, &row, state, words).await?;
    if state == RequestState::Accepted {
        let by = grant.holder()?.name.clone();
        add(&tx, &row, Voice::Addendum, words, by, grant.now().instant).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `NotFound` for somebody else's request; `Invalid` when it was not declined, or somebody disagreed already.
pub async fn disagree(grant: &Grant<AskCorrection>, id: Uuid, words: &str) -> Result<(), Error> {
    let holder = grant.holder()?;
    let row = request::Entity::find_by_id(id)
        .filter(request::Column::AccountId.eq(holder.account.0))
        .filter(request::Column::PatientId.eq(grant.patient().0))
        .filter(request::Column::Kind.eq(AskedCorrection::KEY))
        .one(grant.db())
        .await?
        .ok_or(Error::NotFound)?;
    let words = written("words", words)?;
    let tx = grant.begin().await?;
    let known = amendment::Entity::find().filter(amendment::Column::RequestId.eq(id)).count(&tx).await?;
    if row.state != RequestState::Declined || known > 0 {
        return Err(Error::form(Why::AlreadyDone));
    }
    add(&tx, &row, Voice::Disagreement, words, holder.name.clone(), grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

async fn add(
    tx: &impl ConnectionTrait,
    row: &request::Model,
    voice: Voice,
    words: &str,
    by_name: String,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    let place: Place = row.details::<AskedCorrection>()?.about.parse().map_err(|()| Error::NotFound)?;
    let added = amendment::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(row.patient_id.ok_or(Error::NotFound)?),
        target_id: Set(place.id),
        request_id: Set(row.id),
        voice: Set(voice),
        text: Set(words.to_owned()),
        by_name: Set(by_name),
        at: Set(at),
    };
    amendment::Entity::insert(added).exec_without_returning(tx).await?;
    Ok(())
}

/// What was added to some items, results or notes of a chart, oldest first. Whoever may see the thing may see what was added.
///
/// # Errors
/// When the database fails.
pub async fn added<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    targets: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<amendment::Model>>, Error> {
    let targets: Vec<Uuid> = targets.into_iter().collect();
    let mut of: HashMap<Uuid, Vec<amendment::Model>> = HashMap::new();
    // SQLite takes so many values in one statement, and far fewer charts have so many corrections.
    let all = amendment::Entity::find().filter(amendment::Column::PatientId.eq(grant.patient().0));
    for row in all.order_by_asc(amendment::Column::At).all(grant.db()).await? {
        if targets.contains(&row.target_id) {
            of.entry(row.target_id).or_default().push(row);
        }
    }
    Ok(of)
}
