//! Keeping calendars: hours, and time in which nobody is seen; what a day looks like.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    entity::{blocked_time, working_hours},
    hours::{DAY_MINUTES, Slot, day, hold_on, instant},
    model::Freed,
    problem, put,
    staff::departments,
};
use crate::{
    access::{Grant, policy::ManageCalendars},
    base::{
        error::{Error, Problem},
        ids::new_id,
        why::Why,
    },
    record::{care_team::entity::clinician, visit::taken::CELL_MINUTES},
};

/// New hours are told to those who wait so many days ahead.
const TOLD_DAYS: i64 = 60;

/// Hours as somebody typed them.
pub struct Hours<'a> {
    pub clinician: Uuid,
    pub department: Uuid,
    /// 1 is Monday.
    pub weekdays: Vec<i32>,
    pub from: &'a str,
    pub until: &'a str,
    pub first_on: &'a str,
    pub last_on: &'a str,
}

/// The minute of the day of "9:40" or "09:40" in steps of five; midnight at the end of the day is "24:00".
pub fn minute(typed: &str) -> Option<i32> {
    let (hour, minute) = typed.trim().split_once(':')?;
    let (hour, minute): (i32, i32) = (hour.parse().ok()?, minute.get(..2)?.parse().ok()?);
    if !(0..=24).contains(&hour) || !(0..60).contains(&minute) {
        return None;
    }
    let found = hour * 60 + minute;
    (found <= DAY_MINUTES && found % CELL_MINUTES == 0).then_some(found)
}

/// From when until when on a day, and what is wrong with it.
fn minutes((from, until): (&str, &str), refuse: &mut impl FnMut(&str, Why)) -> (Option<i32>, Option<i32>) {
    let (from, until) = (minute(from), minute(until));
    if from.is_none() {
        refuse("from", problem::NO_TIME);
    }
    match (from, until) {
        (_, None) => refuse("until", problem::NO_TIME),
        (Some(from), Some(until)) if until <= from => refuse("until", problem::ENDS_BEFORE),
        _ => {}
    }
    (from, until)
}

