//! The office's side: who has checked in for a day, who is there and waits, asking somebody in, and asking a step again.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    arriving::is_there,
    entity::{check_in_step, visit_arrival},
    handing::needs,
    model::Step,
    problem,
    store::CheckIn,
};
use crate::{
    access::{
        Grant, Level,
        policy::{ArrangeVisits, OpenVisit, SeeSchedules},
    },
    base::{error::Error, why::Why},
    desk::{
        office::tell::tell_readers,
        outgoing::{model::ActKind, store::announce},
        scheduling::{
            act::{Actor, lock},
            entity::booking,
            hours::{DAY_MINUTES, instant},
            known::{as_it_is, keep, known},
            model::Happened,
            put,
            staff::departments,
            staff_visits::visit_of,
        },
    },
    people::patient,
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
    record::visit::{entity::visit, model::Status},
};

/// Letters of why a step is asked again.
const MOST_WHY: usize = 500;
/// Letters of where somebody is asked in.
const MOST_PLACE: usize = 200;

/// The visits of a day at one of the caller's departments, the earliest first, with their patients.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn day(grant: &Grant<SeeSchedules>, department: Uuid, on: NaiveDate) -> Result<Vec<(CheckIn, patient::Model)>, Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    let (db, zone, now) = (grant.db(), grant.zone(), grant.now().instant);
    let (Some(from), Some(until)) = (instant(on, 0, &zone), instant(on, DAY_MINUTES, &zone)) else { return Ok(Vec::new()) };
    let visits = visit::Entity::find()
        .filter(visit::Column::DepartmentId.eq(department))
        .filter(visit::Column::StartsAt.gte(from))
        .filter(visit::Column::StartsAt.lt(until))
        .filter(visit::Column::Status.is_not_in([Status::Cancelled, Status::Requested]))
        .order_by_asc(visit::Column::StartsAt)
        .all(db)
        .await?;
    let bookings = booking::Entity::find().filter(booking::Column::VisitId.is_in(visits.iter().map(|visit| visit.id))).all(db).await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(visits.iter().map(|visit| visit.patient_id))).all(db).await?;
    let of = |visit: visit::Model| {
        let booking = bookings.iter().find(|row| row.visit_id == visit.id).cloned();
        (visit, booking)
    };
    let found = CheckIn::read_many(db, visits.into_iter().map(of).collect(), now, &zone).await?;
    let with = |one: CheckIn| {
        let person = people.iter().find(|person| person.id == one.visit.patient_id)?.clone();
        Some((one, person))
    };
    Ok(found.into_iter().filter_map(with).collect())
}

/// The check-in of a visit of one's departments.
///
/// # Errors
/// `NotFound` for every other one.
pub async fn of_visit(grant: &Grant<OpenVisit>, id: Uuid) -> Result<CheckIn, Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    Ok(CheckIn::read(grant.db(), visit, booking, grant.now().instant, &grant.zone()).await?)
}

/// Asks a step again, or all of them, with a reason that the patient reads.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` without a reason, or when it is not open.
pub async fn reopen(grant: &Grant<ArrangeVisits>, id: Uuid, step: Option<Step>, why: &str) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let (now, zone, why) = (grant.now().instant, grant.zone(), why.trim());
    match why {
        "" => return Err(Error::field("words", Why::MISSING)),
        why if why.chars().count() > MOST_WHY => return Err(Error::field("words", Why::TOO_LONG)),
        _ => {}
    }
    let tx = grant.begin().await?;
    let found = CheckIn::read(&tx, visit, booking, now, &zone).await?;
    let Some(person) = patient::current(&tx, found.visit.patient_id).await?.filter(|person| !person.deceased) else {
        return Err(Error::form(problem::NOT_OPEN));
    };
    let asked: Vec<Step> = found.steps.iter().map(|of| of.step).filter(|known| step.is_none_or(|step| step == *known)).collect();
    if !found.is_open() || asked.is_empty() {
        return Err(Error::form(problem::NOT_OPEN));
    }
    for step in &asked {
        let row = check_in_step::ActiveModel {
            visit_id: Set(id),
            step: Set(*step),
            patient_id: Set(found.visit.patient_id),
            starts_at: Set(found.visit.starts_at.unwrap_or(now)),
            done_at: Set(None),
            told: Set(false),
            author: Set(String::new()),
            role: Set(None),
            reopened_at: Set(Some(now)),
            reopened_why: Set(Some(why.to_owned())),
            reopened_by: Set(Some(grant.holder()?.name.clone())),
        };
        use check_in_step::Column;
        let again = OnConflict::columns([Column::VisitId, Column::Step])
            .update_columns([Column::ReopenedAt, Column::ReopenedWhy, Column::ReopenedBy])
            .to_owned();
        check_in_step::Entity::insert(row).on_conflict(again).exec_without_returning(&tx).await?;
    }
    let sensitive = found.visit.sensitive;
    // To whoever can answer one of them: the reason may say more than the schedule.
    let opens = move |level: Level| {
        let answers = asked.iter().any(|step| needs(*step)(level));
        level.sees_schedule() && answers && (!sensitive || level.sees_sensitive())
    };
    let link = grant.link(&format!("/p/{}/visits/{id}/check-in", person.id));
    tell_readers(&tx, grant, person.id, opens, asked_again(person.given_name, link)).await?;
    tx.commit().await?;
    Ok(())
}

