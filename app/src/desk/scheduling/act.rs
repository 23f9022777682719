//! Who does something to a visit, and what may be done with it until when.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{booking, visit_kind},
    kinds,
};
use crate::{
    access::{Grant, Permission},
    base::{clock::local_date, error::Error, i18n::Texts, ids::PatientId},
    people::patient::with_merged,
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

/// A visit of this chart that the grant lets be seen, with what the portal knows of it.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn visit_of<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    id: Uuid,
) -> Result<(visit::Model, Option<booking::Model>), Error> {
    let charts = with_merged(grant.patient().0).into_query();
    let visits = visit::Entity::find_by_id(id).filter(visit::Column::PatientId.in_subquery(charts));
    let visit = visits.one(grant.db()).await?.filter(|visit| grant.sees_sensitive() || !visit.sensitive).ok_or(Error::NotFound)?;
    let booking = booking::Entity::find_by_id(id).one(grant.db()).await?;
    Ok((visit, booking))
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
