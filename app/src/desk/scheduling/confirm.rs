//! The patient's side of visits that are booked: confirming, cancelling, waiting for an earlier time.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use uuid::Uuid;

use super::{
    act::{Actor, May, at_words, first_name, kind_of, visit_of},
    change, email,
    entity::booking,
    fair::Wishes,
    holding::MOST_REASON,
    hours::{DAY_MINUTES, instant},
    kinds::kind_for,
    known::known,
    problem, waiting,
    words::reason_in_words,
};
use crate::{
    access::{
        Grant, Level,
        policy::{BookVisits, UseOwnAccount},
    },
    base::{
        error::{Error, Problem},
        ids::PatientId,
        why::Why,
    },
    desk::office::tell::tell_readers,
    people::patient::with_merged,
    record::visit::{entity::visit, model::Status},
};

/// Everybody for whom an account holder books.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn people(grant: &Grant<UseOwnAccount>) -> Result<Vec<PatientId>, Error> {
    let holder = grant.holder()?;
    let own = holder.own_chart.iter().map(|person| person.patient);
    let others = holder.acts_for(grant.now()).into_iter().filter(|(_, level)| level.is_ok()).map(|(found, _)| found.person.patient);
    Ok(own.chain(others).filter(|patient| grant.would_allow::<BookVisits>(patient)).collect())
}

/// Says that the person comes.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` when it is not the time for it.
pub async fn one(grant: &Grant<BookVisits>, id: Uuid) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let now = grant.now().instant;
    let booking = known(grant.db(), &visit, booking, now).await?;
    let tx = grant.begin().await?;
    change::confirm(&tx, &visit, booking, &Actor::patients_side(grant)?, now, grant.zone()).await?;
    tx.commit().await?;
    Ok(())
}

/// The booked visits of a day that the grant lets be seen, the earliest first, with what the portal knows of each.
///
/// # Errors
/// When the database fails.
pub async fn of_day(grant: &Grant<BookVisits>, day: NaiveDate) -> Result<Vec<(visit::Model, Option<booking::Model>)>, Error> {
    let (from, until) = (instant(day, 0, &grant.zone()), instant(day, DAY_MINUTES, &grant.zone()));
    let Some((from, until)) = from.zip(until) else { return Ok(Vec::new()) };
    let visits = visit::Entity::find()
        .filter(visit::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::StartsAt.gte(from))
        .filter(visit::Column::StartsAt.lt(until))
        .order_by_asc(visit::Column::StartsAt)
        .all(grant.db())
        .await?;
    let bookings = booking::Entity::find().filter(booking::Column::VisitId.is_in(visits.iter().map(|visit| visit.id)));
    let bookings = bookings.all(grant.db()).await?;
    let shown = visits.into_iter().filter(|visit| grant.sees_sensitive() || !visit.sensitive);
    Ok(shown.map(|visit| (bookings.iter().find(|row| row.visit_id == visit.id).cloned(), visit)).map(|(row, visit)| (visit, row)).collect())
}

/// Confirms every visit of a day that can be confirmed.
///
/// # Errors
/// When the database fails.
pub async fn all_of(grant: &Grant<BookVisits>, day: NaiveDate) -> Result<(), Error> {
    let (now, zone) = (grant.now().instant, grant.zone());
    for (visit, booking) in of_day(grant, day).await? {
        if May::of(&visit, booking.as_ref(), None, now, zone).confirm {
            one(grant, visit.id).await?;
        }
    }
    Ok(())
}

