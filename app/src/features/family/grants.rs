//! Access of one person to another's chart: who has it, giving it, changing it, ending it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr};
use uuid::Uuid;

use super::model::LONGEST_ACCESS_DAYS;
use crate::{
    access::{
        Grant, Level, Person,
        policy::{ManageAccess, Permission, RecordAccess, UseOwnAccount},
        proxy::{self, age_on},
        session::facts,
    },
    base::{
        end_reason::EndReason,
        error::Error,
        i18n::Texts,
        ids::{PatientId, new_id},
        text::date,
        why::Why,
    },
    features::family::{email, problem},
    people::{
        account, patient, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
    platform::mail::{
        letter::{Message, Organization},
        store::{organization_here, post},
    },
};

/// Somebody who may open a chart, as its owner sees them.
pub struct Access {
    pub id: Uuid,
    pub name: String,
    pub relationship: Relationship,
    pub basis: Basis,
    pub level: Result<Level, EndReason>,
    pub chosen: Option<AdultLevel>,
    pub since: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub last_used: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub given_by: Option<String>,
    pub end_note: Option<String>,
    /// Where this person's letters go.
    pub email: Option<String>,
}

/// Who has, or had, access to a chart.
///
/// # Errors
/// When the database fails.
pub async fn accesses(grant: &Grant<impl Permission>, patient: Uuid) -> Result<Vec<Access>, Error> {
    let db = grant.db();
    let person = patient::Entity::find_by_id(patient).one(db).await?.ok_or(Error::NotFound)?;
    let rows = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.eq(patient))
        .order_by_desc(proxy_grant::Column::CreatedAt)
        .all(db)
        .await?;
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(rows.iter().map(|row| row.account_id))).all(db).await?;
    let now = grant.now();
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let account = accounts.iter().find(|account| account.id == row.account_id)?;
            Some(Access {
                id: row.id,
                name: account.display_name.clone(),
                relationship: row.relationship,
                basis: row.basis,
                level: proxy::level(&facts(&row, &person), now),
                chosen: row.level,
                since: row.created_at,
                until: row.expires_at,
                last_used: row.last_used_at,
                ended_at: row.ended_at,
                given_by: row.given_by,
                end_note: row.end_note,
                email: account.email.clone(),
            })
        })
        .collect())
}

/// Access that is given.
pub(crate) struct Given {
    pub account: Uuid,
    pub patient: Uuid,
    pub basis: Basis,
    pub relationship: Relationship,
    pub level: Option<AdultLevel>,
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

pub(super) fn find<T: Copy>(all: &[T], text: &str, name: fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|found| name(*found) == text)
}

