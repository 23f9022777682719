//! The rate limiter: a try is counted in the database before it is made. All server processes count together, and many tries at
//! once pass no limit.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::{Expr, ExprTrait, IntoCondition},
};

use crate::{
    base::error::Error,
    platform::{entity::attempt, tokens::hash},
};

/// After so many failures in a row, an account is locked for [`LOCK`]. Unknown user names lock just the same.
pub const PER_ACCOUNT: i32 = 5;
/// After so many failures from one address within [`LOCK`], it has to wait.
pub const PER_ADDRESS: i32 = 50;
pub const LOCK: TimeDelta = TimeDelta::minutes(15);

#[derive(FromQueryResult)]
struct Counted {
    window_started_at: DateTime<Utc>,
    count: i32,
}

/// How a try stands among the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// `last` says that a failure now locks.
    Allowed { last: bool },
    /// Whole minutes until the next try, at least 1.
    Limited { minutes: u32 },
}

/// Deletes the windows that are over.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let over = attempt::Column::WindowStartedAt.lt(Utc::now() - LOCK);
    Ok(attempt::Entity::delete_many().filter(over).exec(db).await?.rows_affected)
}

/// Counts a try. A window begins with its first try and ends by itself after [`LOCK`]. A try over the limit is not made, and does
/// not count.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, key: &str, limit: i32) -> Result<Throttle, Error> {
    let now = Utc::now();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "INSERT INTO attempt (key, window_started_at, count) VALUES ($1, $2, 1) \
         ON CONFLICT (key) DO UPDATE SET \
         count = CASE WHEN attempt.window_started_at < $3 THEN 1 ELSE attempt.count + 1 END, \
         window_started_at = CASE WHEN attempt.window_started_at < $3 THEN $2 ELSE attempt.window_started_at END \
         RETURNING count, window_started_at",
        [hash(key).into(), now.into(), (now - LOCK).into()],
    );
    let counted = Counted::find_by_statement(statement).one(db).await?;
    let counted = counted.ok_or_else(|| Error::unexpected("attempts", &"nothing was counted"))?;
    if counted.count > limit {
        give_back(db, key).await?;
        return Ok(Throttle::Limited { minutes: minutes_left(counted.window_started_at, now) });
    }
    Ok(Throttle::Allowed { last: counted.count == limit })
}

/// Begins the lock of a key whose last try failed: [`LOCK`] from now on.
///
/// # Errors
/// When the database fails.
pub async fn lock(db: &impl ConnectionTrait, key: &str) -> Result<(), DbErr> {
    attempt::Entity::update_many()
        .col_expr(attempt::Column::WindowStartedAt, Expr::value(Utc::now()))
        .filter(attempt::Column::Key.eq(hash(key)))
        .exec(db)
        .await?;
    Ok(())
}

/// Counts a try of which there may be `limit` in a window; the last of them begins the lock.
///
/// # Errors
/// `TooManyTries`.
pub async fn limit(db: &impl ConnectionTrait, key: &str, limit: i32) -> Result<(), Error> {
    match count(db, key, limit).await? {
        Throttle::Allowed { last: false } => Ok(()),
        Throttle::Allowed { last: true } => Ok(lock(db, key).await?),
        Throttle::Limited { minutes } => Err(Error::TooManyTries { minutes }),
    }
}

/// Counts a try, makes it, and takes it off the count when it was right: one success says nothing about whoever else tries from
/// the same address. The last failure begins the lock.
///
/// # Errors
/// `TooManyTries`, without a try; whatever `attempt` ends with.
pub async fn guarded<T>(
    db: &impl ConnectionTrait,
    key: &str,
    limit: i32,
    attempt: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let last = match count(db, key, limit).await? {
        Throttle::Allowed { last } => last,
        Throttle::Limited { minutes } => return Err(Error::TooManyTries { minutes }),
    };
    let made = attempt.await;
    match &made {
        Ok(_) => give_back(db, key).await?,
        Err(_) if last => lock(db, key).await?,
        Err(_) => {}
    }
    made
}

/// Takes a try off the count, and leaves the others.
///
/// # Errors
/// When the database fails.
pub async fn give_back(db: &impl ConnectionTrait, key: &str) -> Result<(), DbErr> {
    attempt::Entity::update_many()
        .col_expr(attempt::Column::Count, Expr::col(attempt::Column::Count).sub(1))
        .filter(attempt::Column::Key.eq(hash(key)))
        .filter(attempt::Column::Count.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

/// Begins anew after a success: for a key that is one account's alone.
///
/// # Errors
/// When the database fails.
pub async fn reset(db: &impl ConnectionTrait, key: &str) -> Result<(), DbErr> {
    attempt::Entity::delete_many().filter(attempt::Column::Key.eq(hash(key))).exec(db).await?;
    Ok(())
}

/// Counts a try in the row of what is guessed: a code, a link, an invitation. Returns whether it may be made; of many at once, no
/// more than `limit` may.
///
/// # Errors
/// When the database fails.
pub async fn count_in_row<E: EntityTrait>(
    db: &impl ConnectionTrait,
    row: impl IntoCondition,
    tries: E::Column,
    limit: i32,
) -> Result<bool, DbErr> {
    let counted = E::update_many().col_expr(tries, Expr::col(tries).add(1)).filter(row).filter(tries.lt(limit)).exec(db).await?;
    Ok(counted.rows_affected == 1)
}

/// Takes a right try off the count in a row that may be tried again.
///
/// # Errors
/// When the database fails.
pub async fn give_back_in_row<E: EntityTrait>(db: &impl ConnectionTrait, row: impl IntoCondition, tries: E::Column) -> Result<(), DbErr> {
    E::update_many().col_expr(tries, Expr::col(tries).sub(1)).filter(row).filter(tries.gt(0)).exec(db).await?;
    Ok(())
}

/// Whole minutes of a lock that starts now.
pub fn full_lock() -> u32 {
    u32::try_from(LOCK.num_minutes()).unwrap_or(1)
}

fn minutes_left(window_started_at: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let seconds = Ord::max((window_started_at + LOCK - now).num_seconds(), 1);
    u32::try_from((seconds + 59) / 60).unwrap_or(1)
}

/// Whoever holds one IPv6 address holds its whole /64 network, so that is what is counted.
pub fn network(address: std::net::IpAddr) -> String {
    match address.to_canonical() {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}
