//! Reads the health summary, from a grant for one chart.

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, NullOrdering, UnionType},
};
use serde_json::Value;
use uuid::Uuid;

pub use super::item::Item;
use super::item::uncontradicted;
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    base::error::Error,
    people::{folding::folded, patient, related_person},
    platform::batch::{Batch, Rows, alone},
    record::{
        fhir::attachment,
        item::{
            entity::health_item,
            model::{Kind, Nothing, State, What},
        },
        note::{
            entity::note,
            model::{Disclosure, Kind as NoteKind},
        },
        release,
        resource::entity::fhir_resource,
    },
};

/// Items on one page of a list.
pub const PAGE: u64 = 200;
/// The titles of so many texts stand on one page.
const MOST_TEXTS: u64 = 500;

/// What sources say that there is not, of some kinds, and which resources say so.
///
/// # Errors
/// When the database fails.
pub async fn absences(grant: &Grant<ViewHealthSummary>, kinds: &[Kind]) -> Result<Vec<(Uuid, Nothing)>, Error> {
    let found = open(grant)
        .filter(health_item::Column::Kind.eq(Kind::NoneKnown))
        .filter(health_item::Column::State.ne(State::Past))
        .order_by_asc(health_item::Column::Id)
        .all(grant.db())
        .await?;
    let said = said(&found, kinds);
    if said.is_empty() {
        return Ok(said);
    }
    let hidden: Vec<Item> = hidden(grant).all(grant.db()).await?.into_iter().map(Item::from).collect();
    Ok(uncontradicted(&hidden.iter().collect::<Vec<_>>(), &said).collect())
}

/// What may contradict that there is nothing, and not every reader sees: where there is such an entry, nothing is said.
fn hidden(grant: &Grant<ViewHealthSummary>) -> Select<health_item::Entity> {
    health_item::Entity::find()
        .filter(health_item::Column::PatientId.eq(grant.patient().0))
        .filter(health_item::Column::Kind.is_in([
            Kind::Allergy,
            Kind::Condition,
            Kind::Medication,
            Kind::Procedure,
            Kind::Device,
            Kind::Immunization,
        ]))
        .filter(health_item::Column::Sensitive.eq(true))
}

fn said(rows: &[health_item::Model], kinds: &[Kind]) -> Vec<(Uuid, Nothing)> {
    let said = rows.iter().filter_map(|row| Some((row.id, Nothing::ALL.iter().copied().find(|nothing| nothing.as_str() == row.title)?)));
    said.filter(|(_, nothing)| kinds.contains(&nothing.kind())).collect()
}

/// What holds now, and what there is not.
pub struct Current {
    rows: Vec<health_item::Model>,
    absent: Vec<health_item::Model>,
    hidden: Vec<Item>,
}

impl Current {
    /// Asks for that of some kinds.
    pub fn ask(
        batch: &mut Batch,
        grant: &Grant<ViewHealthSummary>,
        kinds: &[Kind],
    ) -> impl FnOnce(&mut Rows) -> Result<Self, DbErr> + use<> {
        let holds = health_item::Column::State.is_not_in([State::Past, State::NotDone]);
        let (found, hidden) = (batch.ask(sorted(grant, &[kinds, &[Kind::NoneKnown]].concat()).filter(holds)), batch.ask(hidden(grant)));
        move |answers| {
            let mut found = answers.take(found)?;
            found.sort_by_key(newest_first);
            let (rows, absent) = found.into_iter().partition(|row| row.kind != Kind::NoneKnown);
            Ok(Self { rows, absent, hidden: answers.take(hidden)?.into_iter().map(Item::from).collect() })
        }
    }

    /// Of these kinds as [`current`] tells it, with what sources say that there is not, as [`absences`] does.
    pub fn of(&self, kinds: &[Kind]) -> (Vec<Item>, Vec<(Uuid, Nothing)>) {
        self.told(kinds, |_| true)
    }

    /// The same without what is sensitive.
    pub fn but_sensitive(&self, kinds: &[Kind]) -> (Vec<Item>, Vec<(Uuid, Nothing)>) {
        self.told(kinds, |row| !row.sensitive)
    }

