//! What the front desk records: access from papers that were seen, and emancipation.

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    giving::{Given, give, last_moment, may_be_proxy},
    grants::{end_row, tell_patient},
};
use crate::{
    access::{
        Grant, Level,
        policy::{RecordAccess, ViewPatientAccount},
        proxy::{self, is_adult, level},
        session::facts,
    },
    base::{end_reason::EndReason, error::Error, ids::new_id, why::Why},
    features::family::email,
    people::{
        account, emancipation, patient, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
    platform::mail::store::{organization_here, post},
};

/// Records access from a paper form, or from papers that were looked at. Says what it opens, or why nothing.
///
/// # Errors
/// `Invalid` for an account that is not there, or one's own chart.
pub async fn record(
    grant: &Grant<RecordAccess>,
    username: &str,
    basis: Basis,
    relationship: Relationship,
    level: Option<AdultLevel>,
    until: &str,
) -> Result<Result<Level, EndReason>, Error> {
    let account = account::Entity::find()
        .filter(account::Column::UsernameKey.eq(crate::base::text::username_key(username)))
        .one(grant.db())
        .await?
        .ok_or(Error::field("username", Why::DETAILS_WRONG))?;
    let now = grant.now();
    may_be_proxy(grant.db(), &account, grant.patient().0, now.today, "username").await?;
    let until = match basis {
        Basis::ParentChild => None,
        Basis::Papers if until.trim().is_empty() => None,
        Basis::AdultAdult | Basis::Papers => last_moment(grant, until)?,
    };
    let tx = grant.begin().await?;
    let by = Some(grant.holder()?.name.clone());
    let given = Given { account: account.id, patient: grant.patient().0, basis, relationship, level, may_share: false, until, by };
    let id = give(&tx, given, now.instant).await?;
    let row = proxy_grant::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound)?;
    let patient = patient::Entity::find_by_id(row.patient_id).one(&tx).await?.ok_or(Error::NotFound)?;
    let opens = proxy::level(&facts(&row, &patient), now);
    if let Some(to) = account.recipient() {
        post(&tx, &to, email::access_given(grant.link("/sharing")), &organization_here()?, now.instant, grant.zone()).await?;
    }
    tell_patient(&tx, grant, grant.patient().0, email::access_given(grant.link("/sharing"))).await?;
    tx.commit().await?;
    Ok(opens)
}

/// Records that a minor is emancipated, from today on: every parent's access is over.
///
/// # Errors
/// `Invalid` for an adult.
pub async fn record_emancipation(grant: &Grant<RecordAccess>) -> Result<(), Error> {
    let patient = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let now = grant.now();
    if is_adult(patient.birth_date, now.today) || patient.emancipated_on.is_some() {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let tx = grant.begin().await?;
    let on = patient::ActiveModel { emancipated_on: Set(Some(now.today)), ..Default::default() };
    patient::Entity::update_many().set(on).filter(patient::Column::Id.eq(patient.id)).exec(&tx).await?;
    emancipation::Entity::insert(emancipation::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(patient.id),
        recorded_at: Set(now.instant),
        recorded_by: Set(grant.holder()?.name.clone()),
        ..Default::default()
    })
    .exec_without_returning(&tx)
    .await?;
    let parents = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.eq(patient.id))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .filter(proxy_grant::Column::Basis.ne(Basis::AdultAdult))
        .all(&tx)
        .await?;
    for row in parents {
        end_row(&tx, row.id, EndReason::Emancipated, now.instant).await?;
        if let Some(account) = account::Entity::find_by_id(row.account_id).one(&tx).await?
            && let Some(to) = account.recipient()
        {
            post(&tx, &to, email::access_ended(grant.link("/home")), &organization_here()?, now.instant, grant.zone()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Undoes an emancipation that was recorded by mistake: who lost access by it has it again, unless they were given other access
/// meanwhile. The reason is kept.
///
/// # Errors
/// `Invalid` when there is none.
pub async fn undo_emancipation(grant: &Grant<RecordAccess>, reason: &str) -> Result<(), Error> {
    let (patient, now) = (grant.patient().0, grant.now().instant);
    let tx = grant.begin().await?;
    let off = patient::Entity::update_many()
        .set(patient::ActiveModel { emancipated_on: Set(None), ..Default::default() })
        .filter(patient::Column::Id.eq(patient))
        .filter(patient::Column::EmancipatedOn.is_not_null())
        .exec(&tx)
        .await?;
    if off.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let undone = emancipation::ActiveModel {
        undone_at: Set(Some(now)),
        undone_by: Set(Some(grant.holder()?.name.clone())),
        reason: Set(Some(reason.trim().chars().take(400).collect())),
        ..Default::default()
    };
    emancipation::Entity::update_many()
        .set(undone)
        .filter(emancipation::Column::PatientId.eq(patient))
        .filter(emancipation::Column::UndoneAt.is_null())
        .exec(&tx)
        .await?;
    let person = patient::Entity::find_by_id(patient).one(&tx).await?.ok_or(Error::NotFound)?;
    let rows = proxy_grant::Entity::find().filter(proxy_grant::Column::PatientId.eq(patient)).order_by_desc(proxy_grant::Column::CreatedAt);
    let (open, over): (Vec<_>, Vec<_>) = rows.all(&tx).await?.into_iter().partition(|row| row.ended_at.is_none());
    let mut open: HashSet<Uuid> = open.into_iter().map(|row| row.account_id).collect();
    for row in over.into_iter().filter(|row| row.end_reason == Some(EndReason::Emancipated)) {
        // Of several that one account had, the newest; and none that opens nothing today.
        let as_before = proxy_grant::Model { ended_at: None, end_reason: None, ..row.clone() };
        if level(&facts(&as_before, &person), grant.now()).is_err() || !open.insert(row.account_id) {
            continue;
        }
        let again = proxy_grant::ActiveModel { ended_at: Set(None), end_reason: Set(None), ..Default::default() };
        proxy_grant::Entity::update_many().set(again).filter(proxy_grant::Column::Id.eq(row.id)).exec(&tx).await?;
        if let Some(account) = account::Entity::find_by_id(row.account_id).one(&tx).await?
            && let Some(to) = account.recipient()
        {
            post(&tx, &to, email::access_given(grant.link("/sharing")), &organization_here()?, now, grant.zone()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The emancipations of a patient that were recorded, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn emancipations(grant: &Grant<ViewPatientAccount>) -> Result<Vec<emancipation::Model>, Error> {
    let found = emancipation::Entity::find().filter(emancipation::Column::PatientId.eq(grant.patient().0));
    Ok(found.order_by_desc(emancipation::Column::RecordedAt).all(grant.db()).await?)
}
