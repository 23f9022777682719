//! A record as a file: ordered here, made by a job, fetched within a week.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{entity::take_along, model::State, shares::SeesShares};
use crate::{
    access::{
        Grant, System,
        policy::{TakeAlong, ViewShares},
    },
    base::{
        clock::Clock,
        error::{Error, Problem},
        ids::new_id,
        period::Period,
        why::Why,
    },
    features::sharing::{email, problem},
    people::account,
    platform::{
        mail::{letter::Organization, store::post},
        secret::Secret,
    },
    record::chapter::RecordSection,
};

/// A file is deleted after so long.
pub const LIFE: TimeDelta = TimeDelta::days(7);
/// Whoever has so many files waiting or ready deletes one first, or waits.
const MOST: u64 = 5;
/// A job that did not end after so long was on a server that stopped: another one takes it.
const STUCK: TimeDelta = TimeDelta::minutes(15);
/// An order that failed so often is given up, and whoever ordered it is told.
const MOST_TRIES: i32 = 3;
/// The fewest characters of a password for the file.
const SHORTEST: usize = 8;

/// Everything but the file.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Order {
    pub id: Uuid,
    pub patient_id: Uuid,
    pub account_id: Uuid,
    pub sections: String,
    pub since: Option<chrono::NaiveDate>,
    pub until: Option<chrono::NaiveDate>,
    pub locale: String,
    pub sealed_password: Option<Vec<u8>>,
    pub state: State,
    pub percent: i32,
    pub tries: i32,
    pub with_sensitive: bool,
    pub claimed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Order {
    pub fn period(&self) -> Period {
        Period { since: self.since, until: self.until }
    }
}

fn orders(query: Select<take_along::Entity>) -> sea_orm::Selector<sea_orm::SelectModel<Order>> {
    use take_along::Column as C;
    let columns = [
        C::Id,
        C::PatientId,
        C::AccountId,
        C::Sections,
        C::Since,
        C::Until,
        C::Locale,
        C::SealedPassword,
        C::State,
        C::Percent,
        C::Tries,
        C::WithSensitive,
        C::ClaimedAt,
        C::CreatedAt,
        C::ExpiresAt,
    ];
    query.select_only().columns(columns).into_model::<Order>()
}

/// # Errors
/// `Invalid` with everything that is wrong, or when there are too many files already.
pub async fn order(
    grant: &Grant<TakeAlong>,
    secret: &Secret,
    sections: &[RecordSection],
    period: Period,
    password: &str,
    repeat: &str,
) -> Result<(), Error> {
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    if sections.is_empty() {
        refuse(&format!("sections[{}]", RecordSection::Conditions.as_str()), Why::MISSING);
    }
    if period.since.zip(period.until).is_some_and(|(since, until)| since > until) {
        refuse("until", Why::NOT_FUTURE);
    }
    if !password.is_empty() && password.chars().count() < SHORTEST {
        refuse("password", problem::PASSWORD_SHORT);
    }
    if password != repeat {
        refuse("repeat", problem::NOT_THE_SAME);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tx = grant.begin().await?;
    if own(grant)?.count(&tx).await? >= MOST {
        return Err(Error::form(problem::TOO_MANY));
    }
    let now = Utc::now();
    take_along::Entity::insert(take_along::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(grant.patient().0),
        account_id: Set(grant.holder()?.account.0),
        sections: Set(RecordSection::list(sections)),
        since: Set(period.since),
        until: Set(period.until),
        locale: Set(grant.locale().tag().to_owned()),
        sealed_password: Set(if password.is_empty() { None } else { Some(secret.seal(password.as_bytes())?) }),
        state: Set(State::Waiting),
        percent: Set(0),
        tries: Set(0),
        with_sensitive: Set(grant.sees_sensitive()),
        created_at: Set(now),
        claimed_at: Set(None),
        ready_at: Set(None),
        expires_at: Set(now + LIFE),
        file: Set(None),
    })
    .exec_without_returning(&tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// One's own files of a chart. One that was made when more could be seen than now does not exist any more.
fn own(grant: &Grant<impl SeesShares>) -> Result<Select<take_along::Entity>, Error> {
    let own = take_along::Entity::find()
        .filter(take_along::Column::PatientId.eq(grant.patient().0))
        .filter(take_along::Column::AccountId.eq(grant.holder()?.account.0))
        .filter(take_along::Column::ExpiresAt.gt(Utc::now()));
    Ok(if grant.sees_sensitive() { own } else { own.filter(take_along::Column::WithSensitive.eq(false)) })
}

/// One's own files of a chart, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(grant: &Grant<ViewShares>) -> Result<Vec<Order>, Error> {
    Ok(orders(own(grant)?.order_by_desc(take_along::Column::CreatedAt)).all(grant.db()).await?)
}

/// The file, for whoever ordered it.
///
/// # Errors
/// `NotFound` when it is somebody else's, not ready, or was deleted.
pub async fn file(grant: &Grant<TakeAlong>, id: Uuid) -> Result<Vec<u8>, Error> {
    let found = own(grant)?.filter(take_along::Column::Id.eq(id)).one(grant.db()).await?;
    found.and_then(|row| row.file).ok_or(Error::NotFound)
}

/// # Errors
/// When the database fails.
pub async fn delete(grant: &Grant<TakeAlong>, id: Uuid) -> Result<(), Error> {
    take_along::Entity::delete_many()
        .filter(take_along::Column::Id.eq(id))
        .filter(take_along::Column::PatientId.eq(grant.patient().0))
        .filter(take_along::Column::AccountId.eq(grant.holder()?.account.0))
        .exec(grant.db())
        .await?;
    Ok(())
}

/// Deletes the files whose time is over; returns how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(system: &System) -> Result<u64, Error> {
    let over = take_along::Column::ExpiresAt.lte(Utc::now());
    Ok(take_along::Entity::delete_many().filter(over).exec(system.db()).await?.rows_affected)
}

