//! Accounts at the front desk: a code to take along, or the account itself.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    by_code::issue,
    entity::activation_code,
    model::CodeDelivery,
    store::{Chosen, id_problems, welcome},
};
use crate::{
    access::{Grant, policy::CreateAccounts},
    base::{
        error::{Error, Problem},
        text::{answer_key, is_email},
        why::Why,
    },
    features::account::{
        core::{NewAccount, create, has_account, may_hold_account},
        problem,
    },
    people::patient,
    platform::password_hash::Passwords,
};

/// Hands out a code at the office.
///
/// # Errors
/// `Invalid` for a minor or somebody who has an account.
pub async fn hand_out(grant: &Grant<CreateAccounts>) -> Result<String, Error> {
    let tx = grant.begin().await?;
    patient_without_account(&tx, grant).await?;
    let code = issue(&tx, grant.patient().0, CodeDelivery::Office, grant.now().instant).await?;
    tx.commit().await?;
    Ok(code)
}

/// Creates the account at the desk, the patient typing the password.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn create_at_office(
    grant: &Grant<CreateAccounts>,
    passwords: &Passwords,
    chosen: Chosen,
    email: &str,
    notices: bool,
) -> Result<(), Error> {
    let mut problems = id_problems(grant.db(), &chosen, false).await?;
    if !is_email(email) {
        problems.push(Problem { field: "email".into(), why: Why::NOT_AN_EMAIL });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let password_hash = passwords.hash(chosen.password).await?;
    let answer_hash = passwords.hash(answer_key(&chosen.answer)).await?;
    let now = grant.now().instant;
    let tx = grant.begin().await?;
    let patient = patient_without_account(&tx, grant).await?;
    let new = NewAccount {
        username: chosen.username,
        display_name: format!("{} {}", patient.given_name, patient.family_name),
        password_hash,
        question: Some(chosen.question),
        answer_hash: Some(answer_hash),
        email: Some(email.trim().to_owned()),
        verified: false,
        notices,
        patient: Some(patient.id),
        birth_date: Some(patient.birth_date),
        locale: patient.language.filter(|tag| tag == "es").unwrap_or_else(|| grant.locale().tag().to_owned()),
    };
    let account = create(&tx, new, now).await?;
    let void = activation_code::ActiveModel { void_at: Set(Some(now)), ..Default::default() };
    activation_code::Entity::update_many()
        .set(void)
        .filter(activation_code::Column::PatientId.eq(patient.id))
        .filter(activation_code::Column::UsedAt.is_null())
        .exec(&tx)
        .await?;
    welcome(&tx, grant, &account, false).await?;
    tx.commit().await?;
    Ok(())
}

async fn patient_without_account(tx: &impl ConnectionTrait, grant: &Grant<CreateAccounts>) -> Result<patient::Model, Error> {
    let patient = patient::Entity::find_by_id(grant.patient().0).one(tx).await?.ok_or(Error::NotFound)?;
    may_hold_account(&patient, grant.now().today).map_err(Error::form)?;
    if has_account(tx, patient.id).await? {
        return Err(Error::form(problem::HAS_ACCOUNT));
    }
    Ok(patient)
}
