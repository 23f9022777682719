//! Access of one person to another's chart: who has it, changing it, ending it.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::giving::last_moment;
use crate::{
    access::{
        Grant, Level, Person,
        policy::{ManageAccess, Permission, RecordAccess, UseOwnAccount},
        proxy::{self, age_on},
        session::facts,
    },
    base::{end_reason::EndReason, error::Error, i18n::Texts, ids::PatientId, why::Why},
    features::{account::core::account_of, family::email},
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
    /// The patient lets them share the record with others.
    pub may_share: bool,
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
                may_share: row.may_share,
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

pub(super) fn find<T: Copy>(all: &[T], text: &str, name: fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|found| name(*found) == text)
}

/// Changes what an adult may see, and until when.
///
/// # Errors
/// `NotFound` for access to another chart; `Invalid`.
pub async fn change(grant: &Grant<ManageAccess>, id: Uuid, level: &str, may_share: bool, until: &str) -> Result<(), Error> {
    let level = find(AdultLevel::ALL, level, AdultLevel::as_str).ok_or(Error::field("level", Why::MISSING))?;
    let until = last_moment(grant, until)?;
    let row = proxy_grant::ActiveModel { level: Set(Some(level)), may_share: Set(may_share), expires_at: Set(until), ..Default::default() };
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
        post(&tx, &to, email::access_ended(grant.link("/home")), &organization_here()?, grant.now().instant, grant.zone()).await?;
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
    let owner = account_of(tx, patient).await?;
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
