//! "Call me instead": the last way to a visit always works, and is a task of the office.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;

use super::{entity::video_call_back, model::Gate, problem, room::VideoVisit};
use crate::{
    access::{
        Grant,
        policy::{ArrangeVisits, JoinVideo, SeeSchedules},
    },
    base::{error::Error, why::Why},
    desk::scheduling::{self, act::Actor, staff::departments, staff_visits::visit_of},
    people::patient,
    record::visit::model::Status,
};

/// Letters of a phone number.
const MOST_PHONE: usize = 40;

/// Asks the office to call. Asked again, the newest number counts.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` for what is no phone number, or when the visit is over or called off.
pub async fn ask(grant: &Grant<JoinVideo>, id: Uuid, phone: &str) -> Result<(), Error> {
    let found = VideoVisit::of(grant, id).await?;
    let phone = phone.trim();
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    if phone.is_empty() {
        return Err(Error::field("phone", Why::MISSING));
    }
    if !(7..=15).contains(&digits) || phone.chars().count() > MOST_PHONE {
        return Err(Error::field("phone", scheduling::problem::NOT_A_PHONE));
    }
    let (Some(department), true) = (found.visit.department_id, is_taken(&found, grant.now().instant)) else {
        return Err(Error::form(problem::NOT_OPEN));
    };
    let actor = Actor::patients_side(grant)?;
    let row = video_call_back::Model {
        visit_id: id,
        patient_id: found.visit.patient_id,
        department_id: department,
        phone: phone.to_owned(),
        author: actor.name,
        role: actor.role,
        asked_at: grant.now().instant,
        called_at: None,
        called_by: None,
    };
    let columns = video_call_back::Column::iter().filter(|column| !matches!(column, video_call_back::Column::VisitId));
    let again = OnConflict::column(video_call_back::Column::VisitId).update_columns(columns).to_owned();
    video_call_back::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(grant.db()).await?;
    Ok(())
}

/// For so long after its time a visit can be had by telephone.
const STILL_CALLED: TimeDelta = TimeDelta::hours(24);

/// Whether the office of a visit takes calls back: somebody sees them, and the visit is not done.
pub fn is_taken(found: &VideoVisit, now: DateTime<Utc>) -> bool {
    let is_over = found.gate == Gate::Ended || found.visit.starts_at.is_none_or(|at| now - at > STILL_CALLED);
    !is_over && found.office.is_kept() && matches!(found.visit.status, Status::Booked | Status::Arrived | Status::InProgress)
}

/// What was asked for a visit.
///
/// # Errors
/// When the database fails.
pub async fn of_visit(grant: &Grant<JoinVideo>, id: Uuid) -> Result<Option<video_call_back::Model>, Error> {
    VideoVisit::of(grant, id).await?;
    Ok(video_call_back::Entity::find_by_id(id).one(grant.db()).await?)
}

/// Who wants to be called by the caller's departments, who waits longest first; and who was called today.
///
/// # Errors
/// When the database fails.
pub async fn open(grant: &Grant<SeeSchedules>, since: DateTime<Utc>) -> Result<Vec<(video_call_back::Model, patient::Model)>, Error> {
    let mine = departments(grant).await?;
    let called = video_call_back::Column::CalledAt;
    let rows = video_call_back::Entity::find()
        .filter(video_call_back::Column::DepartmentId.is_in(mine))
        .filter(sea_orm::Condition::any().add(called.is_null()).add(called.gte(since)))
        .order_by_asc(video_call_back::Column::AskedAt)
        .all(grant.db())
        .await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(rows.iter().map(|row| row.patient_id))).all(grant.db()).await?;
    let with = |row: video_call_back::Model| {
        let person = people.iter().find(|person| person.id == row.patient_id)?.clone();
        Some((row, person))
    };
    Ok(rows.into_iter().filter_map(with).collect())
}

/// Says that somebody was called, or not after all.
///
/// # Errors
/// `NotFound` for a visit of other departments, or for which nobody asked.
pub async fn called(grant: &Grant<ArrangeVisits>, id: Uuid, done: bool) -> Result<(), Error> {
    visit_of(grant, id).await?;
    let by = grant.holder()?.name.clone();
    let row = video_call_back::ActiveModel {
        called_at: Set(done.then_some(grant.now().instant)),
        called_by: Set(done.then_some(by)),
        ..Default::default()
    };
    let one = video_call_back::Entity::update_many().set(row).filter(video_call_back::Column::VisitId.eq(id));
    match one.exec(grant.db()).await?.rows_affected {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}
