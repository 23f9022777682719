//! What the front desk records: access from papers that were seen, and emancipation.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{
    giving::{Given, give, last_moment, may_be_proxy},
    grants::{end_row, tell_patient},
};
use crate::{
    access::{Grant, policy::RecordAccess, proxy::is_adult},
    base::{end_reason::EndReason, error::Error, why::Why},
    features::family::email,
    people::{
        account, patient, proxy_grant,
        relation::{AdultLevel, Basis, Relationship},
    },
    platform::mail::store::{organization_here, post},
};

/// Records access from a paper form, or from papers that were looked at.
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
) -> Result<(), Error> {
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
    give(&tx, Given { account: account.id, patient: grant.patient().0, basis, relationship, level, until, by }, now.instant).await?;
    if let Some(to) = account.recipient() {
        post(&tx, &to, email::access_given(grant.link("/sharing")), &organization_here()?, now.instant, grant.zone()).await?;
    }
    tell_patient(&tx, grant, grant.patient().0, email::access_given(grant.link("/sharing"))).await?;
    tx.commit().await?;
    Ok(())
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
            post(&tx, &to, email::access_ended(grant.link("/sharing")), &organization_here()?, now.instant, grant.zone()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
