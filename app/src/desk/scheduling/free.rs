//! Which times are free: what working hours and the calendars of other systems offer, less what is taken, blocked, or leave.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    entity::{blocked_time, open_slot, working_hours},
    hours::{Slot, is_within, slots_on},
};
use crate::{
    base::clock::local_date,
    desk::{office::entity::clinician_away, requests::model::is_holiday},
    record::visit::taken::{LONGEST, Taken},
};

/// Nothing is booked further ahead, in days.
pub const HORIZON_DAYS: i64 = 366;
/// So many days are looked through at once.
pub const WINDOW_DAYS: i64 = 14;

/// Who sees patients where, and whether another system keeps that calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    pub clinician: Uuid,
    pub department: Uuid,
    pub outside: bool,
}

/// What is looked for.
pub struct Search<'a> {
    pub kind: Uuid,
    pub minutes: i32,
    pub at: &'a [At],
    /// Nothing that begins before.
    pub from: DateTime<Utc>,
    /// Nothing that begins then or later.
    pub until: DateTime<Utc>,
    /// What this one holds counts as free.
    pub except: Option<Uuid>,
}

/// The free times, the earliest first: six statements at most.
///
/// # Errors
/// When the database fails.
pub async fn free(db: &impl ConnectionTrait, search: &Search<'_>, now: DateTime<Utc>, zone: Tz) -> Result<Vec<Slot>, DbErr> {
    let until = search.until.min(now + TimeDelta::days(HORIZON_DAYS));
    if search.at.is_empty() || search.from >= until {
        return Ok(Vec::new());
    }
    let mut found = own(db, search, until, zone).await?;
    found.extend(outside(db, search, until).await?);
    if found.is_empty() {
        return Ok(found);
    }
    let clinicians: Vec<Uuid> = search.at.iter().map(|at| at.clinician).collect();
    let taken = Taken::of(db, &clinicians, (search.from, until + LONGEST), now, search.except).await?;
    found.retain(|slot| taken.is_free(slot.stretch()));
    found.sort();
    found.dedup();
    Ok(found)
}

/// What working hours make, less leave, holidays and what is blocked.
async fn own(db: &impl ConnectionTrait, search: &Search<'_>, until: DateTime<Utc>, zone: Tz) -> Result<Vec<Slot>, DbErr> {
    let ours: Vec<&At> = search.at.iter().filter(|at| !at.outside).collect();
    if ours.is_empty() {
        return Ok(Vec::new());
    }
    let (first, last) = (local_date(search.from, &zone), local_date(until, &zone));
    let clinicians = || ours.iter().map(|at| at.clinician);
    let hours = working_hours::Entity::find()
        .filter(working_hours::Column::ClinicianId.is_in(clinicians()))
        .filter(working_hours::Column::FirstOn.lte(last))
        .filter(Condition::any().add(working_hours::Column::LastOn.is_null()).add(working_hours::Column::LastOn.gte(first)))
        .all(db)
        .await?;
    let hours: Vec<_> = hours
        .into_iter()
        .filter(|row| ours.iter().any(|at| at.clinician == row.clinician_id && at.department == row.department_id))
        .collect();
    if hours.is_empty() {
        return Ok(Vec::new());
    }
    let closed = Closed::of(db, &ours, (search.from, until), (first, last)).await?;
    let mut found = Vec::new();
    for day in first.iter_days().take_while(|day| *day <= last).filter(|day| !is_holiday(*day)) {
        for row in hours.iter().filter(|row| !closed.is_away(row.clinician_id, day)) {
            found.extend(slots_on(row, day, search.minutes, &zone));
        }
    }
    found.retain(|slot| search.from <= slot.starts_at && slot.starts_at < until && !closed.is_blocked(slot));
    Ok(found)
}

/// When nobody is seen although there are hours.
pub struct Closed {
    blocked: Vec<blocked_time::Model>,
    away: HashMap<Uuid, Vec<(NaiveDate, NaiveDate)>>,
}

