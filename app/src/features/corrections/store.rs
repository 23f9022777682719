//! Opens the request, decides about it, keeps what was added.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::model::AskedCorrection;
use crate::{
    access::{
        Grant,
        policy::{AskCorrection, DecideCorrections},
    },
    base::{error::Error, why::Why},
    desk::requests::{decide::close, entity::request, kind::RequestDetails, model::RequestState, opening::open, store::to_decide},
    people::{patient::with_merged, relation::StaffRole},
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
        return Err(Error::field("right", Why::TOO_LONG));
    }
    let asked = AskedCorrection {
        about: place.to_string(),
        title: found.title,
        quote: found.words,
        page: found.page,
        wrong: wrong.to_owned(),
        right: right.trim().to_owned(),
    };
    let name = grant.holder()?.name.clone();
    Ok(open(grant, &name, None, Some(grant.patient().0), &asked).await?.number)
}

fn written<'a>(field: &str, text: &'a str) -> Result<&'a str, Error> {
    match text.trim() {
        "" => Err(Error::field(field, Why::MISSING)),
        text if text.chars().count() > MOST => Err(Error::field(field, Why::TOO_LONG)),
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
        .filter(request::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()))
        .filter(request::Column::Kind.eq(AskedCorrection::KEY))
        .one(grant.db())
        .await?
        .ok_or(Error::NotFound)?;
    let words = written("words", words)?;
    let tx = grant.begin().await?;
    let known = amendment::Entity::find().filter(amendment::Column::RequestId.eq(id)).count(&tx).await?;
    if row.state != RequestState::Declined || known > 0 {
        return Err(Error::form(Why::ALREADY_DONE));
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
