//! Reads results and values, from a grant for one chart. Lists read a page at a time, by index.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{CommonTableExpression, Expr, LikeExpr, WithClause},
};
use uuid::Uuid;

use crate::{
    access::{
        Grant, Permission,
        policy::{UseHealthCards, ViewHealthSummary, ViewResults},
    },
    base::{error::Error, ids::PatientId},
    platform::batch::Batch,
    record::{
        note::{entity::note, model::Disclosure},
        release::Release,
        result::{
            entity::{measurement, measurement_before, test_result},
            model::Kind,
        },
    },
};

/// Results on one page of the list.
pub const PAGE: u64 = 40;
/// Addresses may ask for any page; no record has so many.
pub const LAST_PAGE: u64 = 100_000;
/// A trend shows so many values, the newest ones.
pub const MOST: u64 = 1000;
/// So many ids are asked for in one statement.
const CHUNK: usize = 1000;

/// The permissions with which values are read.
pub trait ReadsValues: Permission<Scope = PatientId> {}

impl ReadsValues for ViewHealthSummary {}
impl ReadsValues for ViewResults {}
impl ReadsValues for UseHealthCards {}

/// What the list is narrowed to.
#[derive(Default)]
pub struct Filter {
    pub kind: Option<Kind>,
    /// Words of the title or of the values' names, in small letters.
    pub words: String,
    pub since: Option<DateTime<Utc>>,
}

/// One page of the list, newest first, with the values of each; and whether there are more.
pub async fn list(
    grant: &Grant<ViewResults>,
    filter: &Filter,
    page: u64,
) -> Result<(Vec<(test_result::Model, Vec<measurement::Model>)>, bool), Error> {
    let mut found = open_results(grant).await?;
    if let Some(kind) = filter.kind {
        found = found.filter(test_result::Column::Kind.eq(kind));
    }
    for word in filter.words.split_whitespace() {
        let pattern = format!("%{}%", word.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        found = found.filter(test_result::Column::SearchTitle.like(LikeExpr::new(pattern).escape('!')));
    }
    if let Some(since) = filter.since {
        found = found.filter(test_result::Column::TakenAt.gte(since));
    }
    let mut found = found
        .order_by_desc(test_result::Column::TakenAt)
        .order_by_desc(test_result::Column::Id)
        .offset(Ord::min(page, LAST_PAGE) * PAGE)
        .limit(PAGE + 1)
        .all(grant.db())
        .await?;
    let more = found.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let values = open_values(grant)
        .await?
        .filter(measurement::Column::ResultId.is_in(found.iter().map(|result| result.id)))
        .order_by_asc(measurement::Column::Position)
        .order_by_asc(measurement::Column::Name)
        .all(grant.db())
        .await?;
    let mut of: HashMap<Uuid, Vec<measurement::Model>> = HashMap::new();
    for value in values {
        if let Some(result) = value.result_id {
            of.entry(result).or_default().push(value);
        }
    }
    Ok((
        found
            .into_iter()
            .map(|result| (of.remove(&result.id).unwrap_or_default(), result))
            .map(|(values, result)| (result, values))
            .collect(),
        more,
    ))
}

/// What amended values said before, by resource and position, oldest first.
pub type Before = HashMap<(Uuid, i32), Vec<String>>;

/// A result with its values, its text, and what amended values said before.
pub struct Whole {
    pub result: test_result::Model,
    pub values: Vec<measurement::Model>,
    pub before: Before,
    pub text: Option<note::Model>,
}

/// # Errors
/// `NotFound` when it is not in this chart.
pub async fn one(grant: &Grant<ViewResults>, id: Uuid) -> Result<Whole, Error> {
    let result = open_results(grant).await?.filter(test_result::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let values = open_values(grant)
        .await?
        .filter(measurement::Column::ResultId.eq(id))
        .order_by_asc(measurement::Column::Name)
        .order_by_asc(measurement::Column::Position)
        .all(grant.db())
        .await?;
    let before = before(grant, &values).await?;
    let text = note::Entity::find()
        .filter(note::Column::PatientId.eq(grant.patient().0))
        .filter(note::Column::ResourceId.eq(id))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown))
        .one(grant.db())
        .await?;
    Ok(Whole { result, values, before, text })
}

