//! Makes cards from what the record holds, keeps them, takes them back.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    iter::once,
};

use card_reader::names;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, Select, Statement,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    card::{self, Claims, Making, Person},
    entity::{health_card, health_card_source},
    keys::{self, Issuer},
    model::Subject,
};
use crate::{
    access::{Grant, System, policy::UseHealthCards},
    base::{clock::Clock, error::Error, ids::new_id},
    features::{
        health::screens::is_covid_19,
        results::{self, store::ReadsValues},
    },
    people::patient,
    record::{
        item::{
            entity::health_item,
            model::{Kind, State},
        },
        resource::entity::{fhir_alias, fhir_resource},
        result::{
            entity::{measurement, test_result},
            model::Kind as ResultKind,
        },
    },
};

/// How a vaccine's code begins.
const CVX: &str = "http://hl7.org/fhir/sid/cvx|";

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
    /// Of a result; of a vaccine, see [`against`].
    pub title: String,
    /// Doses or values.
    pub count: usize,
}

/// Everything in the chart of which a card can be made; of results, those for COVID-19.
pub async fn offers(grant: &Grant<UseHealthCards>) -> Result<Vec<Offer>, Error> {
    let (covid, others): (Vec<_>, Vec<_>) = doses(grant).await?.into_iter().map(|(item, _)| item).partition(is_against_covid);
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for group in others.iter().flat_map(against) {
        *groups.entry(group).or_default() += 1;
    }
    let of_vaccines = |subject, title, count| Offer { subject, result: None, title, count };
    let mut offers = vec![of_vaccines(Subject::CovidVaccines, String::new(), covid.len())];
    offers.extend(groups.into_iter().map(|(group, count)| of_vaccines(Subject::Vaccine, group, count)));
    offers.push(of_vaccines(Subject::OtherVaccines, String::new(), others.len()));
    offers.retain(|offer| offer.count > 0);
    let values = open_values(grant)
        .await?
        .filter(measurement::Column::Code.is_in(COVID_TESTS.map(|code| format!("http://loinc.org|{code}"))))
        .order_by_desc(measurement::Column::TakenAt)
        .all(grant.db())
        .await?;
    let signable = signable(grant, &values).await?;
    for value in values.into_iter().filter(|value| signable.contains(&value.resource_id)) {
        // A value of a panel is offered with its panel; one without stands for itself, and has its place under its own id.
        let result = value.result_id.unwrap_or(value.resource_id);
        if !offers.iter().any(|offer| offer.result == Some(result)) {
            offers.push(Offer { subject: Subject::Result, result: Some(result), title: value.name, count: 1 });
        }
    }
    Ok(offers)
}

/// Of these values, the resources of which a card can be made.
pub(crate) async fn signable(grant: &Grant<impl ReadsValues>, values: &[measurement::Model]) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = values.iter().filter(|value| value.kind == ResultKind::Laboratory).map(|value| value.resource_id).collect();
    Ok(sources(grant.db(), grant.zone(), &ids).await?.into_iter().map(|source| source.id).collect())
}

fn cvx(item: &health_item::Model) -> Option<&str> {
    item.code.as_deref()?.strip_prefix(CVX)
}

fn is_against_covid(item: &health_item::Model) -> bool {
    item.code.as_deref().is_some_and(is_covid_19)
}

