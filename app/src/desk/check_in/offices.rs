//! How departments want people to check in and to arrive.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    entity::check_in_office,
    model::{Rules, Step, steps},
    problem,
};
use crate::{
    access::{
        Grant,
        policy::{ManageCalendars, SeeSchedules},
    },
    base::{
        clock::local_date,
        error::{Error, Problem},
        i18n::Texts,
        locale::Locale,
        why::Why,
    },
    desk::scheduling::{entity::scheduling_office, keepers::changes, staff::departments},
    platform::batch::{Batch, Columns, Rows, alone},
};

/// How a department wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    pub rules: Rules,
    pub steps: Vec<Step>,
    row: Option<check_in_office::Model>,
}

impl Office {
    fn of(row: Option<check_in_office::Model>) -> Self {
        match row {
            Some(row) => Self {
                rules: Rules { is_on: row.is_on, opens_days: row.opens_days, arrive_from: row.arrive_from, arrive_until: row.arrive_until },
                steps: steps(&row.steps),
                row: Some(row),
            },
            None => Self { rules: Rules::USUAL, steps: Step::USUAL.to_vec(), row: None },
        }
    }

    /// Where nobody checks in: a department whose visits are not booked or told here.
    pub(super) fn closed() -> Self {
        Self { rules: Rules { is_on: false, ..Rules::USUAL }, steps: Vec::new(), row: None }
    }

    /// What to do once one is there.
    pub fn after(&self, t: Texts) -> Option<&str> {
        let row = self.row.as_ref()?;
        let (first, other) = if t.0 == Locale::Es { (&row.after_es, &row.after_en) } else { (&row.after_en, &row.after_es) };
        first.as_deref().or(other.as_deref())
    }

    /// As it was typed, for its form: English and Spanish.
    pub fn words(&self) -> (String, String) {
        let words =
            |text: fn(&check_in_office::Model) -> &Option<String>| self.row.as_ref().and_then(|row| text(row).clone()).unwrap_or_default();
        (words(|row| &row.after_en), words(|row| &row.after_es))
    }

    /// Whether what is due is to be paid before the visit.
    pub fn must_pay(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.must_pay)
    }

    /// How late the office is today, in minutes.
    pub fn delay(&self, now: DateTime<Utc>, zone: &Tz) -> Option<i32> {
        let row = self.row.as_ref()?;
        let today = row.delay_at.is_some_and(|at| local_date(at, zone) == local_date(now, zone));
        row.delay_minutes.filter(|minutes| today && *minutes > 0)
    }
}

/// A department whose calendar is kept here.
#[derive(FromQueryResult)]
struct Kept {
    department_id: Uuid,
}

/// Asks for the offices of these departments. Where visits are not kept in a calendar that this portal knows, nobody checks in.
pub(super) fn ask(batch: &mut Batch, departments: Vec<Uuid>) -> impl FnOnce(&mut Rows) -> Result<HashMap<Uuid, Office>, DbErr> + use<> {
    let kept = scheduling_office::Entity::find().filter(scheduling_office::Column::DepartmentId.is_in(departments.iter().copied()));
    let kept = batch.ask_columns::<_, Kept>(kept, Columns::default().of([scheduling_office::Column::DepartmentId]));
    let rows = check_in_office::Entity::find().filter(check_in_office::Column::DepartmentId.is_in(departments.iter().copied()));
    let rows = batch.ask(rows);
    move |answers| {
        let (kept, rows) = (answers.take(kept)?, answers.take(rows)?);
        let of = |id: Uuid| match kept.iter().any(|kept| kept.department_id == id) {
            true => Office::of(rows.iter().find(|row| row.department_id == id).cloned()),
            false => Office::closed(),
        };
        Ok(departments.into_iter().map(|id| (id, of(id))).collect())
    }
}

/// The office of one of them.
///
/// # Errors
/// When the database fails.
pub async fn office(db: &impl ConnectionTrait, department: Option<Uuid>) -> Result<Office, DbErr> {
    let Some(id) = department else { return Ok(Office::closed()) };
    Ok(alone(db, |batch| ask(batch, vec![id])).await?.remove(&id).unwrap_or_else(Office::closed))
}