/// What these values said before they were amended.
///
/// # Errors
/// When the database fails.
pub async fn before(grant: &Grant<ViewResults>, values: &[measurement::Model]) -> Result<Before, Error> {
    let mut ids: Vec<Uuid> = values.iter().map(|value| value.resource_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut of = Before::new();
    for chunk in ids.chunks(CHUNK) {
        let found = measurement_before::Entity::find()
            .filter(measurement_before::Column::ResourceId.is_in(chunk.iter().copied()))
            .order_by_asc(measurement_before::Column::ReplacedAt);
        for row in found.all(grant.db()).await? {
            of.entry((row.resource_id, row.position)).or_default().push(row.shown);
        }
    }
    Ok(of)
}

/// Everything that is shown, newest first: results and their values, or vital signs.
///
/// # Errors
/// When the database fails.
pub async fn all(grant: &Grant<ViewResults>, vitals: bool) -> Result<(Vec<test_result::Model>, Vec<measurement::Model>), Error> {
    let kind = if vitals { measurement::Column::Kind.eq(Kind::Vital) } else { measurement::Column::Kind.ne(Kind::Vital) };
    let values = open_values(grant)
        .await?
        .filter(kind)
        .order_by_desc(measurement::Column::TakenAt)
        .order_by_asc(measurement::Column::Name)
        .order_by_asc(measurement::Column::Position)
        .all(grant.db())
        .await?;
    if vitals {
        return Ok((Vec::new(), values));
    }
    let results = open_results(grant).await?.order_by_desc(test_result::Column::TakenAt).order_by_desc(test_result::Column::Id);
    Ok((results.all(grant.db()).await?, values))
}

/// The texts of these reports that may be read, by their own ids.
///
/// # Errors
/// When the database fails.
pub async fn texts(grant: &Grant<ViewResults>, results: &[test_result::Model]) -> Result<HashMap<Uuid, note::Model>, Error> {
    let ids: Vec<Uuid> = results.iter().filter_map(|result| result.note_id).collect();
    let mut texts = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let found = note::Entity::find()
            .filter(note::Column::PatientId.eq(grant.patient().0))
            .filter(note::Column::Id.is_in(chunk.iter().copied()))
            .filter(note::Column::Disclosure.eq(Disclosure::Shown));
        texts.extend(found.all(grant.db()).await?.into_iter().map(|text| (text.id, text)));
    }
    Ok(texts)
}

/// All values of one code, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn series(grant: &Grant<impl ReadsValues>, code: &str) -> Result<Vec<measurement::Model>, Error> {
    Ok(series_of(grant, &[code]).await?.pop().unwrap_or_default())
}

/// The same of several codes, in their order.
///
/// # Errors
/// When the database fails.
pub async fn series_of(grant: &Grant<impl ReadsValues>, codes: &[&str]) -> Result<Vec<Vec<measurement::Model>>, Error> {
    let open = open_values(grant).await?;
    let mut batch = Batch::default();
    let newest = open.order_by_desc(measurement::Column::TakenAt).limit(MOST);
    let asked: Vec<_> = codes.iter().map(|code| batch.ask(newest.clone().filter(measurement::Column::Code.eq(*code)))).collect();
    let mut answers = batch.read(grant.db()).await?;
    let mut all = asked.into_iter().map(|asked| answers.take(asked)).collect::<Result<Vec<Vec<measurement::Model>>, _>>()?;
    all.iter_mut().for_each(|found| found.sort_by_key(|value| (value.taken_at, value.id)));
    Ok(all)
}

