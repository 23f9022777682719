//! Makes cards from what the record holds, keeps them, takes them back.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select};
use serde_json::Value;
use uuid::Uuid;

use super::{
    card::{self, Claims, Person},
    entity::health_card,
    keys::{self, Issuer},
    model::Subject,
};
use crate::{
    access::{Grant, policy::UseHealthCards},
    error::Error,
    health::{
        entity::health_item,
        model::{Kind, State},
        screens::is_covid_19,
    },
    ids::new_id,
    personal_information::entity::patient,
    records::entity::fhir_resource,
    results::{
        self,
        entity::{measurement, test_result},
        model::Kind as ResultKind,
    },
};

/// LOINC codes of tests for the virus of COVID-19 and for antibodies against it. Source: LOINC, SARS-CoV-2 and COVID-19 codes.
const COVID_TESTS: [&str; 24] = [
    "94306-8", "94309-2", "94314-2", "94316-7", "94500-6", "94502-2", "94531-1", "94533-7", "94534-5", "94558-4", "94559-2", "94562-6",
    "94563-4", "94564-2", "94565-9", "94640-0", "94745-7", "94759-8", "94762-2", "94845-5", "95209-3", "95406-5", "95941-1", "97097-0",
];

/// Whether a `system|code` is a test for COVID-19.
fn is_covid_test(code: &str) -> bool {
    code.strip_prefix("http://loinc.org|").is_some_and(|code| COVID_TESTS.contains(&code))
}

/// What a card could be made of.
pub struct Offer {
    pub subject: Subject,
    pub result: Option<Uuid>,
    pub title: String,
    /// Doses or values.
    pub count: usize,
}

/// Everything in the chart of which a card can be made; of results, those for COVID-19.
pub async fn offers(grant: &Grant<UseHealthCards>) -> Result<Vec<Offer>, Error> {
    let mut offers = Vec::new();
    for subject in [Subject::CovidVaccines, Subject::OtherVaccines] {
        let count = vaccines(grant, subject).await?.len();
        if count > 0 {
            offers.push(Offer { subject, result: None, title: String::new(), count });
        }
    }
    let values = open_values(grant)
        .await?
        .filter(measurement::Column::Code.is_in(COVID_TESTS.map(|code| format!("http://loinc.org|{code}"))))
        .order_by_desc(measurement::Column::TakenAt)
        .all(grant.db())
        .await?;
    for value in values {
        // A value of a panel is offered with its panel; one without stands for itself, and has its place under its own id.
        let result = value.result_id.unwrap_or(value.resource_id);
        if !offers.iter().any(|offer| offer.result == Some(result)) {
            offers.push(Offer { subject: Subject::Result, result: Some(result), title: value.name, count: 1 });
        }
    }
    Ok(offers)
}

/// Doses that were given, newest first, of one kind of card.
async fn vaccines(grant: &Grant<UseHealthCards>, subject: Subject) -> Result<Vec<health_item::Model>, Error> {
    let all = health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(grant.patient().0))
        .filter(health_item::Column::Kind.eq(Kind::Immunization))
        .filter(health_item::Column::State.eq(State::Done))
        .filter(health_item::Column::Tentative.eq(false));
    let all = if grant.sees_sensitive() { all } else { all.filter(health_item::Column::Sensitive.eq(false)) };
    let found = all.order_by_desc(health_item::Column::At).order_by_desc(health_item::Column::Id).all(grant.db()).await?;
    let of_card = |item: &health_item::Model| {
        let code = item.code.as_deref().filter(|code| code.starts_with("http://hl7.org/fhir/sid/cvx|"));
        code.is_some_and(|code| is_covid_19(code) == (subject == Subject::CovidVaccines))
    };
    Ok(found.into_iter().filter(of_card).collect())
}

/// Values of which cards may be made; vital signs are none.
async fn open_values(grant: &Grant<UseHealthCards>) -> Result<Select<measurement::Entity>, Error> {
    Ok(results::store::open_values(grant).await?.filter(measurement::Column::Kind.ne(ResultKind::Vital)))
}