impl Closed {
    /// # Errors
    /// When the database fails.
    pub async fn of(
        db: &impl ConnectionTrait,
        at: &[&At],
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Self, DbErr> {
        let blocked = blocked_time::Entity::find()
            .filter(blocked_time::Column::DepartmentId.is_in(at.iter().map(|at| at.department)))
            .filter(blocked_time::Column::EndsAt.gt(from))
            .filter(blocked_time::Column::StartsAt.lt(until + LONGEST))
            .all(db)
            .await?;
        let leave = clinician_away::Entity::find()
            .filter(clinician_away::Column::ClinicianId.is_in(at.iter().map(|at| at.clinician)))
            .filter(clinician_away::Column::FromOn.lte(last))
            .filter(clinician_away::Column::UntilOn.gte(first))
            .all(db)
            .await?;
        let mut away: HashMap<Uuid, Vec<(NaiveDate, NaiveDate)>> = HashMap::new();
        for row in leave {
            away.entry(row.clinician_id).or_default().push((row.from_on, row.until_on));
        }
        Ok(Self { blocked, away })
    }

    pub fn is_away(&self, clinician: Uuid, day: NaiveDate) -> bool {
        self.away.get(&clinician).is_some_and(|away| away.iter().any(|(from, until)| (*from..=*until).contains(&day)))
    }

    pub fn is_blocked(&self, slot: &Slot) -> bool {
        self.blocked.iter().any(|row| {
            row.department_id == slot.department
                && row.clinician_id.is_none_or(|clinician| clinician == slot.clinician)
                && row.starts_at < slot.ends_at
                && slot.starts_at < row.ends_at
        })
    }
}

/// When a clinician sees patients at a department between two instants: hours, without leave, holidays and what is blocked.
pub struct Open {
    hours: Vec<working_hours::Model>,
    closed: Closed,
    zone: Tz,
}

impl Open {
    /// # Errors
    /// When the database fails.
    pub async fn of(
        db: &impl ConnectionTrait,
        clinician: Uuid,
        department: Uuid,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        zone: Tz,
    ) -> Result<Self, DbErr> {
        let hours = working_hours::Entity::find()
            .filter(working_hours::Column::ClinicianId.eq(clinician))
            .filter(working_hours::Column::DepartmentId.eq(department))
            .all(db)
            .await?;
        let at = At { clinician, department, outside: false };
        let closed = Closed::of(db, &[&at], (from, until), (local_date(from, &zone), local_date(until, &zone))).await?;
        Ok(Self { hours, closed, zone })
    }

    pub fn has(&self, slot: &Slot) -> bool {
        let day = local_date(slot.starts_at, &self.zone);
        let works = is_within(&self.hours, slot, &self.zone) && !is_holiday(day);
        works && !self.closed.is_away(slot.clinician, day) && !self.closed.is_blocked(slot)
    }
}

/// What other systems offer.
async fn outside(db: &impl ConnectionTrait, search: &Search<'_>, until: DateTime<Utc>) -> Result<Vec<Slot>, DbErr> {
    let theirs: Vec<&At> = search.at.iter().filter(|at| at.outside).collect();
    if theirs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = open_slot::Entity::find()
        .filter(open_slot::Column::ClinicianId.is_in(theirs.iter().map(|at| at.clinician)))
        .filter(open_slot::Column::StartsAt.gte(search.from))
        .filter(open_slot::Column::StartsAt.lt(until))
        .filter(open_slot::Column::Free.eq(true))
        .filter(Condition::any().add(open_slot::Column::KindId.is_null()).add(open_slot::Column::KindId.eq(search.kind)))
        .order_by_asc(open_slot::Column::StartsAt)
        .limit(5000)
        .all(db)
        .await?;
    let minutes = TimeDelta::minutes(search.minutes.into());
    let here = |row: &open_slot::Model| theirs.iter().any(|at| at.clinician == row.clinician_id && at.department == row.department_id);
    // A time that is too short for the visit is none.
    let fits = rows.into_iter().filter(|row| here(row) && row.ends_at - row.starts_at >= minutes);
    let slots = fits.map(|row| Slot {
        starts_at: row.starts_at,
        ends_at: row.starts_at + minutes,
        clinician: row.clinician_id,
        department: row.department_id,
        slot_id: Some(row.id),
    });
    Ok(slots.collect())
}

/// The first days with free times from a moment on: window after window until there are some, as far ahead as anything is booked.
///
/// # Errors
/// When the database fails.
pub async fn first_free(
    db: &impl ConnectionTrait,
    mut search: Search<'_>,
    now: DateTime<Utc>,
    zone: Tz,
    wanted: impl Fn(&Slot) -> bool,
) -> Result<Vec<Slot>, DbErr> {
    let last = now + TimeDelta::days(HORIZON_DAYS);
    while search.from < last {
        search.until = search.from + TimeDelta::days(WINDOW_DAYS);
        let mut found = free(db, &search, now, zone).await?;
        found.retain(&wanted);
        if !found.is_empty() {
            return Ok(found);
        }
        search.from = search.until;
    }
    Ok(Vec::new())
}
