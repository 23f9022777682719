//! Whose time is taken. Time of a clinician is counted in cells of five minutes, and the primary key of `taken_time` gives each cell to
//! one holder: a visit, a hold, or an offer. Holds and offers end by the clock, without a job: a cell whose time is over may be taken.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{taken_time, visit, visit_clinician},
    model::{Kind, Status},
};

/// The length of a cell, in minutes. Visits begin and last for a multiple of it.
pub const CELL_MINUTES: i32 = 5;
const CELL_SECONDS: i64 = CELL_MINUTES as i64 * 60;
/// What lasts longer is no visit to a clinician.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// How long a visit takes whose end nobody told, in minutes.
const USUAL_MINUTES: i64 = 20;
/// So many rows are written at once.
const CHUNK: usize = 500;

/// The cells of a stretch of time, also those that it only touches.
pub fn cells(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> impl Iterator<Item = i64> {
    let first = starts_at.timestamp().div_euclid(CELL_SECONDS);
    let end = (ends_at.timestamp() + CELL_SECONDS - 1).div_euclid(CELL_SECONDS);
    first..end
}

fn row(clinician: Uuid, cell: i64, holder: Uuid, until: Option<DateTime<Utc>>) -> taken_time::ActiveModel {
    taken_time::ActiveModel { clinician_id: Set(clinician), cell: Set(cell), holder: Set(holder), until: Set(until) }
}

/// Whose time, and from when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub clinician: Uuid,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// Takes the whole of a stretch for a holder, until a time or for good; `false` when a part of it is somebody else's. The caller then
/// leaves the transaction: a part of it may be taken.
///
/// # Errors
/// When the database fails.
pub async fn take(
    tx: &impl ConnectionTrait,
    stretch: Stretch,
    holder: Uuid,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    // In the order of time: two who want overlapping stretches wait for each other at one place only.
    let rows: Vec<_> = cells(stretch.starts_at, stretch.ends_at).map(|cell| row(stretch.clinician, cell, holder, until)).collect();
    let wanted = rows.len();
    if wanted == 0 {
        return Ok(false);
    }
    let free = Condition::any()
        .add(Expr::col((taken_time::Entity, taken_time::Column::Until)).lte(now))
        .add(Expr::col((taken_time::Entity, taken_time::Column::Holder)).eq(holder));
    let over = OnConflict::columns([taken_time::Column::ClinicianId, taken_time::Column::Cell])
        .update_columns([taken_time::Column::Holder, taken_time::Column::Until])
        .action_cond_where(free)
        .to_owned();
    let done = taken_time::Entity::insert_many(rows).on_conflict(over).exec_without_returning(tx).await?;
    Ok(usize::try_from(done).is_ok_and(|done| done == wanted))
}

/// Takes what of a stretch is nobody's: for visits that are there whether there is time or not.
///
/// # Errors
/// When the database fails.
pub async fn take_what_is_free(tx: &impl ConnectionTrait, stretches: &[(Stretch, Uuid)], now: DateTime<Utc>) -> Result<(), DbErr> {
    let all = stretches
        .iter()
        .flat_map(|(stretch, holder)| cells(stretch.starts_at, stretch.ends_at).map(move |cell| (stretch.clinician, cell, *holder)));
    // One statement never takes one cell twice, and takes them in one order.
    let mut all: Vec<(Uuid, i64, Uuid)> = all.collect();
    all.sort();
    all.dedup_by_key(|(clinician, cell, _)| (*clinician, *cell));
    let rows: Vec<_> = all.into_iter().map(|(clinician, cell, holder)| row(clinician, cell, holder, None)).collect();
    for chunk in rows.chunks(CHUNK) {
        let over = OnConflict::columns([taken_time::Column::ClinicianId, taken_time::Column::Cell])
            .update_columns([taken_time::Column::Holder, taken_time::Column::Until])
            .action_cond_where(Expr::col((taken_time::Entity, taken_time::Column::Until)).lte(now))
            .to_owned();
        taken_time::Entity::insert_many(chunk.to_vec()).on_conflict(over).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Gives back what somebody holds.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &impl ConnectionTrait, holder: Uuid) -> Result<(), DbErr> {
    taken_time::Entity::delete_many().filter(taken_time::Column::Holder.eq(holder)).exec(tx).await?;
    Ok(())
}

/// Makes what one holds another's for good; `false` when not all of it is theirs any more.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(tx: &impl ConnectionTrait, stretch: Stretch, from: Uuid, to: Uuid, now: DateTime<Utc>) -> Result<bool, DbErr> {
    // What ran out meanwhile and nobody wanted is taken again.
    if !take(tx, stretch, from, None, now).await? {
        return Ok(false);
    }
    taken_time::Entity::update_many()
        .col_expr(taken_time::Column::Holder, Expr::value(to))
        .filter(taken_time::Column::Holder.eq(from))
        .exec(tx)
        .await?;
    Ok(true)
}

/// Gives time that became free to the visits that lie in it beside the one that had it: those that were booked knowingly beside
/// another.
///
/// # Errors
/// When the database fails.
pub async fn pass_on(tx: &impl ConnectionTrait, stretch: Stretch, now: DateTime<Utc>) -> Result<(), DbErr> {
    let with = visit_clinician::Entity::find()
        .select_only()
        .column(visit_clinician::Column::VisitId)
        .filter(visit_clinician::Column::ClinicianId.eq(stretch.clinician))
        .into_query();
    let there = visit::Entity::find()
        .filter(visit::Column::StartsAt.lt(stretch.ends_at))
        .filter(visit::Column::StartsAt.gt(stretch.starts_at - LONGEST))
        .filter(visit::Column::Id.in_subquery(with))
        .all(tx)
        .await?;
    let stretches: Vec<_> = there.iter().filter_map(|visit| Some((stretch_of(visit, stretch.clinician, now)?, visit.id))).collect();
    take_what_is_free(tx, &stretches, now).await
}

/// Changes until when somebody holds what is theirs.
///
/// # Errors
/// When the database fails.
pub async fn hold_until(tx: &impl ConnectionTrait, holder: Uuid, until: DateTime<Utc>) -> Result<u64, DbErr> {
    let held = taken_time::Entity::update_many()
        .col_expr(taken_time::Column::Until, Expr::value(Some(until)))
        .filter(taken_time::Column::Holder.eq(holder))
        .exec(tx)
        .await?;
    Ok(held.rows_affected)
}

/// What is taken at a moment.
#[derive(Default)]
pub struct Taken(HashSet<(Uuid, i64)>);

impl Taken {
    /// What of these clinicians is taken between two instants, as it is `now`; what `except` holds counts as free.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        db: &impl ConnectionTrait,
        clinicians: &[Uuid],
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
        except: Option<Uuid>,
    ) -> Result<Self, DbErr> {
        let (first, last) = (from.timestamp().div_euclid(CELL_SECONDS), until.timestamp().div_euclid(CELL_SECONDS));
        let mut found = taken_time::Entity::find()
            .select_only()
            .columns([taken_time::Column::ClinicianId, taken_time::Column::Cell])
            .filter(taken_time::Column::ClinicianId.is_in(clinicians.iter().copied()))
            .filter(taken_time::Column::Cell.between(first, last))
            .filter(Condition::any().add(taken_time::Column::Until.is_null()).add(taken_time::Column::Until.gt(now)));
        if let Some(except) = except {
            found = found.filter(taken_time::Column::Holder.ne(except));
        }
        Ok(Self(found.into_tuple().all(db).await?.into_iter().collect()))
    }

    pub fn is_free(&self, stretch: Stretch) -> bool {
        cells(stretch.starts_at, stretch.ends_at).all(|cell| !self.0.contains(&(stretch.clinician, cell)))
    }
}