/// How somebody of the staff wants it, as they typed it.
pub struct Typed<'a> {
    pub is_on: bool,
    pub opens_days: &'a str,
    pub steps: Vec<&'a str>,
    pub arrive_from: &'a str,
    pub arrive_until: &'a str,
    pub after_en: &'a str,
    pub after_es: &'a str,
    pub must_pay: bool,
}

/// Letters of what to do once one is there.
const MOST: usize = 1000;

/// Keeps how a department wants it.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `NotAllowed` for whoever changes nothing there; `Invalid` with everything that
/// is wrong.
pub async fn keep(grant: &Grant<ManageCalendars>, department: Uuid, typed: &Typed<'_>) -> Result<(), Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    if !changes(grant, department).await? {
        return Err(Error::NotAllowed);
    }
    let mut problems = Vec::new();
    let mut number = |field: &str, text: &str, range: std::ops::RangeInclusive<i32>| {
        let found = text.trim().parse::<i32>().ok().filter(|found| range.contains(found));
        if found.is_none() {
            problems.push(Problem { field: field.into(), why: problem::NOT_IN_RANGE });
        }
        found.unwrap_or_default()
    };
    let opens_days = number("opens_days", typed.opens_days, 1..=30);
    let arrive_from = number("arrive_from", typed.arrive_from, 0..=240);
    let arrive_until = number("arrive_until", typed.arrive_until, 0..=240);
    for (field, text) in [("after_en", typed.after_en), ("after_es", typed.after_es)] {
        if text.chars().count() > MOST {
            problems.push(Problem { field: field.into(), why: Why::TOO_LONG });
        }
    }
    let wanted = steps(&typed.steps.join(" "));
    if typed.is_on && wanted.is_empty() {
        problems.push(Problem { field: format!("steps[{}]", Step::ALL[0].as_str()), why: Why::MISSING });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let row = check_in_office::ActiveModel {
        department_id: Set(department),
        is_on: Set(typed.is_on),
        opens_days: Set(opens_days),
        steps: Set(wanted.iter().map(|step| step.as_str()).collect::<Vec<_>>().join(" ")),
        arrive_from: Set(arrive_from),
        arrive_until: Set(arrive_until),
        after_en: Set(said(typed.after_en)),
        after_es: Set(said(typed.after_es)),
        delay_minutes: Set(None),
        delay_at: Set(None),
        must_pay: Set(typed.must_pay),
    };
    use check_in_office::Column;
    let columns = Column::iter().filter(|column| !matches!(column, Column::DepartmentId | Column::DelayMinutes | Column::DelayAt));
    let known = OnConflict::column(Column::DepartmentId).update_columns(columns).to_owned();
    check_in_office::Entity::insert(row).on_conflict(known).exec_without_returning(grant.db()).await?;
    Ok(())
}

/// Says how late a department is today; nothing typed, or 0, is on time.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep; `Invalid` for no number of minutes.
pub async fn say_delay(grant: &Grant<SeeSchedules>, department: Uuid, minutes: &str) -> Result<(), Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    let minutes = if minutes.trim().is_empty() { Some(0) } else { minutes.trim().parse::<i32>().ok() };
    let minutes = minutes.filter(|minutes| (0..=600).contains(minutes)).ok_or(Error::field("minutes", problem::NOT_IN_RANGE))?;
    let usual = Rules::USUAL;
    let row = check_in_office::ActiveModel {
        department_id: Set(department),
        is_on: Set(usual.is_on),
        opens_days: Set(usual.opens_days),
        steps: Set(Step::USUAL.map(Step::as_str).join(" ")),
        arrive_from: Set(usual.arrive_from),
        arrive_until: Set(usual.arrive_until),
        after_en: Set(None),
        after_es: Set(None),
        delay_minutes: Set(Some(minutes)),
        delay_at: Set(Some(grant.now().instant)),
        must_pay: Set(false),
    };
    let columns = [check_in_office::Column::DelayMinutes, check_in_office::Column::DelayAt];
    let known = OnConflict::column(check_in_office::Column::DepartmentId).update_columns(columns).to_owned();
    check_in_office::Entity::insert(row).on_conflict(known).exec_without_returning(grant.db()).await?;
    Ok(())
}
