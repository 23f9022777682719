//! What is done when the front desk accepts a request.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::request,
    model::{Kind, State},
    store::{settle, to_decide},
};
use crate::{
    access::{Grant, policy::DecideRequests, proxy::is_adult},
    base::error::{Error, Why},
    features::{
        account::{
            core::{has_account, may_hold_account},
            sign_up::{by_code::issue, model::CodeDelivery},
        },
        family::store::{Given, give, midnight_after},
        personal::store::apply,
    },
    people::{
        patient,
        relation::{AdultLevel, Basis, Relationship, StaffRole},
    },
    platform::mail::{
        letter::Letter,
        store::{Recipient, organization_here, post},
    },
};

/// # Errors
/// `NotFound`, or `Invalid` when it cannot be done.
pub async fn accept(grant: &Grant<DecideRequests>, id: Uuid, record_number: &str, reason: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::FrontDesk).await?;
    let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
    let tx = grant.begin().await?;
    let patient = match row.kind {
        Kind::Details => by_id(&tx, row.patient_id).await?,
        _ => by_number(&tx, record_number).await?,
    };
    match row.kind {
        Kind::SignUp => sign_up(&tx, grant, &row, &patient).await?,
        Kind::ChildAccess => child(&tx, grant, &row, &body, &patient).await?,
        Kind::Papers => papers(&tx, grant, &row, &body, &patient).await?,
        Kind::Details => apply(&tx, &patient, &body, grant.now().instant).await?,
        Kind::Help | Kind::NotMe | Kind::Correction => return Err(Error::NotFound),
    }
    let done = request::ActiveModel { patient_id: Set(Some(patient.id)), ..Default::default() };
    request::Entity::update_many().set(done).filter(request::Column::Id.eq(row.id)).exec(&tx).await?;
    settle(&tx, grant, &row, State::Accepted, reason).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `Invalid` without a reason.
pub async fn decline(grant: &Grant<DecideRequests>, id: Uuid, reason: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::FrontDesk).await?;
    if reason.trim().is_empty() {
        return Err(Error::field("reason", Why::Missing));
    }
    let tx = grant.begin().await?;
    settle(&tx, grant, &row, State::Declined, reason).await?;
    tx.commit().await?;
    Ok(())
}

async fn by_id(tx: &impl ConnectionTrait, id: Option<Uuid>) -> Result<patient::Model, Error> {
    patient::Entity::find_by_id(id.ok_or(Error::NotFound)?).one(tx).await?.ok_or(Error::NotFound)
}

async fn by_number(tx: &impl ConnectionTrait, number: &str) -> Result<patient::Model, Error> {
    let number = number.trim().to_uppercase();
    if number.is_empty() {
        return Err(Error::field("record_number", Why::Missing));
    }
    let found = patient::Entity::find().filter(patient::Column::Mrn.eq(number)).one(tx).await?;
    found.ok_or(Error::field("record_number", Why::DetailsWrong))
}

/// The code goes to the address that the person typed: staff have checked who it is.
async fn sign_up(
    tx: &impl ConnectionTrait,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    patient: &patient::Model,
) -> Result<(), Error> {
    if !may_hold_account(patient, grant.now().today) {
        return Err(Error::field("record_number", Why::UnderAge));
    }
    if has_account(tx, patient.id).await? {
        return Err(Error::field("record_number", Why::HasAccount));
    }
    let email = row.email.as_deref().ok_or(Error::form(Why::NoContact))?;
    let now = grant.now().instant;
    let code = issue(tx, patient.id, CodeDelivery::Office, now).await?;
    let locale = crate::base::i18n::Locale::from_tag(&row.locale).unwrap_or_default();
    let link = grant.link(&format!("/sign-up?code={code}"));
    let letter = Letter::ActivationCode { name: patient.given_name.clone(), code, link };
    Ok(post(tx, &Recipient::address(email, locale), &letter, &organization_here()?, now, grant.zone()).await?)
}

async fn child(
    tx: &impl ConnectionTrait,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    body: &Value,
    patient: &patient::Model,
) -> Result<(), Error> {
    if is_adult(patient.birth_date, grant.now().today) || patient.emancipated_on.is_some() {
        return Err(Error::field("record_number", Why::NotAChild));
    }
    let relationship = if body["relationship"] == "guardian" { Relationship::Guardian } else { Relationship::Parent };
    let given = Given {
        account: row.account_id.ok_or(Error::NotFound)?,
        patient: patient.id,
        basis: Basis::ParentChild,
        relationship,
        level: None,
        until: None,
        by: Some(grant.holder()?.name.clone()),
    };
    give(tx, given, grant.now().instant).await.map(|_| ())
}

async fn papers(
    tx: &impl ConnectionTrait,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    body: &Value,
    patient: &patient::Model,
) -> Result<(), Error> {
    let until = body["until"].as_str().and_then(|day| day.parse().ok()).map(|day| midnight_after(grant, day));
    let given = Given {
        account: row.account_id.ok_or(Error::NotFound)?,
        patient: patient.id,
        basis: Basis::Papers,
        relationship: Relationship::Guardian,
        level: Some(AdultLevel::All),
        until,
        by: Some(grant.holder()?.name.clone()),
    };
    give(tx, given, grant.now().instant).await.map(|_| ())
}
