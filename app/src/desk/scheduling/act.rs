//! Who does something to a visit, and what may be done with it until when.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{booking, visit_kind, visit_request},
    hours::Slot,
    kinds,
};
use crate::{
    access::{Grant, Permission},
    base::{clock::local_date, error::Error, i18n::Texts, ids::PatientId},
    people::{
        account,
        patient::{self, with_merged},
    },
    platform::batch::Batch,
    record::{
        care_team::entity::clinician,
        visit::{entity::visit, model::Status},
    },
};

/// A visit that came in is moved and cancelled until so many hours before, where its kind says nothing.
pub const CUTOFF_HOURS: i32 = 24;
/// Visits are confirmed from so many days before.
pub const CONFIRM_DAYS: i64 = 7;

/// Who does something to a visit.
#[derive(Clone, Debug)]
pub struct Actor {
    pub account: Option<Uuid>,
    pub name: String,
    /// What a proxy is to the patient, or the role of somebody of the staff, as it is stored.
    pub role: Option<String>,
}

impl Actor {
    /// The patient, or somebody for them.
    ///
    /// # Errors
    /// `SignInNeeded` when nobody is signed in.
    pub fn patients_side<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Self, Error> {
        let holder = grant.holder()?;
        let role = grant.relationship().map(|relationship| relationship.as_str().to_owned());
        Ok(Self { account: Some(holder.account.0), name: holder.name.clone(), role })
    }

    /// Somebody of the staff.
    ///
    /// # Errors
    /// `SignInNeeded` when nobody is signed in.
    pub fn staff<P: Permission>(grant: &Grant<P>) -> Result<Self, Error> {
        let holder = grant.holder()?;
        let role = holder.staff.map(|role| role.as_str().to_owned());
        Ok(Self { account: Some(holder.account.0), name: holder.name.clone(), role })
    }
}

/// A time in words of whoever reads it, by the clock of the place.
pub fn at_words(at: DateTime<Utc>, zone: Tz) -> impl Fn(Texts) -> String + Clone + Send + Sync {
    move |t| t.date_and_time(at, &zone)
}

/// Whoever changes the times of these clinicians waits for whoever does it now: in one order, so that no two wait for each other. On
/// SQLite a transaction that writes is alone anyway.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &impl ConnectionTrait, clinicians: &[Uuid]) -> Result<(), DbErr> {
    let mut query = clinician::Entity::find()
        .select_only()
        .column(clinician::Column::Id)
        .filter(clinician::Column::Id.is_in(clinicians.iter().copied()))
        .order_by_asc(clinician::Column::Id);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.into_tuple::<Uuid>().all(tx).await?;
    Ok(())
}

/// Whoever does something else with the same account at the same moment waits.
///
/// # Errors
/// When the database fails.
pub async fn lock_account(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    let mut query = account::Entity::find_by_id(id).select_only().column(account::Column::Id);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.into_tuple::<Uuid>().one(tx).await?;
    Ok(())
}

/// Whoever does something else with the same request waits: before the lock of clinicians, so that no two wait for each other.
///
/// # Errors
/// When the database fails.
pub async fn lock_request(tx: &impl ConnectionTrait, id: Option<Uuid>) -> Result<(), DbErr> {
    let Some(id) = id else { return Ok(()) };
    let mut query = visit_request::Entity::find_by_id(id).select_only().column(visit_request::Column::Id);
    if tx.get_database_backend() == sea_orm::DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.into_tuple::<Uuid>().one(tx).await?;
    Ok(())
}

/// A visit of this chart that the grant lets be seen, with what the portal knows of it.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn visit_of<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    id: Uuid,
) -> Result<(visit::Model, Option<booking::Model>), Error> {
    let charts = with_merged(grant.patient().0).into_query();
    let mut batch = Batch::default();
    let visit = batch.ask(visit::Entity::find_by_id(id).filter(visit::Column::PatientId.in_subquery(charts)));
    let booking = batch.ask(booking::Entity::find_by_id(id));
    let mut answers = batch.read(grant.db()).await?;
    let visit = answers.take(visit)?.pop().filter(|visit| grant.sees_sensitive() || !visit.sensitive).ok_or(Error::NotFound)?;
    Ok((visit, answers.take(booking)?.pop()))
}