/// Adds hours of a clinician; those who wait for an earlier time are asked about them.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with everything that is wrong.
pub async fn add_hours(grant: &Grant<ManageCalendars>, typed: &Hours<'_>) -> Result<(), Error> {
    if !departments(grant).await?.contains(&typed.department) {
        return Err(Error::NotFound);
    }
    clinician::Entity::find_by_id(typed.clinician).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let (from, until) = minutes((typed.from, typed.until), &mut refuse);
    if typed.weekdays.is_empty() || typed.weekdays.iter().any(|day| !(1..=7).contains(day)) {
        refuse("day[d1]", Why::MISSING);
    }
    let (today, first) = (grant.now().today, day(typed.first_on));
    let last = Some(typed.last_on.trim()).filter(|text| !text.is_empty()).map(day);
    match &first {
        None => refuse("first_on", Why::NOT_A_DATE),
        Some(day) if *day < today => refuse("first_on", Why::OVER),
        Some(_) => {}
    }
    match (&first, &last) {
        (_, Some(None)) => refuse("last_on", Why::NOT_A_DATE),
        (Some(first), Some(Some(last))) if last < first => refuse("last_on", problem::ENDS_BEFORE),
        _ => {}
    }
    let (Some(from), Some(until), Some(first), last) = (from, until, first, last.flatten()) else {
        return Err(Error::Invalid(problems));
    };
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tx = grant.begin().await?;
    super::act::lock(&tx, &[typed.clinician]).await?;
    let others = working_hours::Entity::find().filter(working_hours::Column::ClinicianId.eq(typed.clinician)).all(&tx).await?;
    let meets = |row: &working_hours::Model| {
        let days = row.last_on.is_none_or(|end| first <= end) && last.is_none_or(|end| row.first_on <= end);
        days && typed.weekdays.contains(&row.weekday) && row.from_minute < until && from < row.until_minute
    };
    if others.iter().any(meets) {
        return Err(Error::field("from", problem::HOURS_OVERLAP));
    }
    let now = grant.now().instant;
    for weekday in &typed.weekdays {
        let row = working_hours::Model {
            id: new_id(),
            clinician_id: typed.clinician,
            department_id: typed.department,
            weekday: *weekday,
            from_minute: from,
            until_minute: until,
            first_on: first,
            last_on: last,
        };
        for day in
            first.max(today).iter_days().take_while(|day| *day - today < TimeDelta::days(TOLD_DAYS)).filter(|day| hold_on(&row, *day))
        {
            if let (Some(starts_at), Some(ends_at)) = (instant(day, from, &grant.zone()), instant(day, until, &grant.zone())) {
                let slot = Slot { starts_at, ends_at, clinician: typed.clinician, department: typed.department, slot_id: None };
                put::became_free(&tx, &slot, Freed::Hours, now).await?;
            }
        }
        working_hours::Entity::insert(working_hours::ActiveModel::from(row)).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends hours with a day; without one at once. Visits that are booked stay: they are listed.
///
/// # Errors
/// `NotFound` for hours of other departments; `Invalid` for what is no date.
pub async fn end_hours(grant: &Grant<ManageCalendars>, id: Uuid, last_on: &str) -> Result<Uuid, Error> {
    let own = working_hours::Column::DepartmentId.is_in(departments(grant).await?);
    let found = working_hours::Entity::find_by_id(id).filter(own).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let last = day(last_on).ok_or(Error::field("last_on", Why::NOT_A_DATE))?;
    // Hours end earlier than they did, never later: longer ones are added.
    let last = found.last_on.map_or(last, |before| before.min(last));
    if last < found.first_on {
        working_hours::Entity::delete_by_id(id).exec(grant.db()).await?;
    } else {
        working_hours::Entity::update_many()
            .col_expr(working_hours::Column::LastOn, Expr::value(Some(last)))
            .filter(working_hours::Column::Id.eq(id))
            .exec(grant.db())
            .await?;
    }
    Ok(found.clinician_id)
}

/// Time in which nobody is seen, as somebody typed it.
pub struct Block<'a> {
    pub department: Uuid,
    /// The whole department without one.
    pub clinician: Option<Uuid>,
    pub day: &'a str,
    pub from: &'a str,
    pub until: &'a str,
    pub reason: &'a str,
}

/// Blocks time: nothing is booked into it. Visits that are booked stay.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` with everything that is wrong.
pub async fn block(grant: &Grant<ManageCalendars>, typed: &Block<'_>) -> Result<(), Error> {
    if !departments(grant).await?.contains(&typed.department) {
        return Err(Error::NotFound);
    }
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let day = day(typed.day);
    if day.is_none() {
        refuse("day", Why::NOT_A_DATE);
    }
    let (from, until) = minutes((typed.from, typed.until), &mut refuse);
    match typed.reason.trim() {
        "" => refuse("reason", Why::MISSING),
        text if text.chars().count() > 200 => refuse("reason", Why::TOO_LONG),
        _ => {}
    }
    let (Some(day), Some(from), Some(until), true) = (day, from, until, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let at = |minute: i32| instant(day, minute, &grant.zone()).ok_or(Error::field("from", problem::NO_TIME));
    let row = blocked_time::ActiveModel {
        id: Set(new_id()),
        department_id: Set(typed.department),
        clinician_id: Set(typed.clinician),
        starts_at: Set(at(from)?),
        ends_at: Set(at(until)?),
        reason: Set(typed.reason.trim().to_owned()),
        made_by: Set(grant.holder()?.name.clone()),
        made_at: Set(grant.now().instant),
    };
    blocked_time::Entity::insert(row).exec_without_returning(grant.db()).await?;
    Ok(())
}

/// Opens blocked time again; those who wait are asked about it.
///
/// # Errors
/// `NotFound` for that of other departments.
pub async fn unblock(grant: &Grant<ManageCalendars>, id: Uuid) -> Result<(), Error> {
    let own = blocked_time::Column::DepartmentId.is_in(departments(grant).await?);
    let found = blocked_time::Entity::find_by_id(id).filter(own).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let (tx, now) = (grant.begin().await?, grant.now().instant);
    blocked_time::Entity::delete_by_id(id).exec(&tx).await?;
    open_within_hours(&tx, &found, grant, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn open_within_hours(
    tx: &DatabaseTransaction,
    found: &blocked_time::Model,
    grant: &Grant<ManageCalendars>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let zone = grant.zone();
    let mut hours = working_hours::Entity::find().filter(working_hours::Column::DepartmentId.eq(found.department_id));
    if let Some(clinician) = found.clinician_id {
        hours = hours.filter(working_hours::Column::ClinicianId.eq(clinician));
    }
    let day = found.starts_at.with_timezone(&zone).date_naive();
    for row in hours.all(tx).await?.into_iter().filter(|row| hold_on(row, day)) {
        let (Some(from), Some(until)) = (instant(day, row.from_minute, &zone), instant(day, row.until_minute, &zone)) else { continue };
        let (starts_at, ends_at) = (from.max(found.starts_at), until.min(found.ends_at));
        if starts_at < ends_at {
            let slot = Slot { starts_at, ends_at, clinician: row.clinician_id, department: row.department_id, slot_id: None };
            put::became_free(tx, &slot, Freed::Unblocked, now).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_in_steps_of_five_minutes() {
        for (typed, found) in [("9:40", 580), ("09:40", 580), ("0:00", 0), ("24:00", 1440), (" 13:05 ", 785), ("09:40:00", 580)] {
            assert_eq!(minute(typed), Some(found), "{typed}");
        }
        for typed in ["", "9", "9:4", "9:41", "25:00", "24:05", "-1:00", "9:60", "nine:00"] {
            assert_eq!(minute(typed), None, "{typed}");
        }
    }
}
