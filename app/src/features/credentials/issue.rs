//! Makes cards from what the record holds.

use std::iter::once;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    card::{self, Claims, Person},
    entity::{health_card, health_card_source},
    issuer::Issuer,
    keys,
    model::Subject,
    offers::{against, doses, is_against_covid, is_covid_test, open_values},
    sources::{Source, sources},
    store::person,
};
use crate::{
    access::{Grant, policy::UseHealthCards},
    base::{error::Error, ids::new_id},
    record::result::entity::{measurement, test_result},
};

/// What a card will hold.
struct Content {
    sources: Vec<Source>,
    title: String,
    sensitive: bool,
    /// Types of the card, as the specification names them.
    types: Vec<&'static str>,
}

async fn of_result(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<Content, Error> {
    let values = open_values(grant)
        .await?
        .filter(measurement::Column::ResultId.eq(id).or(measurement::Column::ResourceId.eq(id)))
        .order_by_asc(measurement::Column::Name)
        .all(grant.db())
        .await?;
    let named = test_result::Entity::find_by_id(id).filter(test_result::Column::PatientId.eq(grant.patient().0)).one(grant.db()).await?;
    let mut ids: Vec<Uuid> = values.iter().map(|value| value.resource_id).collect();
    ids.dedup();
    let covid = values.iter().any(|value| is_covid_test(&value.code));
    Ok(Content {
        sources: sources(grant.db(), grant.zone(), &ids).await?,
        title: named.map(|named| named.title).or_else(|| values.first().map(|value| value.name.clone())).unwrap_or_default(),
        sensitive: values.iter().any(|value| value.sensitive),
        types: once("#laboratory").chain(covid.then_some("#covid19")).collect(),
    })
}

async fn of_vaccines(grant: &Grant<UseHealthCards>, subject: Subject, group: Option<String>) -> Result<Content, Error> {
    let covid = subject == Subject::CovidVaccines;
    let title = group.filter(|_| subject == Subject::Vaccine);
    if subject == Subject::Vaccine && title.is_none() {
        return Err(Error::NotFound);
    }
    let mut doses = doses(grant).await?;
    doses.retain(|(item, _)| is_against_covid(item) == covid && title.as_ref().is_none_or(|group| against(item).contains(group)));
    Ok(Content {
        sensitive: doses.iter().any(|(item, _)| item.sensitive),
        title: title.unwrap_or_default(),
        sources: doses.into_iter().rev().map(|(_, source)| source).collect(),
        types: once("#immunization").chain(covid.then_some("#covid19")).collect(),
    })
}

/// Signs a card of what the chart holds today: of a result, or of vaccines; `vaccine` is the title of an [`Offer`].
///
/// # Errors
/// `NotFound` when nothing in this chart qualifies.
pub async fn issue(
    grant: &Grant<UseHealthCards>,
    issuer: &Issuer,
    subject: Subject,
    result: Option<Uuid>,
    vaccine: Option<String>,
) -> Result<Uuid, Error> {
    let content = match subject {
        Subject::Result => of_result(grant, result.ok_or(Error::NotFound)?).await?,
        Subject::CovidVaccines | Subject::Vaccine | Subject::OtherVaccines => of_vaccines(grant, subject, vaccine).await?,
    };
    if content.sources.is_empty() {
        return Err(Error::NotFound);
    }
    let person = person(grant).await?;
    let birth_date = person.born().to_stored();
    let person = Person { given: person.given_name, family: person.family_name, birth_date };
    let mut random = [0u8; 12];
    getrandom::fill(&mut random).map_err(|error| Error::unexpected("randomness", &error))?;
    let revocation_id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let now = grant.now().instant;
    let tx = grant.begin().await?;
    let key = keys::current(&tx, &issuer.secret).await?;
    let resources = content.sources.iter().map(|source| source.says.clone()).collect();
    let claims = Claims { issuer: &issuer.url, revocation_id: &revocation_id, types: &content.types, person: &person, resources };
    let jws = card::sign(claims, &key, now)?;
    let id = new_id();
    let row = health_card::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        revocation_id: Set(revocation_id),
        kid: Set(key.kid),
        subject: Set(subject),
        title: Set(content.title),
        jws: Set(jws),
        sensitive: Set(content.sensitive),
        issued_at: Set(now),
        revoked_at: Set(None),
        outdated: Set(false),
    };
    health_card::Entity::insert(row).exec_without_returning(&tx).await?;
    let made_from = content.sources.into_iter().map(|source| health_card_source::ActiveModel {
        card_id: Set(id),
        resource_id: Set(source.id),
        content_hash: Set(source.content_hash),
    });
    health_card_source::Entity::insert_many(made_from).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(id)
}