/// Takes the oldest order that waits, if any; nobody else gets it.
///
/// # Errors
/// When the database fails.
pub async fn claim(system: &System) -> Result<Option<Order>, Error> {
    // As exact as every database keeps it: the order is known by it.
    let now = Utc::now().trunc_subsecs(3);
    let free = Condition::any()
        .add(take_along::Column::State.eq(State::Waiting))
        .add(Condition::all().add(take_along::Column::State.eq(State::Working)).add(take_along::Column::ClaimedAt.lt(now - STUCK)));
    let next = take_along::Entity::find().filter(free.clone()).order_by_asc(take_along::Column::CreatedAt).limit(1);
    let Some(order) = orders(next).one(system.db()).await? else { return Ok(None) };
    let taken = take_along::Entity::update_many()
        .set(take_along::ActiveModel { state: Set(State::Working), claimed_at: Set(Some(now)), ..Default::default() })
        .col_expr(take_along::Column::Tries, Expr::col(take_along::Column::Tries).add(1))
        .filter(take_along::Column::Id.eq(order.id))
        .filter(free)
        .exec(system.db())
        .await?;
    Ok((taken.rows_affected == 1).then_some(Order { tries: order.tries + 1, claimed_at: Some(now), ..order }))
}

/// The order as long as it is this server's: not deleted, and not taken over by another one.
fn claimed(order: &Order) -> Condition {
    Condition::all().add(take_along::Column::Id.eq(order.id)).add(take_along::Column::ClaimedAt.eq(order.claimed_at))
}

/// How far it is.
///
/// # Errors
/// When the database fails.
pub async fn advance(system: &System, order: &Order, percent: i32) -> Result<(), Error> {
    let change = take_along::ActiveModel { percent: Set(percent), ..Default::default() };
    take_along::Entity::update_many().set(change).filter(claimed(order)).exec(system.db()).await?;
    Ok(())
}

impl Order {
    /// Whether it stopped the servers that tried it, so that none tries it again.
    pub fn is_hopeless(&self) -> bool {
        self.tries > MOST_TRIES
    }
}

/// What came of an order.
pub enum Outcome {
    /// The file, and whether it holds what not everybody with access may see.
    Made {
        file: Vec<u8>,
        with_sensitive: bool,
    },
    Failed,
}

/// Keeps the file and tells whoever ordered it. What failed is tried again a few times, and then that is told.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    system: &System,
    clock: &Clock,
    order: &Order,
    outcome: Outcome,
    organization: &Organization,
    origin: &str,
) -> Result<(), Error> {
    let tx = system.begin().await?;
    let link = format!("{origin}/p/{}/take-along", order.patient_id);
    let (change, told_as_ready) = match outcome {
        Outcome::Made { file, with_sensitive } => (
            take_along::ActiveModel {
                state: Set(State::Ready),
                percent: Set(100),
                ready_at: Set(Some(Utc::now())),
                sealed_password: Set(None),
                with_sensitive: Set(with_sensitive),
                file: Set(Some(file)),
                ..Default::default()
            },
            Some(true),
        ),
        Outcome::Failed if order.tries < MOST_TRIES => {
            (take_along::ActiveModel { state: Set(State::Waiting), percent: Set(0), ..Default::default() }, None)
        }
        Outcome::Failed => {
            (take_along::ActiveModel { state: Set(State::Failed), sealed_password: Set(None), ..Default::default() }, Some(false))
        }
    };
    let kept = take_along::Entity::update_many().set(change).filter(claimed(order)).exec(&tx).await?;
    if kept.rows_affected == 1
        && let Some(ready) = told_as_ready
        && let Some(account) = account::Entity::find_by_id(order.account_id).one(&tx).await?
        && let Some(to) = account.recipient()
    {
        let (now, zone) = (clock.now().instant, clock.zone());
        match ready {
            true => post(&tx, &to, email::file_ready(link), organization, now, zone).await?,
            false => post(&tx, &to, email::file_failed(link), organization, now, zone).await?,
        }
    }
    tx.commit().await?;
    Ok(())
}
