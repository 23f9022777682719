//! Counting failures, in the database, so that all server processes count together.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement};

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
pub enum Turn {
    /// Go on. `last` says that a failure now locks.
    Free { last: bool },
    /// Whole minutes, at least 1.
    Wait { minutes: u32 },
}

/// Counts a try before it is made, so that many at once cannot pass the limit. The window restarts with each try until the
/// limit is reached and then stands still: a lock ends 15 minutes after the try that closed it.
pub async fn take(db: &impl ConnectionTrait, key: &str, limit: i32) -> Result<Turn, Error> {
    let now = Utc::now();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "INSERT INTO attempt (key, window_started_at, count) VALUES ($1, $2, 1) \
         ON CONFLICT (key) DO UPDATE SET \
         count = CASE WHEN attempt.window_started_at < $3 THEN 1 ELSE attempt.count + 1 END, \
         window_started_at = CASE WHEN attempt.window_started_at < $3 OR attempt.count < $4 THEN $2 ELSE attempt.window_started_at END \
         RETURNING count, window_started_at",
        [hash(key).into(), now.into(), (now - LOCK).into(), limit.into()],
    );
    let counted = Counted::find_by_statement(statement).one(db).await?;
    let counted = counted.ok_or_else(|| Error::unexpected("attempts", &"nothing was counted"))?;
    if counted.count > limit {
        return Ok(Turn::Wait { minutes: minutes_left(counted.window_started_at, now) });
    }
    Ok(Turn::Free { last: counted.count == limit })
}

/// Forgets the failures of a key after a success.
pub async fn forget(db: &impl ConnectionTrait, key: &str) -> Result<(), DbErr> {
    attempt::Entity::delete_many().filter(attempt::Column::Key.eq(hash(key))).exec(db).await?;
    Ok(())
}

/// Whole minutes of a lock that starts now.
pub fn full_lock() -> u32 {
    u32::try_from(LOCK.num_minutes()).unwrap_or(1)
}

fn minutes_left(window_started_at: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let seconds = (window_started_at + LOCK - now).num_seconds().max(1);
    u32::try_from((seconds + 59) / 60).unwrap_or(1)
}

/// Whoever holds one IPv6 address holds its whole /64 network, so that is what is counted.
pub(crate) fn network(address: std::net::IpAddr) -> String {
    match address.to_canonical() {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}
