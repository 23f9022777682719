//! Reads the health summary, from a grant for one chart.

use std::collections::{HashMap, hash_map::Entry};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{
    entity::health_item,
    model::{Fact, Kind, State},
};
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    error::Error,
    notes::{
        entity::note,
        model::{Disclosure, Kind as NoteKind},
    },
    personal_information::entity::{patient, related_person},
    records::entity::fhir_resource,
};

/// A page shows so many items of a kind; the newest ones.
pub const MOST: u64 = 500;

/// One line of the summary.
pub struct Item {
    pub id: Uuid,
    pub kind: Kind,
    pub state: State,
    pub tentative: bool,
    pub title: String,
    pub code: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub until: Option<NaiveDate>,
    pub facts: Vec<Fact>,
    /// Older resources that say the same.
    pub also: Vec<Uuid>,
}

impl From<health_item::Model> for Item {
    fn from(row: health_item::Model) -> Self {
        Self {
            facts: serde_json::from_str(&row.facts).unwrap_or_default(),
            id: row.id,
            kind: row.kind,
            state: row.state,
            tentative: row.tentative,
            title: row.title,
            code: row.code,
            at: row.at,
            until: row.until,
            also: Vec::new(),
        }
    }
}

/// The items of some kinds, newest first. What several resources say in the same words is one item, the newest.
pub async fn items(grant: &Grant<ViewHealthSummary>, kinds: &[Kind]) -> Result<Vec<Item>, Error> {
    let found = open(grant)
        .filter(health_item::Column::Kind.is_in(kinds.iter().copied()))
        .order_by_desc(health_item::Column::At)
        .order_by_desc(health_item::Column::Id)
        .limit(MOST)
        .all(grant.db())
        .await?;
    let mut items: Vec<Item> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for item in found.into_iter().map(Item::from) {
        match places.entry(same(&item)) {
            Entry::Occupied(place) => items[*place.get()].also.push(item.id),
            Entry::Vacant(place) => {
                place.insert(items.len());
                items.push(item);
            }
        }
    }
    Ok(items)
}

/// Events count each; what lasts, and what was asked, counts once.
fn same(item: &Item) -> (Kind, Option<State>, String, Option<Uuid>) {
    let title = item.title.to_lowercase();
    match item.kind {
        Kind::Condition | Kind::Medication | Kind::Allergy => (item.kind, Some(item.state), title, None),
        Kind::SocialHistory => (item.kind, None, title, None),
        _ => (item.kind, None, title, Some(item.id)),
    }
}

/// How many items there are of each kind.
pub async fn counts(grant: &Grant<ViewHealthSummary>) -> Result<Vec<(Kind, i64)>, Error> {
    let found = open(grant)
        .select_only()
        .column(health_item::Column::Kind)
        .column_as(health_item::Column::Id.count(), "count")
        .group_by(health_item::Column::Kind)
        .into_tuple()
        .all(grant.db())
        .await?;
    Ok(found)
}

fn open(grant: &Grant<ViewHealthSummary>) -> Select<health_item::Entity> {
    let all = health_item::Entity::find().filter(health_item::Column::PatientId.eq(grant.patient().0));
    if grant.sees_sensitive() { all } else { all.filter(health_item::Column::Sensitive.eq(false)) }
}

/// Letters and other texts that belong to no visit.
pub async fn letters(grant: &Grant<ViewHealthSummary>) -> Result<Vec<note::Model>, Error> {
    Ok(texts(grant).order_by_desc(note::Column::SignedAt).limit(MOST).all(grant.db()).await?)
}

pub async fn letters_count(grant: &Grant<ViewHealthSummary>) -> Result<u64, Error> {
    Ok(texts(grant).count(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such text outside of visits in this chart.
pub async fn letter(grant: &Grant<ViewHealthSummary>, id: Uuid) -> Result<note::Model, Error> {
    texts(grant).filter(note::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)
}

fn texts(grant: &Grant<ViewHealthSummary>) -> Select<note::Entity> {
    let all = note::Entity::find()
        .filter(note::Column::PatientId.eq(grant.patient().0))
        .filter(note::Column::VisitId.is_null())
        .filter(note::Column::Kind.eq(NoteKind::Note))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown));
    if grant.sees_sensitive() { all } else { all.filter(note::Column::Sensitive.eq(false)) }
}

/// The resource behind an item that is no sensitive one to this reader, as the hospital sent it.
///
/// # Errors
/// `NotFound` when there is no such item in this chart.
pub async fn resource(grant: &Grant<ViewHealthSummary>, id: Uuid) -> Result<String, Error> {
    open(grant).filter(health_item::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let found = fhir_resource::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    Ok(found.body)
}

/// Who the person is, and whom to call.
pub async fn person(grant: &Grant<ViewHealthSummary>) -> Result<(patient::Model, Vec<related_person::Model>), Error> {
    let person = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let related = related_person::Entity::find()
        .filter(related_person::Column::PatientId.eq(grant.patient().0))
        .order_by_asc(related_person::Column::Name)
        .all(grant.db())
        .await?;
    Ok((person, related))
}