/// What may be done with a visit now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Until when it may be moved, and cancelled without a call; none where it is over or off.
    pub cutoff: Option<DateTime<Utc>>,
    pub cancel: bool,
    /// Before the cut-off.
    pub change: bool,
    pub confirm: bool,
}

impl May {
    /// `now` is compared as an instant, days as days of the place.
    pub fn of(
        visit: &visit::Model,
        booking: Option<&booking::Model>,
        kind: Option<&visit_kind::Model>,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> Self {
        let is_on = matches!(visit.status, Status::Booked | Status::Requested);
        let Some(starts_at) = visit.starts_at.filter(|starts_at| is_on && *starts_at > now) else { return Self::default() };
        let cutoff = starts_at - TimeDelta::hours(kind.map_or(CUTOFF_HOURS, |kind| kind.cutoff_hours).into());
        let (day, today) = (local_date(starts_at, &zone), local_date(now, &zone));
        let confirmed = booking.is_some_and(|booking| booking.confirmed_at.is_some());
        Self {
            cutoff: Some(cutoff),
            cancel: true,
            change: now < cutoff,
            confirm: visit.status == Status::Booked && !confirmed && today < day && day - today <= TimeDelta::days(CONFIRM_DAYS),
        }
    }
}

/// The kind of a visit, where it was booked as one.
///
/// # Errors
/// When the database fails.
pub async fn kind_of(db: &impl ConnectionTrait, booking: Option<&booking::Model>) -> Result<Option<visit_kind::Model>, DbErr> {
    match booking.and_then(|booking| booking.kind_id) {
        Some(id) => kinds::kind(db, id).await,
        None => Ok(None),
    }
}

/// Whether the person has another visit at that time.
///
/// # Errors
/// When the database fails.
pub async fn overlaps(db: &impl ConnectionTrait, patient: Uuid, slot: &Slot, except: Option<Uuid>) -> Result<bool, DbErr> {
    Ok(!at_the_time(db, patient, (slot.starts_at, slot.ends_at), except).await?.is_empty())
}

/// When the person has other visits between two instants.
///
/// # Errors
/// When the database fails.
pub async fn at_the_time(
    db: &impl ConnectionTrait,
    patient: Uuid,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    except: Option<Uuid>,
) -> Result<Vec<(DateTime<Utc>, DateTime<Utc>)>, DbErr> {
    let mut found = visit::Entity::find()
        .filter(visit::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(visit::Column::Status.is_in([Status::Requested, Status::Booked, Status::Arrived, Status::InProgress]))
        .filter(visit::Column::StartsAt.lt(until))
        .filter(visit::Column::EndsAt.gt(from));
    if let Some(except) = except {
        found = found.filter(visit::Column::Id.ne(except));
    }
    let found = found.all(db).await?;
    Ok(found.into_iter().filter_map(|visit| visit.starts_at.zip(visit.ends_at)).collect())
}

/// The next visit of a kind that the person has, and when.
///
/// # Errors
/// When the database fails.
pub async fn next_of_kind<P: Permission<Scope = PatientId>>(grant: &Grant<P>, kind: Uuid) -> Result<Option<(Uuid, DateTime<Utc>)>, DbErr> {
    let charts = || with_merged(grant.patient().0).into_query();
    let of_kind = booking::Entity::find()
        .select_only()
        .column(booking::Column::VisitId)
        .filter(booking::Column::PatientId.in_subquery(charts()))
        .filter(booking::Column::KindId.eq(kind))
        .into_query();
    let next = visit::Entity::find()
        .filter(visit::Column::Id.in_subquery(of_kind))
        .filter(visit::Column::Status.is_in([Status::Requested, Status::Booked]))
        .filter(visit::Column::StartsAt.gt(grant.now().instant))
        .order_by_asc(visit::Column::StartsAt)
        .one(grant.db())
        .await?;
    let seen = next.filter(|visit| grant.sees_sensitive() || !visit.sensitive);
    Ok(seen.and_then(|visit| Some((visit.id, visit.starts_at?))))
}

/// The first name of a patient, for letters.
///
/// # Errors
/// When the database fails.
pub async fn first_name(db: &impl ConnectionTrait, patient: Uuid) -> Result<String, DbErr> {
    Ok(patient::current(db, patient).await?.map(|person| person.given_name).unwrap_or_default())
}
