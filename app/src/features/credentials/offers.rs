//! What cards can be made of.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use card_reader::names;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use super::{
    model::Subject,
    sources::{Source, sources},
};
use crate::{
    access::{Grant, policy::UseHealthCards},
    base::error::Error,
    features::results::{self, store::ReadsValues},
    platform::batch::Batch,
    record::{
        item::{
            entity::health_item,
            model::{Kind, State},
            vaccines::is_covid_19,
        },
        result::{entity::measurement, model::Kind as ResultKind},
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
pub(super) fn is_covid_test(code: &str) -> bool {
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
///
/// # Errors
/// When the database fails.
pub async fn offers(grant: &Grant<UseHealthCards>) -> Result<Vec<Offer>, Error> {
    let values =
        open_values(grant).await?.filter(measurement::Column::Code.is_in(COVID_TESTS.map(|code| format!("http://loinc.org|{code}"))));
    let mut batch = Batch::default();
    let (given, values) = (batch.ask(given(grant)), batch.ask(values));
    let mut answers = batch.read(grant.db()).await?;
    let (given, mut values) = (answers.take(given)?, answers.take(values)?);
    values.sort_by_key(|value| Reverse((value.taken_at, value.id)));
    let ids: Vec<Uuid> = given.iter().map(|item| item.id).chain(values.iter().map(|value| value.resource_id)).collect();
    let signable: HashSet<Uuid> = sources(grant.db(), grant.zone(), &ids).await?.into_iter().map(|source| source.id).collect();
    let (covid, others): (Vec<_>, Vec<_>) = given.into_iter().filter(|item| signable.contains(&item.id)).partition(is_against_covid);
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for group in others.iter().flat_map(against) {
        *groups.entry(group).or_default() += 1;
    }
    let of_vaccines = |subject, title, count| Offer { subject, result: None, title, count };
    let mut offers = vec![of_vaccines(Subject::CovidVaccines, String::new(), covid.len())];
    offers.extend(groups.into_iter().map(|(group, count)| of_vaccines(Subject::Vaccine, group, count)));
    offers.push(of_vaccines(Subject::OtherVaccines, String::new(), others.len()));
    offers.retain(|offer| offer.count > 0);
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
///
/// # Errors
/// When the database fails.
pub async fn signable(grant: &Grant<impl ReadsValues>, values: &[measurement::Model]) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = values.iter().filter(|value| value.kind == ResultKind::Laboratory).map(|value| value.resource_id).collect();
    Ok(sources(grant.db(), grant.zone(), &ids).await?.into_iter().map(|source| source.id).collect())
}

/// Whether a `system|code` is a vaccine that a card can name.
pub(super) fn is_vaccine(code: &str) -> bool {
    code.starts_with(CVX)
}

fn cvx(item: &health_item::Model) -> Option<&str> {
    item.code.as_deref()?.strip_prefix(CVX)
}

pub(super) fn is_against_covid(item: &health_item::Model) -> bool {
    item.code.as_deref().is_some_and(is_covid_19)
}

/// The diseases that a dose is against, in words of [`names`]; of a vaccine that is not known there, its title in the record.
pub(super) fn against(item: &health_item::Model) -> Vec<String> {
    match cvx(item).map(names::groups) {
        None | Some([]) => vec![item.title.clone()],
        Some(groups) => groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

/// Doses that were given, as a query.
fn given(grant: &Grant<UseHealthCards>) -> Select<health_item::Entity> {
    let all = health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(grant.patient().0))
        .filter(health_item::Column::Kind.eq(Kind::Immunization))
        .filter(health_item::Column::State.eq(State::Done))
        .filter(health_item::Column::Code.starts_with(CVX))
        .filter(health_item::Column::Tentative.eq(false));
    if grant.sees_sensitive() { all } else { all.filter(health_item::Column::Sensitive.eq(false)) }
}

/// Doses that were given and can be signed, newest first, each with what a card says of it.
///
/// # Errors
/// When the database fails.
pub(super) async fn doses(grant: &Grant<UseHealthCards>) -> Result<Vec<(health_item::Model, Source)>, Error> {
    let found = given(grant).order_by_desc(health_item::Column::At).order_by_desc(health_item::Column::Id).all(grant.db()).await?;
    let ids: Vec<Uuid> = found.iter().map(|item| item.id).collect();
    let mut sources: HashMap<Uuid, Source> =
        sources(grant.db(), grant.zone(), &ids).await?.into_iter().map(|source| (source.id, source)).collect();
    Ok(found.into_iter().filter_map(|item| sources.remove(&item.id).map(|source| (item, source))).collect())
}

/// Values of which cards may be made.
///
/// # Errors
/// When the database fails.
pub(super) async fn open_values(grant: &Grant<UseHealthCards>) -> Result<Select<measurement::Entity>, Error> {
    Ok(results::store::open_values(grant).await?.filter(measurement::Column::Kind.eq(ResultKind::Laboratory)))
}