/// The newest value of each code of a kind.
///
/// # Errors
/// When the database fails.
pub async fn latest(grant: &Grant<impl ReadsValues>, kind: Kind) -> Result<Vec<measurement::Model>, Error> {
    let open = open_values(grant).await?.filter(measurement::Column::Kind.eq(kind));
    let newest = open
        .clone()
        .select_only()
        .column(measurement::Column::Code)
        .column_as(measurement::Column::TakenAt.max(), "taken_at")
        .group_by(measurement::Column::Code)
        .into_query();
    // Answered once, and then each value is found by index: otherwise PostgreSQL may answer it again for each value, and SQLite,
    // which reads a cross join in the order in which it is written, may read all values.
    let newest = CommonTableExpression::new().table_name(NEWEST).query(newest).materialized(true).to_owned();
    let at_newest = |column: measurement::Column| Expr::col((measurement::Entity, column)).equals((NEWEST, column));
    let same = Condition::all().add(at_newest(measurement::Column::Code)).add(at_newest(measurement::Column::TakenAt));
    let values = open.into_query().from_clear().from(NEWEST).cross_join(measurement::Entity).cond_where(same).to_owned();
    let db = grant.db();
    let query = values.with(WithClause::new().cte(newest).to_owned());
    let mut found = measurement::Model::find_by_statement(db.get_database_backend().build(&query)).all(db).await?;
    found.sort_by(|one, other| (&one.name, &one.code, one.position).cmp(&(&other.name, &other.code, other.position)));
    found.dedup_by(|one, other| one.code == other.code);
    Ok(found)
}

const NEWEST: &str = "newest";

/// The codes of other numbers in the same unit, with their names: what may stand in one chart.
pub async fn in_unit(grant: &Grant<impl ReadsValues>, unit: &str) -> Result<Vec<(String, String)>, Error> {
    let found = open_values(grant)
        .await?
        .filter(measurement::Column::Unit.is_in(spellings(unit)))
        .filter(measurement::Column::Value.is_not_null())
        .select_only()
        .column(measurement::Column::Code)
        .column_as(measurement::Column::Name.max(), "name")
        .group_by(measurement::Column::Code)
        .into_tuple()
        .all(grant.db())
        .await?;
    Ok(found)
}

/// The litre is spelled l and L; the index finds units as they are spelled.
fn spellings(unit: &str) -> Vec<String> {
    match unit.strip_suffix(['l', 'L']) {
        Some(stem) => vec![format!("{stem}L"), format!("{stem}l")],
        None => vec![unit.to_owned()],
    }
}

/// Results that are in the chart and shown already.
async fn open_results(grant: &Grant<ViewResults>) -> Result<Select<test_result::Entity>, Error> {
    let release = Release::for_reader(grant).await?;
    let all = test_result::Entity::find().filter(test_result::Column::PatientId.eq(grant.patient().0)).filter(release.results());
    Ok(if grant.sees_sensitive() { all } else { all.filter(test_result::Column::Sensitive.eq(false)) })
}

/// How many results wait, as the chart's owner chose.
///
/// # Errors
/// When the database fails.
pub async fn waiting(grant: &Grant<ViewResults>) -> Result<u64, Error> {
    let release = Release::for_reader(grant).await?;
    if !release.holds() {
        return Ok(0);
    }
    let all = test_result::Entity::find().filter(test_result::Column::PatientId.eq(grant.patient().0)).filter(release.results().not());
    let all = if grant.sees_sensitive() { all } else { all.filter(test_result::Column::Sensitive.eq(false)) };
    Ok(all.count(grant.db()).await?)
}

/// Values that are in the chart and shown already.
///
/// # Errors
/// When the database fails.
pub(crate) async fn open_values(grant: &Grant<impl ReadsValues>) -> Result<Select<measurement::Entity>, Error> {
    let release = Release::for_reader(grant).await?;
    let all = measurement::Entity::find().filter(measurement::Column::PatientId.eq(grant.patient().0)).filter(release.values());
    Ok(if grant.sees_sensitive() { all } else { all.filter(measurement::Column::Sensitive.eq(false)) })
}
