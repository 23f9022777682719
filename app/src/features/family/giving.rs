//! Giving access to a chart: to whom, until when.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, SqlErr};
use uuid::Uuid;

use super::{model::LONGEST_ACCESS_DAYS, problem};
use crate::{
    access::{
        Grant,
        policy::{DecideRequests, Permission},
        proxy::is_adult,
    },
    base::{end_reason::EndReason, error::Error, ids::new_id, text::date, why::Why},
    features::account::core::birth_date_of,
    people::{
        account, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
};

/// Checks who may hold access to a chart: an adult, and not whoever's chart it is.
///
/// # Errors
/// `Invalid` at `field`, which is empty for the whole form.
pub(super) async fn may_be_proxy(
    db: &impl ConnectionTrait,
    account: &account::Model,
    patient: Uuid,
    today: NaiveDate,
    field: &str,
) -> Result<(), Error> {
    if account.patient_id == Some(patient) {
        return Err(Error::field(field, problem::NOT_YOUR_OWN));
    }
    is_adult_holder(db, account, today, field).await
}

/// # Errors
/// `Invalid` at `field` when the account is a minor's.
pub(super) async fn is_adult_holder(
    db: &impl ConnectionTrait,
    account: &account::Model,
    today: NaiveDate,
    field: &str,
) -> Result<(), Error> {
    let adult = birth_date_of(db, account).await?.is_some_and(|born| is_adult(born, today));
    if adult { Ok(()) } else { Err(Error::field(field, problem::PROXY_UNDER_AGE)) }
}

/// Gives what a request asked for, to whoever asked, as the staff who decide it.
///
/// # Errors
/// As [`may_be_proxy`] and [`give`]; `NotFound` when the account is gone.
pub(super) async fn give_as_asked(
    tx: &impl ConnectionTrait,
    grant: &Grant<DecideRequests>,
    account: Option<Uuid>,
    access: impl FnOnce(Uuid) -> Given,
) -> Result<(), Error> {
    let account = account::Entity::find_by_id(account.ok_or(Error::NotFound)?).one(tx).await?.ok_or(Error::NotFound)?;
    let given = Given { by: Some(grant.holder()?.name.clone()), ..access(account.id) };
    may_be_proxy(tx, &account, given.patient, grant.now().today, "").await?;
    give(tx, given, grant.now().instant).await.map(|_| ())
}

/// Access that is given.
pub(crate) struct Given {
    pub account: Uuid,
    pub patient: Uuid,
    pub basis: Basis,
    pub relationship: Relationship,
    pub level: Option<AdultLevel>,
    /// The patient lets them share the record with others.
    pub may_share: bool,
    pub until: Option<DateTime<Utc>>,
    /// The name of whoever gave it; nothing when the record itself did.
    pub by: Option<String>,
}

/// Gives access, in place of what the same account had to the same chart.
///
/// # Errors
/// `Invalid` when the same access is given somewhere else at this moment.
pub(crate) async fn give(tx: &impl ConnectionTrait, given: Given, now: DateTime<Utc>) -> Result<Uuid, Error> {
    let replaced = proxy_grant::ActiveModel { ended_at: Set(Some(now)), end_reason: Set(Some(EndReason::Revoked)), ..Default::default() };
    proxy_grant::Entity::update_many()
        .set(replaced)
        .filter(proxy_grant::Column::AccountId.eq(given.account))
        .filter(proxy_grant::Column::PatientId.eq(given.patient))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    let hues: Vec<i32> = proxy_grant::Entity::find()
        .select_only()
        .column(proxy_grant::Column::Hue)
        .filter(proxy_grant::Column::AccountId.eq(given.account))
        .into_tuple()
        .all(tx)
        .await?;
    // The own chart has the first colour; of the others, the least used one.
    let hue = (1..8).min_by_key(|hue| hues.iter().filter(|used| *used == hue).count()).unwrap_or(1);
    let id = new_id();
    proxy_grant::Entity::insert(proxy_grant::ActiveModel {
        id: Set(id),
        account_id: Set(given.account),
        patient_id: Set(given.patient),
        basis: Set(given.basis),
        relationship: Set(given.relationship),
        level: Set(given.level),
        may_share: Set(given.may_share),
        hue: Set(hue),
        created_at: Set(now),
        expires_at: Set(given.until),
        given_by: Set(given.by),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await
    .map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::form(problem::HAS_ACCESS),
        _ => error.into(),
    })?;
    Ok(id)
}

/// The end of the chosen day; without one, a year from today. Never longer than a year: then it is renewed.
pub(super) fn last_moment(grant: &Grant<impl Permission>, until: &str) -> Result<Option<DateTime<Utc>>, Error> {
    let today = grant.now().today;
    let longest = today + TimeDelta::days(LONGEST_ACCESS_DAYS);
    let day = if until.trim().is_empty() { longest } else { date("until", until)? };
    if day <= today {
        return Err(Error::field("until", Why::NOT_FUTURE));
    }
    Ok(Some(midnight_after(grant, day.min(longest))))
}

/// The first moment after a day, where the organisation is.
pub(crate) fn midnight_after(grant: &Grant<impl Permission>, day: NaiveDate) -> DateTime<Utc> {
    let wall = (day + TimeDelta::days(1)).and_time(NaiveTime::MIN);
    let zone = grant.zone();
    let local = zone.from_local_datetime(&wall).earliest().or_else(|| zone.from_local_datetime(&(wall + TimeDelta::hours(1))).earliest());
    local.map_or_else(|| wall.and_utc(), |local| local.with_timezone(&Utc))
}