/// Calls a visit off.
///
/// # Errors
/// `NotFound` for a visit of another chart; `Invalid` without a reason, or when it is off or over.
pub async fn cancel(grant: &Grant<BookVisits>, id: Uuid, reason: &str, words: &str) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let now = grant.now().instant;
    let mut problems = Vec::new();
    let reason = reason_in_words(grant.texts(), reason);
    if reason.is_none() {
        problems.push(Problem { field: "reason".into(), why: Why::MISSING });
    }
    if words.chars().count() > MOST_REASON {
        problems.push(Problem { field: "words".into(), why: problem::REASON_LONG });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if !May::of(&visit, booking.as_ref(), None, now, grant.zone()).cancel {
        return Err(Error::form(problem::CHANGED));
    }
    let booking = known(grant.db(), &visit, booking, now).await?;
    let said = [reason.unwrap_or_default(), words.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let tx = grant.begin().await?;
    change::cancel(&tx, &visit, booking, &Actor::patients_side(grant)?, Some(said), now).await?;
    let (sensitive, link) = (visit.sensitive, grant.link(&format!("/p/{}/visits/{id}", grant.patient())));
    let opens = move |level: Level| level.sees_schedule() && (!sensitive || level.sees_sensitive());
    let whose = first_name(&tx, visit.patient_id).await?;
    if let Some(at) = visit.starts_at {
        tell_readers(&tx, grant, grant.patient().0, opens, email::cancelled(whose.clone(), at_words(at, grant.zone()), link)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What somebody wishes of an earlier time, as it was typed.
pub struct Typed<'a> {
    pub notice: &'a str,
    /// A bit for each day, Monday the lowest.
    pub weekdays: i32,
    pub from: &'a str,
    pub until: &'a str,
    /// Where; all places where all are ticked.
    pub places: Vec<Uuid>,
    pub nights: bool,
    pub short_notice: bool,
    pub paused: bool,
}

/// Waits for an earlier time, or changes what is wished of it.
///
/// # Errors
/// `NotFound` for a visit that cannot have one; `Invalid` with everything that is wrong.
pub async fn join(grant: &Grant<BookVisits>, id: Uuid, typed: &Typed<'_>) -> Result<(), Error> {
    let (visit, booking) = visit_of(grant, id).await?;
    let now = grant.now().instant;
    let kind = kind_of(grant.db(), booking.as_ref()).await?.filter(|kind| kind.fast_pass).ok_or(Error::NotFound)?;
    if visit.status != Status::Booked || visit.starts_at.is_none_or(|at| at <= now) {
        return Err(Error::form(problem::CHANGED));
    }
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let notice = typed.notice.trim().parse::<i32>().ok().filter(|hours| (24..=24 * 60).contains(hours));
    if notice.is_none() {
        refuse("notice", problem::NOT_IN_RANGE);
    }
    let minute = |text: &str| text.trim().parse::<i32>().ok().filter(|minute| (0..=DAY_MINUTES).contains(minute));
    let (from, until) = (minute(typed.from), minute(typed.until));
    if from.is_none() {
        refuse("from", problem::NOT_IN_RANGE);
    }
    match (from, until) {
        (_, None) => refuse("until", problem::NOT_IN_RANGE),
        (Some(from), Some(until)) if until <= from => refuse("until", problem::ENDS_BEFORE),
        _ => {}
    }
    if typed.weekdays == 0 {
        refuse("day[mon]", Why::MISSING);
    }
    let offered = kind_for(grant, kind.id).await?;
    let all: std::collections::BTreeSet<Uuid> = offered.offered.iter().map(|offered| offered.department.id).collect();
    if typed.places.iter().any(|place| !all.contains(place)) {
        return Err(Error::NotFound);
    }
    let (Some(notice), Some(from), Some(until), true) = (notice, from, until, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let every = all.iter().all(|place| typed.places.contains(place));
    let wishes = Wishes {
        notice_hours: notice,
        weekdays: typed.weekdays & 0b111_1111,
        from_minute: from,
        until_minute: until,
        places: if every { Vec::new() } else { typed.places.clone() },
        nights: typed.nights,
        short_notice: typed.short_notice,
    };
    let tx = grant.begin().await?;
    let of = (id, grant.patient().0, kind.id);
    waiting::join(&tx, of, Some(grant.holder()?.account.0), &wishes, typed.paused, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Waits for no earlier time any more.
///
/// # Errors
/// `NotFound` for a visit that is on no list.
pub async fn leave(grant: &Grant<BookVisits>, id: Uuid) -> Result<(), Error> {
    visit_of(grant, id).await?;
    let entry = waiting::entry_of(grant.db(), id).await?.ok_or(Error::NotFound)?;
    let tx = grant.begin().await?;
    waiting::leave(&tx, &entry, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}