/// Signs a card of what the chart holds today.
///
/// # Errors
/// `NotFound` when nothing in this chart qualifies.
pub async fn issue(
    grant: &Grant<UseHealthCards>,
    issuer: &Issuer,
    organisation: &str,
    subject: Subject,
    result: Option<Uuid>,
) -> Result<Uuid, Error> {
    let (sources, title, sensitive, covid) = match subject {
        Subject::Result => {
            let id = result.ok_or(Error::NotFound)?;
            let values = open_values(grant)
                .await?
                .filter(measurement::Column::ResultId.eq(id).or(measurement::Column::ResourceId.eq(id)))
                .order_by_asc(measurement::Column::Name)
                .all(grant.db())
                .await?;
            let named =
                test_result::Entity::find_by_id(id).filter(test_result::Column::PatientId.eq(grant.patient().0)).one(grant.db()).await?;
            let title = named.map(|named| named.title).or_else(|| values.first().map(|value| value.name.clone())).unwrap_or_default();
            let mut ids: Vec<Uuid> = values.iter().map(|value| value.resource_id).collect();
            ids.dedup();
            (ids, title, values.iter().any(|value| value.sensitive), values.iter().any(|value| is_covid_test(&value.code)))
        }
        _ => {
            let items = vaccines(grant, subject).await?;
            let ids = items.iter().rev().map(|item| item.id).collect();
            (ids, String::new(), items.iter().any(|item| item.sensitive), subject == Subject::CovidVaccines)
        }
    };
    let found = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(sources.iter().copied())).all(grant.db()).await?;
    let body = |id: &Uuid| found.iter().find(|row| row.id == *id).and_then(|row| serde_json::from_str::<Value>(&row.body).ok());
    let make = if subject == Subject::Result { card::observation } else { card::immunization };
    let resources: Vec<Value> = sources.iter().filter_map(body).filter_map(|resource| make(&resource, organisation)).collect();
    if resources.is_empty() {
        return Err(Error::NotFound);
    }
    let person = person(grant).await?;
    let person = Person { given: person.given_name, family: person.family_name, birth_date: person.birth_date };
    let mut types = vec![if subject == Subject::Result { "#laboratory" } else { "#immunization" }];
    if covid {
        types.push("#covid19");
    }
    let mut random = [0u8; 12];
    getrandom::fill(&mut random).map_err(|error| Error::unexpected("randomness", &error))?;
    let revocation_id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let now = grant.now().instant;
    let tx = grant.begin().await?;
    let key = keys::current(&tx, &issuer.secret, now).await?;
    let claims = Claims { issuer: &issuer.url, revocation_id: &revocation_id, types: &types, person: &person, resources };
    let jws = card::sign(claims, &key, now)?;
    let id = new_id();
    let row = health_card::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        revocation_id: Set(revocation_id),
        kid: Set(key.kid),
        subject: Set(subject),
        sources: Set(serde_json::to_string(&sources).unwrap_or_default()),
        title: Set(title),
        jws: Set(jws),
        sensitive: Set(sensitive),
        issued_at: Set(now),
        revoked_at: Set(None),
    };
    health_card::Entity::insert(row).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// The cards of a chart, newest first.
pub async fn cards(grant: &Grant<UseHealthCards>) -> Result<Vec<health_card::Model>, Error> {
    Ok(open(grant).order_by_desc(health_card::Column::IssuedAt).order_by_desc(health_card::Column::Id).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such card in this chart, or it was taken back.
pub async fn card(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<health_card::Model, Error> {
    let found = open(grant).filter(health_card::Column::Id.eq(id)).filter(health_card::Column::RevokedAt.is_null());
    found.one(grant.db()).await?.ok_or(Error::NotFound)
}

/// # Errors
/// As [`card`].
pub async fn revoke(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<(), Error> {
    let found = card(grant, id).await?;
    let revoked = health_card::ActiveModel { revoked_at: Set(Some(grant.now().instant)), ..Default::default() };
    health_card::Entity::update_many().set(revoked).filter(health_card::Column::Id.eq(found.id)).exec(grant.db()).await?;
    Ok(())
}

/// Whom the cards are about.
///
/// # Errors
/// When the database fails.
pub async fn person(grant: &Grant<UseHealthCards>) -> Result<patient::Model, Error> {
    patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)
}

fn open(grant: &Grant<UseHealthCards>) -> Select<health_card::Entity> {
    let all = health_card::Entity::find().filter(health_card::Column::PatientId.eq(grant.patient().0));
    if grant.sees_sensitive() { all } else { all.filter(health_card::Column::Sensitive.eq(false)) }
}
