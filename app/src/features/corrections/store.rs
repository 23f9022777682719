//! Opens the request, decides about it, keeps what was added.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access::{
        Grant,
        policy::{AskCorrection, DecideCorrections},
    },
    base::error::{Error, Why},
    desk::requests::{
        entity::request,
        model::{Kind, State},
        store::{open, settle, to_decide},
    },
    people::relation::StaffRole,
    record::{
        annotation::{
            self,
            entity::amendment,
            model::{Place, Voice},
        },
        quote::Quotes,
    },
};

/// So many letters are kept of what somebody writes.
const MOST: usize = 4000;

/// Opens a request and returns its number.
///
/// # Errors
/// `NotFound` when there is no such place; `Invalid` when nothing was written.
pub async fn ask(grant: &Grant<AskCorrection>, quotes: &Quotes, about: &str, wrong: &str, right: &str) -> Result<String, Error> {
    let place: Place = about.parse().map_err(|()| Error::NotFound)?;
    let found = quotes.find(grant, place).await?;
    let wrong = written("wrong", wrong)?;
    if right.chars().count() > MOST {
        return Err(Error::field("right", Why::TooLong));
    }
    let body = json!({
        "about": place.to_string(),
        "title": found.title,
        "quote": found.words,
        "page": found.page,
        "wrong": wrong,
        "right": right.trim(),
    });
    let name = grant.holder()?.name.clone();
    Ok(open(grant, Kind::Correction, &name, None, Some(grant.patient().0), body).await?.number)
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
    let reviewed = request::ActiveModel { state: Set(State::Review), ..Default::default() };
    request::Entity::update_many()
        .set(reviewed)
        .filter(request::Column::Id.eq(row.id))
        .filter(request::Column::State.eq(State::Open))
        .exec(grant.db())
        .await?;
    Ok(())
}

/// # Errors
/// `NotFound` outside of the queue; `Invalid` when it was decided, or nothing was written.
pub async fn decide(grant: &Grant<DecideCorrections>, id: Uuid, state: State, words: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::Records).await?;
    let words = written("words", words)?;
    let tx = grant.begin().await?;
    settle(&tx, grant, &row, state, words).await?;
    if state == State::Accepted {
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
        .filter(request::Column::Kind.eq(Kind::Correction))
        .one(grant.db())
        .await?
        .ok_or(Error::NotFound)?;
    let words = written("words", words)?;
    let tx = grant.begin().await?;
    let known = amendment::Entity::find().filter(amendment::Column::RequestId.eq(id)).count(&tx).await?;
    if row.state != State::Declined || known > 0 {
        return Err(Error::form(Why::AlreadyDone));
    }
    add(&tx, &row, Voice::Disagreement, words, holder.name.clone(), grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Of declined requests, those about which somebody disagreed already.
///
/// # Errors
/// When the database fails.
pub async fn disagreed(db: &impl ConnectionTrait, requests: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let found = amendment::Entity::find().filter(amendment::Column::RequestId.is_in(requests.iter().copied())).all(db).await?;
    Ok(found.into_iter().filter(|row| row.voice == Voice::Disagreement).map(|row| row.request_id).collect())
}

async fn add(
    tx: &impl ConnectionTrait,
    row: &request::Model,
    voice: Voice,
    words: &str,
    by_name: String,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
    let place: Place = body["about"].as_str().and_then(|about| about.parse().ok()).ok_or(Error::NotFound)?;
    let new = annotation::NewAnnotation {
        patient: row.patient_id.ok_or(Error::NotFound)?,
        target: place.id,
        request: row.id,
        voice,
        text: words,
        by_name,
        at,
    };
    annotation::add(tx, new).await
}