/// Changes what an adult may see, and until when.
///
/// # Errors
/// `NotFound` for access to another chart; `Invalid`.
pub async fn change(grant: &Grant<ManageAccess>, id: Uuid, level: &str, until: &str) -> Result<(), Error> {
    let level = find(AdultLevel::ALL, level, AdultLevel::as_str).ok_or(Error::field("level", Why::MISSING))?;
    let until = last_moment(grant, until)?;
    let row = proxy_grant::ActiveModel { level: Set(Some(level)), expires_at: Set(until), ..Default::default() };
    let changed = proxy_grant::Entity::update_many()
        .set(row)
        .filter(proxy_grant::Column::Id.eq(id))
        .filter(proxy_grant::Column::PatientId.eq(grant.patient().0))
        .filter(proxy_grant::Column::Basis.eq(Basis::AdultAdult))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(grant.db())
        .await?;
    if changed.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends somebody's access to the caller's own chart, at once, and tells them.
///
/// # Errors
/// `NotFound` for access to another chart.
pub async fn end(grant: &Grant<ManageAccess>, id: Uuid) -> Result<(), Error> {
    end_one(grant, id, None).await
}

/// Ends somebody's access to a patient's chart as staff; the reason is kept.
///
/// # Errors
/// `NotFound` for access to another chart.
pub async fn end_with_reason(grant: &Grant<RecordAccess>, id: Uuid, reason: &str) -> Result<(), Error> {
    let noted = format!("{}: {}", grant.holder()?.name, reason.trim().chars().take(200).collect::<String>());
    end_one(grant, id, Some(noted)).await
}

async fn end_one(grant: &Grant<impl Permission<Scope = PatientId>>, id: Uuid, noted: Option<String>) -> Result<(), Error> {
    let found = proxy_grant::Entity::find_by_id(id).one(grant.db()).await?;
    let found = found.filter(|row| row.patient_id == grant.patient().0 && row.ended_at.is_none()).ok_or(Error::NotFound)?;
    let tx = grant.begin().await?;
    end_row(&tx, found.id, EndReason::Revoked, grant.now().instant).await?;
    if let Some(noted) = noted {
        let row = proxy_grant::ActiveModel { end_note: Set(Some(noted)), ..Default::default() };
        proxy_grant::Entity::update_many().set(row).filter(proxy_grant::Column::Id.eq(found.id)).exec(&tx).await?;
    }
    if let Some(account) = account::Entity::find_by_id(found.account_id).one(&tx).await?
        && let Some(to) = account.recipient()
    {
        post(&tx, &to, email::access_ended(grant.link("/sharing")), &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn end_row(tx: &impl ConnectionTrait, id: Uuid, reason: EndReason, at: DateTime<Utc>) -> Result<bool, sea_orm::DbErr> {
    let ended = proxy_grant::ActiveModel { ended_at: Set(Some(at)), end_reason: Set(Some(reason)), ..Default::default() };
    let ended = proxy_grant::Entity::update_many()
        .set(ended)
        .filter(proxy_grant::Column::Id.eq(id))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Gives back one's own access to somebody's chart, and tells the patient.
///
/// # Errors
/// When the database fails.
pub async fn give_up(grant: &Grant<crate::access::policy::GiveUpAccess>) -> Result<(), Error> {
    let account = grant.holder()?.account.0;
    let tx = grant.begin().await?;
    let now = grant.now().instant;
    let ended = proxy_grant::ActiveModel { ended_at: Set(Some(now)), end_reason: Set(Some(EndReason::Revoked)), ..Default::default() };
    proxy_grant::Entity::update_many()
        .set(ended)
        .filter(proxy_grant::Column::AccountId.eq(account))
        .filter(proxy_grant::Column::PatientId.eq(grant.patient().0))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(&tx)
        .await?;
    tell_patient(&tx, grant, grant.patient().0, email::access_ended(grant.link("/sharing"))).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes to the patient's own account, if there is one.
pub(super) async fn tell_patient(
    tx: &impl ConnectionTrait,
    grant: &Grant<impl Permission>,
    patient: Uuid,
    message: impl Fn(Texts, &Organization) -> Message,
) -> Result<(), Error> {
    let owner = account::Entity::find().filter(account::Column::PatientId.eq(patient)).one(tx).await?;
    if let Some(to) = owner.as_ref().and_then(|account| account.recipient()) {
        post(tx, &to, message, &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    Ok(())
}

/// A chart somebody acts for, and how they see it.
pub struct Mine {
    pub person: Person,
    pub relationship: Relationship,
    pub basis: Basis,
    pub level: Level,
    pub until: Option<DateTime<Utc>>,
    pub age: i32,
}

/// The charts that are open to the caller, but their own.
///
/// # Errors
/// `SignInNeeded`.
pub fn mine(grant: &Grant<UseOwnAccount>) -> Result<Vec<Mine>, Error> {
    let now = grant.now();
    Ok(grant
        .holder()?
        .acts_for(now)
        .into_iter()
        .filter_map(|(found, level)| {
            Some(Mine {
                person: found.person.clone(),
                relationship: found.relationship,
                basis: found.facts.basis,
                level: level.ok()?,
                until: found.facts.expires_at,
                age: age_on(found.facts.birth_date, now.today),
            })
        })
        .collect())
}