fn asked_again(whose: String, link: String) -> impl Fn(crate::base::i18n::Texts, &Organization) -> Message + Clone {
    move |t, of| Message {
        news: News::Visits,
        subject: t.check_in_mail_again(&of.product),
        paragraphs: vec![t.check_in_mail_again_text(&whose)],
        link: Some((t.mail_open(), link.clone())),
    }
}

/// Says at the desk that somebody is there.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` for one that is off, over, or not of this day.
pub async fn arrived(grant: &Grant<ArrangeVisits>, id: Uuid) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let (now, zone) = (grant.now().instant, grant.zone());
    let tx = grant.begin().await?;
    let found = CheckIn::read(&tx, visit, booking, now, &zone).await?;
    // The desk sees them: early or late does not matter, and neither does whether people check in online here.
    match found.visit.status {
        Status::Arrived => return Ok(()),
        Status::Booked if found.is_today(now, &zone) => {}
        _ => return Err(Error::form(problem::NOT_OPEN)),
    }
    is_there(&tx, &found, &Actor::staff(grant)?, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back that somebody is there.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` when the visit has begun or changed.
pub async fn not_arrived(grant: &Grant<ArrangeVisits>, id: Uuid) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let now = grant.now().instant;
    let tx = grant.begin().await?;
    let booking = known(&tx, &visit, booking, now).await?;
    lock(&tx, &[booking.clinician_id]).await?;
    let booking = as_it_is(&tx, booking).await?;
    let back = visit::ActiveModel { status: Set(Status::Booked), ..Default::default() };
    let once = visit::Entity::update_many()
        .set(back)
        .filter(visit::Column::Id.eq(id))
        .filter(visit::Column::Status.is_in([Status::Arrived, Status::Booked]));
    let was_there = visit_arrival::Entity::find_by_id(id).one(&tx).await?.is_some() || visit.status == Status::Arrived;
    if !was_there || once.exec(&tx).await?.rows_affected == 0 {
        return Err(Error::form(problem::CHANGED));
    }
    visit_arrival::Entity::delete_by_id(id).exec(&tx).await?;
    keep(&tx, booking::Model { changed_at: now, ..booking }).await?;
    put::happened(&tx, id, Happened::NotArrived, &Actor::staff(grant)?, (None, visit.starts_at), None, now).await?;
    announce(&tx, ActKind::Appointment, id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back that somebody was asked in: they wait again.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` when they were not asked in, or do not wait any more.
pub async fn wait_again(grant: &Grant<ArrangeVisits>, id: Uuid) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let tx = grant.begin().await?;
    let found = CheckIn::read(&tx, visit, booking, grant.now().instant, &grant.zone()).await?;
    let back = visit_arrival::ActiveModel { called_at: Set(None), called_to: Set(None), called_by: Set(None), ..Default::default() };
    let once = visit_arrival::Entity::update_many()
        .set(back)
        .filter(visit_arrival::Column::VisitId.eq(id))
        .filter(visit_arrival::Column::CalledAt.is_not_null());
    if !found.is_waiting() || once.exec(&tx).await?.rows_affected == 0 {
        return Err(Error::form(problem::CHANGED));
    }
    tx.commit().await?;
    Ok(())
}

/// Asks somebody in who is there: the page that they look at says so.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` when they are not there, or the words are too long.
pub async fn call_in(grant: &Grant<ArrangeVisits>, id: Uuid, to: &str) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let (now, zone) = (grant.now().instant, grant.zone());
    let to = Some(to.trim().to_owned()).filter(|to| !to.is_empty());
    if to.as_ref().is_some_and(|to| to.chars().count() > MOST_PLACE) {
        return Err(Error::field("to", Why::TOO_LONG));
    }
    let tx = grant.begin().await?;
    let found = CheckIn::read(&tx, visit, booking, now, &zone).await?;
    let (true, Some(starts_at), Some(department)) = (found.is_waiting(), found.visit.starts_at, found.visit.department_id) else {
        return Err(Error::form(problem::CHANGED));
    };
    let by = grant.holder()?.name.clone();
    // Of whoever is there by the hospital's own system, nothing stands here yet.
    let row = visit_arrival::ActiveModel {
        visit_id: Set(id),
        patient_id: Set(found.visit.patient_id),
        department_id: Set(department),
        starts_at: Set(starts_at),
        arrived_at: Set(now),
        author: Set(by.clone()),
        role: Set(grant.holder()?.staff.map(|role| role.as_str().to_owned())),
        called_at: Set(Some(now)),
        called_to: Set(to),
        called_by: Set(Some(by)),
    };
    use visit_arrival::Column;
    let known = OnConflict::column(Column::VisitId).update_columns([Column::CalledAt, Column::CalledTo, Column::CalledBy]).to_owned();
    visit_arrival::Entity::insert(row).on_conflict(known).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}