/// The time that a visit takes, where it takes any: one that is booked or asked for, with a time, at most half a day long.
fn stretch_of(visit: &visit::Model, clinician: Uuid, now: DateTime<Utc>) -> Option<Stretch> {
    let takes = matches!(visit.status, Status::Requested | Status::Booked | Status::Arrived | Status::InProgress);
    let starts_at = visit.starts_at.filter(|_| takes && visit.kind != Kind::Inpatient)?;
    let ends_at = visit.ends_at.unwrap_or(starts_at + TimeDelta::minutes(USUAL_MINUTES));
    (ends_at > now && ends_at > starts_at && ends_at - starts_at <= LONGEST).then_some(Stretch { clinician, starts_at, ends_at })
}

/// Takes the time of visits that were imported, and gives back that of those which changed. `known` are visits that may have time already.
///
/// # Errors
/// When the database fails.
pub async fn follow(
    tx: &impl ConnectionTrait,
    visits: &[visit::Model],
    known: &[Uuid],
    seen: impl Fn(Uuid) -> Vec<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for chunk in known.chunks(CHUNK) {
        taken_time::Entity::delete_many().filter(taken_time::Column::Holder.is_in(chunk.iter().copied())).exec(tx).await?;
    }
    let stretches = visits.iter().flat_map(|visit| {
        seen(visit.id).into_iter().filter_map(|clinician| Some((stretch_of(visit, clinician, now)?, visit.id))).collect::<Vec<_>>()
    });
    take_what_is_free(tx, &stretches.collect::<Vec<_>>(), now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_takes_every_five_minutes_that_it_touches() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let count = |from: &str, until: &str| cells(at(from), at(until)).count();
        assert_eq!(count("2026-12-01T14:00:00Z", "2026-12-01T14:20:00Z"), 4);
        assert_eq!(count("2026-12-01T14:01:00Z", "2026-12-01T14:20:00Z"), 4);
        assert_eq!(count("2026-12-01T14:00:00Z", "2026-12-01T14:21:00Z"), 5);
        assert_eq!(count("2026-12-01T14:00:00Z", "2026-12-01T14:00:00Z"), 0);
        let next: Vec<i64> = cells(at("2026-12-01T14:20:00Z"), at("2026-12-01T14:40:00Z")).collect();
        assert!(!cells(at("2026-12-01T14:00:00Z"), at("2026-12-01T14:20:00Z")).any(|cell| next.contains(&cell)), "one after another");
    }
}