/// The diseases that a dose is against, in words of [`names`]; of a vaccine that is not known there, its title in the record.
fn against(item: &health_item::Model) -> Vec<String> {
    match cvx(item).map(names::groups) {
        None | Some([]) => vec![item.title.clone()],
        Some(groups) => groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

/// Doses that were given and can be signed, newest first, each with what a card says of it.
async fn doses(grant: &Grant<UseHealthCards>) -> Result<Vec<(health_item::Model, Source)>, Error> {
    let all = health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(grant.patient().0))
        .filter(health_item::Column::Kind.eq(Kind::Immunization))
        .filter(health_item::Column::State.eq(State::Done))
        .filter(health_item::Column::Code.starts_with(CVX))
        .filter(health_item::Column::Tentative.eq(false));
    let all = if grant.sees_sensitive() { all } else { all.filter(health_item::Column::Sensitive.eq(false)) };
    let found = all.order_by_desc(health_item::Column::At).order_by_desc(health_item::Column::Id).all(grant.db()).await?;
    let ids: Vec<Uuid> = found.iter().map(|item| item.id).collect();
    let mut sources: HashMap<Uuid, Source> =
        sources(grant.db(), grant.zone(), &ids).await?.into_iter().map(|source| (source.id, source)).collect();
    Ok(found.into_iter().filter_map(|item| sources.remove(&item.id).map(|source| (item, source))).collect())
}

/// Values of which cards may be made.
async fn open_values(grant: &Grant<UseHealthCards>) -> Result<Select<measurement::Entity>, Error> {
    Ok(results::store::open_values(grant).await?.filter(measurement::Column::Kind.eq(ResultKind::Laboratory)))
}

/// A resource of the record, and what a card says of it.
struct Source {
    id: Uuid,
    content_hash: String,
    says: Value,
}

/// Of some resources, those that can be signed, in their order.
async fn sources(db: &impl ConnectionTrait, zone: Tz, ids: &[Uuid]) -> Result<Vec<Source>, Error> {
    let found = fhir_resource::Entity::find().filter(fhir_resource::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let read: Vec<(fhir_resource::Model, Value)> =
        found.into_iter().filter_map(|row| serde_json::from_str(&row.body).ok().map(|body| (row, body))).collect();
    let making = Making { zone, names: names_in(db, &read).await? };
    let signed =
        read.into_iter().filter_map(|(row, body)| Some(Source { says: making.says(&body)?, id: row.id, content_hash: row.content_hash }));
    let mut signed: Vec<Source> = signed.collect();
    signed.sort_by_key(|source| ids.iter().position(|id| *id == source.id));
    Ok(signed)
}

/// What those are called whom the resources name by reference only, as far as the record has them.
async fn names_in(db: &impl ConnectionTrait, resources: &[(fhir_resource::Model, Value)]) -> Result<HashMap<String, String>, Error> {
    let references: BTreeSet<String> = resources.iter().flat_map(|(_, body)| card::nameless(body)).collect();
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let aliases = fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(references)).all(db).await?;
    let named = fhir_resource::Column::Id.is_in(aliases.iter().map(|alias| alias.resource_id));
    let rows = fhir_resource::Entity::find().filter(named).all(db).await?;
    let called = |id: Uuid| {
        let row = rows.iter().find(|row| row.id == id)?;
        card::called(&serde_json::from_str(&row.body).ok()?)
    };
    Ok(aliases.into_iter().filter_map(|alias| called(alias.resource_id).map(|name| (alias.alias, name))).collect())
}

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
    let person = Person { given: person.given_name, family: person.family_name, birth_date: person.birth_date };
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

/// The cards of a chart, newest first. One whose record was corrected is taken back when it is looked at.
pub async fn cards(grant: &Grant<UseHealthCards>) -> Result<Vec<health_card::Model>, Error> {
    take_back_outdated(grant.db(), grant.zone(), grant.now().instant, Some(grant.patient().0)).await?;
    Ok(open(grant).order_by_desc(health_card::Column::IssuedAt).order_by_desc(health_card::Column::Id).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such card in this chart, or it was taken back.
pub async fn card(grant: &Grant<UseHealthCards>, id: Uuid) -> Result<health_card::Model, Error> {
    take_back_outdated(grant.db(), grant.zone(), grant.now().instant, Some(grant.patient().0)).await?;
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

/// Takes back every card that was made from something that says something else now, or is gone. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn revoke_outdated(system: &System, clock: &Clock) -> Result<usize, Error> {
    take_back_outdated(system.db(), clock.zone(), clock.now().instant, None).await
}

/// Of everybody, or of one patient. A card stays when what it says is still so, whatever else changed in a resource.
async fn take_back_outdated(db: &impl ConnectionTrait, zone: Tz, now: DateTime<Utc>, patient: Option<Uuid>) -> Result<usize, Error> {
    let mut taken_back = 0;
    for id in with_changed_sources(db, patient).await? {
        let Some(card) = health_card::Entity::find_by_id(id).one(db).await? else { continue };
        let made_from = health_card_source::Entity::find().filter(health_card_source::Column::CardId.eq(id)).all(db).await?;
        let ids: Vec<Uuid> = made_from.iter().map(|source| source.resource_id).collect();
        let today = sources(db, zone, &ids).await?;
        if still_says(&card.jws, &today) {
            remember(db, id, today).await?;
            continue;
        }
        let outdated = health_card::ActiveModel { revoked_at: Set(Some(now)), outdated: Set(true), ..Default::default() };
        health_card::Entity::update_many()
            .set(outdated)
            .filter(health_card::Column::Id.eq(id))
            .filter(health_card::Column::RevokedAt.is_null())
            .exec(db)
            .await?;
        taken_back += 1;
    }
    Ok(taken_back)
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Cards that hold, and a resource of which is not there any more as it was.
async fn with_changed_sources(db: &impl ConnectionTrait, patient: Option<Uuid>) -> Result<Vec<Uuid>, Error> {
    let of_one = if patient.is_some() { "AND card.patient_id = $1" } else { "" };
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        format!(
            "SELECT DISTINCT card.id FROM health_card card \
             JOIN health_card_source source ON source.card_id = card.id \
             LEFT JOIN fhir_resource same ON same.id = source.resource_id AND same.content_hash = source.content_hash \
             WHERE card.revoked_at IS NULL AND same.id IS NULL {of_one}"
        ),
        patient.map(Into::into),
    );
    Ok(Found::find_by_statement(statement).all(db).await?.into_iter().map(|found| found.id).collect())
}

/// Whether a card says what it would say if it were signed today.
fn still_says(jws: &str, today: &[Source]) -> bool {
    let Ok(card) = card_reader::card::read(jws) else { return false };
    let signed: Vec<&Value> = card.resources().into_iter().skip(1).collect();
    // Written and read as what was signed: a number may lose its last digit on the way.
    let mut says = today.iter().map(|source| serde_json::from_str::<Value>(&source.says.to_string()).unwrap_or_default());
    signed.len() == today.len() && says.all(|says| signed.contains(&&says))
}

/// What a card was made from changed in something that is not on it.
async fn remember(db: &impl ConnectionTrait, card: Uuid, sources: Vec<Source>) -> Result<(), Error> {
    for source in sources {
        let seen = health_card_source::ActiveModel { content_hash: Set(source.content_hash), ..Default::default() };
        health_card_source::Entity::update_many()
            .set(seen)
            .filter(health_card_source::Column::CardId.eq(card))
            .filter(health_card_source::Column::ResourceId.eq(source.id))
            .exec(db)
            .await?;
    }
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