    fn told(&self, kinds: &[Kind], shown: fn(&&health_item::Model) -> bool) -> (Vec<Item>, Vec<(Uuid, Nothing)>) {
        let rows = self.rows.iter().filter(|row| kinds.contains(&row.kind)).filter(shown).cloned();
        let absent: Vec<health_item::Model> = self.absent.iter().filter(shown).cloned().collect();
        let absent = uncontradicted(&self.hidden.iter().collect::<Vec<_>>(), &said(&absent, kinds)).collect();
        (once_each(rows), absent)
    }
}

/// As [`current`], with what sources say that there is not of these kinds, as [`absences`] tells it.
///
/// # Errors
/// When the database fails.
pub async fn current_and_absent(grant: &Grant<ViewHealthSummary>, kinds: &[Kind]) -> Result<(Vec<Item>, Vec<(Uuid, Nothing)>), Error> {
    Ok(alone(grant.db(), |batch| Current::ask(batch, grant, kinds)).await?.of(kinds))
}

/// One page of the items of some kinds, newest first; what has no day comes last. And whether there are more.
pub async fn items(grant: &Grant<ViewHealthSummary>, kinds: &[Kind], page: u64) -> Result<(Vec<Item>, bool), Error> {
    let found = sorted(grant, kinds).offset(page.min(MOST_PAGES) * PAGE).limit(PAGE + 1).all(grant.db()).await?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = found.len() > size;
    Ok((once_each(found.into_iter().take(size)), more))
}

/// Nobody turns more pages, and no number that somebody types is too large.
const MOST_PAGES: u64 = 10_000;

/// All that holds now of some kinds, however much it is: nothing of an allergy may be cut off.
pub async fn current(grant: &Grant<ViewHealthSummary>, kinds: &[Kind]) -> Result<Vec<Item>, Error> {
    let holds = health_item::Column::State.is_not_in([State::Past, State::NotDone]);
    Ok(once_each(sorted(grant, kinds).filter(holds).all(grant.db()).await?.into_iter()))
}

/// All of some kinds.
pub async fn all(grant: &Grant<ViewHealthSummary>, kinds: &[Kind]) -> Result<Vec<Item>, Error> {
    Ok(once_each(sorted(grant, kinds).all(grant.db()).await?.into_iter()))
}

/// Asks for all of some kinds.
pub fn ask_all(
    batch: &mut Batch,
    grant: &Grant<ViewHealthSummary>,
    kinds: &[Kind],
) -> impl FnOnce(&mut Rows) -> Result<Vec<Item>, DbErr> + use<> {
    let found = batch.ask(sorted(grant, kinds));
    move |answers| {
        let mut found = answers.take(found)?;
        found.sort_by_key(newest_first);
        Ok(once_each(found.into_iter()))
    }
}

/// As [`sorted`] has them.
fn newest_first(row: &health_item::Model) -> Reverse<(Option<DateTime<Utc>>, Uuid)> {
    Reverse((row.at, row.id))
}

fn sorted(grant: &Grant<ViewHealthSummary>, kinds: &[Kind]) -> Select<health_item::Entity> {
    open(grant)
        .filter(health_item::Column::Kind.is_in(kinds.iter().copied()))
        .order_by_with_nulls(health_item::Column::At, Order::Desc, NullOrdering::Last)
        .order_by_desc(health_item::Column::Id)
}

/// What several resources say in the same words, all of them, is one item: the newest, with the days of the others.
fn once_each(found: impl Iterator<Item = health_item::Model>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for item in found.map(Item::from) {
        match places.entry(same(&item)) {
            Entry::Occupied(place) => items[*place.get()].also.push((item.id, item.at)),
            Entry::Vacant(place) => {
                place.insert(items.len());
                items.push(item);
            }
        }
    }
    items
}

/// Events count each. What lasts, and what was asked, counts once, as long as nothing in it differs: not a dose, not a reaction.
fn same(item: &Item) -> (Kind, State, String, String, Option<Uuid>) {
    let lasts = matches!(item.kind, Kind::Condition | Kind::Medication | Kind::Allergy | Kind::SocialHistory);
    (item.kind, item.state, item.title.to_lowercase(), item.said.clone(), (!lasts).then_some(item.id))
}

