//! The office's side: who has checked in for a day, who is there and waits, asking somebody in, and asking a step again.

use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{
    arriving::is_there,
    entity::{check_in, visit_arrival},
    model::{Arriving, Closed, Step, arriving},
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
            act::{Actor, first_name, lock},
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
    let mut all = Vec::new();
    for visit in visits {
        let Some(person) = people.iter().find(|person| person.id == visit.patient_id).cloned() else { continue };
        let booking = bookings.iter().find(|row| row.visit_id == visit.id).cloned();
        all.push((CheckIn::read(db, visit, booking, now, &zone).await?, person));
    }
    Ok(all)
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
/// `NotFound` for a visit of other departments; `Invalid` without a reason, or when checking in is over.
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
    if !found.is_open() || found.begun.is_none() {
        return Err(Error::form(problem::NOT_OPEN));
    }
    let again = check_in::ActiveModel {
        reopened_at: Set(Some(now)),
        reopened_step: Set(step),
        reopened_why: Set(Some(why.to_owned())),
        reopened_by: Set(Some(grant.holder()?.name.clone())),
        ..Default::default()
    };
    check_in::Entity::update_many().set(again).filter(check_in::Column::VisitId.eq(id)).exec(&tx).await?;
    let (patient, sensitive) = (found.visit.patient_id, found.visit.sensitive);
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let link = grant.link(&format!("/p/{patient}/visits/{id}/check-in"));
    tell_readers(&tx, grant, patient, opens, asked_again(first_name(&tx, patient).await?, link)).await?;
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
    let today = found.visit.starts_at.is_some_and(|at| crate::base::clock::local_date(at, &zone) == grant.now().today);
    match arriving(&found.facts(), &found.office.rules, now) {
        Arriving::Closed(Closed::Arrived) => return Ok(()),
        // The desk sees them: early or late does not matter.
        Arriving::Open | Arriving::TooEarly(_) | Arriving::TooLate if today => {}
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
    let once = visit::Entity::update_many().set(back).filter(visit::Column::Id.eq(id)).filter(visit::Column::Status.eq(Status::Arrived));
    if once.exec(&tx).await?.rows_affected == 0 {
        return Err(Error::form(problem::CHANGED));
    }
    visit_arrival::Entity::delete_by_id(id).exec(&tx).await?;
    keep(&tx, booking::Model { changed_at: now, ..booking }).await?;
    put::happened(&tx, id, Happened::NotArrived, &Actor::staff(grant)?, (None, visit.starts_at), None, now).await?;
    announce(&tx, ActKind::Appointment, id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks somebody in who is there: the page that they look at says so.
///
/// # Errors
/// `NotFound` for a visit of other departments; `Invalid` when they are not there, or the words are too long.
pub async fn call_in(grant: &Grant<ArrangeVisits>, id: Uuid, to: &str) -> Result<(), Error> {
    let (visit, _) = visit_of(grant, id).await?;
    let to = Some(to.trim().to_owned()).filter(|to| !to.is_empty());
    if to.as_ref().is_some_and(|to| to.chars().count() > MOST_PLACE) {
        return Err(Error::field("to", Why::TOO_LONG));
    }
    let called = visit_arrival::Entity::update_many()
        .col_expr(visit_arrival::Column::CalledAt, Expr::value(Some(grant.now().instant)))
        .col_expr(visit_arrival::Column::CalledTo, Expr::value(to))
        .col_expr(visit_arrival::Column::CalledBy, Expr::value(Some(grant.holder()?.name.clone())))
        .filter(visit_arrival::Column::VisitId.eq(id))
        .filter(visit_arrival::Column::StartsAt.eq(visit.starts_at.ok_or(Error::NotFound)?));
    if called.exec(grant.db()).await?.rows_affected == 0 { Err(Error::form(problem::CHANGED)) } else { Ok(()) }
}
