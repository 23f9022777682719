//! Jobs that one server does at a time, however many run on one database.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

/// A job that is this server's until then. A server that stops in the middle of it loses it to the next one.
pub struct Lease {
    name: &'static str,
    taken: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Lease {
    /// Takes a job for so long; `None` when another server has it, or when its pause is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(db: &impl ConnectionTrait, name: &'static str, life: TimeDelta) -> Result<Option<Self>, DbErr> {
        // As exact as every database keeps it: the lease is known by its end.
        let taken = Utc::now().trunc_subsecs(3);
        let until = taken + life;
        let sql = "INSERT INTO job_lease (name, until) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET until = $2 WHERE job_lease.until <= $3";
        let done = run(db, sql, [name.into(), until.into(), taken.into()]).await?;
        Ok((done == 1).then_some(Self { name, taken, until }))
    }

    /// Keeps the job for so long from now on. Returns whether it is still this server's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&mut self, db: &impl ConnectionTrait, life: TimeDelta) -> Result<bool, DbErr> {
        let until = Utc::now().trunc_subsecs(3) + life;
        let sql = "UPDATE job_lease SET until = $1 WHERE name = $2 AND until = $3";
        let done = run(db, sql, [until.into(), self.name.into(), self.until.into()]).await?;
        if done == 1 {
            self.until = until;
        }
        Ok(done == 1)
    }

    /// Gives the job back; no server takes it again until the pause is over, counted from when it was taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(self, db: &impl ConnectionTrait, pause: TimeDelta) -> Result<(), DbErr> {
        let sql = "UPDATE job_lease SET until = $1 WHERE name = $2 AND until = $3";
        run(db, sql, [(self.taken + pause).into(), self.name.into(), self.until.into()]).await?;
        Ok(())
    }
}

async fn run<const N: usize>(db: &impl ConnectionTrait, sql: &str, values: [Value; N]) -> Result<u64, DbErr> {
    Ok(db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?.rows_affected())
}