/// How many items there are of each kind, and how many letters: in one statement.
///
/// # Errors
/// When the database fails.
pub async fn counts(grant: &Grant<ViewHealthSummary>) -> Result<(Vec<(Kind, i64)>, i64), Error> {
    let letters = texts(grant).select_only().expr_as(Expr::val(LETTERS), "kind").expr_as(note::Column::Id.count(), "count").into_query();
    let all = open(grant)
        .select_only()
        .column(health_item::Column::Kind)
        .column_as(health_item::Column::Id.count(), "count")
        .group_by(health_item::Column::Kind)
        .into_query()
        .union(UnionType::All, letters)
        .to_owned();
    let db = grant.db();
    let found: Vec<Count> = Count::find_by_statement(db.get_database_backend().build(&all)).all(db).await?;
    let letters = found.iter().find(|row| row.kind == LETTERS).map_or(0, |row| row.count);
    let of = |kind: &Kind| found.iter().find(|row| row.kind == kind.as_str()).map(|row| (*kind, row.count));
    Ok((Kind::ALL.iter().filter_map(of).collect(), letters))
}

/// Beside the kinds of items.
const LETTERS: &str = "letters";

#[derive(FromQueryResult)]
struct Count {
    kind: String,
    count: i64,
}

/// The file of a result that waits, waits with it.
fn open(grant: &Grant<ViewHealthSummary>) -> Select<health_item::Entity> {
    let all = health_item::Entity::find().filter(health_item::Column::PatientId.eq(grant.patient().0)).filter(release::items_for(grant));
    if grant.sees_sensitive() { all } else { all.filter(health_item::Column::Sensitive.eq(false)) }
}

/// Letters and other texts that belong to no visit.
pub async fn letters(grant: &Grant<ViewHealthSummary>) -> Result<Vec<note::Model>, Error> {
    Ok(texts(grant).order_by_with_nulls(note::Column::SignedAt, Order::Desc, NullOrdering::Last).limit(MOST_TEXTS).all(grant.db()).await?)
}

/// # Errors
/// `NotFound` when there is no such text outside of visits in this chart.
pub async fn letter(grant: &Grant<ViewHealthSummary>, id: Uuid) -> Result<note::Model, Error> {
    texts(grant).filter(note::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)
}

/// Those of results that wait, wait with them.
fn texts(grant: &Grant<ViewHealthSummary>) -> Select<note::Entity> {
    let all = note::Entity::find()
        .filter(note::Column::PatientId.eq(grant.patient().0))
        .filter(release::notes_for(grant))
        .filter(note::Column::VisitId.is_null())
        .filter(note::Column::Kind.eq(NoteKind::Note))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown));
    if grant.sees_sensitive() { all } else { all.filter(note::Column::Sensitive.eq(false)) }
}

/// The resource behind an item that is no sensitive one to this reader, as the hospital sent it, and with the content of its
/// files.
///
/// # Errors
/// `NotFound` when there is no such item in this chart.
pub async fn resource(grant: &Grant<ViewHealthSummary>, id: Uuid) -> Result<(String, Value), Error> {
    let item: Item = open(grant).filter(health_item::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?.into();
    let found = fhir_resource::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let mut files: Value = serde_json::from_str(&found.body).unwrap_or_default();
    for (place, binary) in item.facts.iter().filter(|fact| fact.what == What::Stored).filter_map(|fact| fact.said.split_once(':')) {
        let (Ok(place), Ok(binary)) = (place.parse::<usize>(), binary.parse::<Uuid>()) else { continue };
        let stored = fhir_resource::Entity::find_by_id(binary).one(grant.db()).await?;
        let content: Option<Value> = stored.and_then(|stored| serde_json::from_str(&stored.body).ok());
        if let (Some(file), Some(content)) = (attachment::of_mut(&mut files).nth(place), content.filter(attachment::is_for_every_reader)) {
            attachment::fill(file, &content);
        }
    }
    Ok((found.body, files))
}

/// Asks who the person is, and whom to call.
pub fn ask_person(
    batch: &mut Batch,
    grant: &Grant<ViewHealthSummary>,
) -> impl FnOnce(&mut Rows) -> Result<(patient::Model, Vec<related_person::Model>), Error> + use<> {
    let person = batch.ask(patient::Entity::find_by_id(grant.patient().0));
    let related = batch.ask(related_person::Entity::find().filter(related_person::Column::PatientId.eq(grant.patient().0)));
    move |answers| {
        let (person, mut related) = (answers.take(person)?.pop().ok_or(Error::NotFound)?, answers.take(related)?);
        related.sort_by_cached_key(|found| folded(&found.name));
        Ok((person, related))
    }
}
