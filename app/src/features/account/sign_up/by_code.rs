//! Activation codes: made, mailed, and what they begin.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::activation_code,
    model::{CodeDelivery, LIFE, WRONG_TRIES},
    store::{Begun, begin, throttle},
};
use crate::{
    access::{
        Grant,
        policy::{Permission, SignUp},
    },
    base::{
        error::Error,
        ids::new_id,
        text::{LENGTH, date, displayed, normalised},
        why::Why,
    },
    features::account::{
        core::{free, has_account, may_hold_account},
        email::activation_code,
        problem,
    },
    people::patient,
    platform::{
        mail::store::{Recipient, organization_here, post},
        throttle::{count_in_row, give_back_in_row},
        tokens::{hash, random_code},
    },
};

/// Codes that are mailed to one patient within a quarter of an hour.
pub(super) const MAILS: i32 = 2;

/// What somebody types who has a code.
pub struct WithCode {
    pub code: String,
    pub birth_date: String,
    pub zip: String,
    pub phone: String,
}

/// Opens a sign-up with an activation code and returns the token for its cookie.
///
/// # Errors
/// `Invalid` says why the code is refused; `TooManyTries`.
pub async fn begin_with_code(grant: &Grant<SignUp>, typed: &WithCode) -> Result<String, Error> {
    throttle(grant).await?;
    let birth_date = date("birth_date", &typed.birth_date)?;
    if typed.zip.trim().is_empty() && typed.phone.trim().is_empty() {
        return Err(Error::field("zip", problem::NO_CONTACT));
    }
    let code = normalised(&typed.code).ok_or(Error::field("activation_code", problem::CODE_UNKNOWN))?;
    let (now, db) = (grant.now(), grant.db());
    let found = activation_code::Entity::find().filter(activation_code::Column::CodeHash.eq(hash(&code))).one(db).await?;
    let found = found.ok_or(Error::field("activation_code", problem::CODE_UNKNOWN))?;
    let patient =
        patient::Entity::find_by_id(found.patient_id).one(db).await?.ok_or(Error::field("activation_code", problem::CODE_UNKNOWN))?;
    let this = || activation_code::Column::Id.eq(found.id);
    let counted = count_in_row::<activation_code::Entity>(db, this(), activation_code::Column::WrongTries, WRONG_TRIES).await?;
    let proved = patient.is_born_on(birth_date) && knows_contact(&patient, &typed.zip, &typed.phone);
    if !proved {
        let voided = activation_code::ActiveModel { void_at: Set(Some(now.instant)), ..Default::default() };
        activation_code::Entity::update_many()
            .set(voided)
            .filter(this())
            .filter(activation_code::Column::VoidAt.is_null())
            .filter(activation_code::Column::WrongTries.gte(WRONG_TRIES))
            .exec(db)
            .await?;
        // Another try at the same moment may have been faster to void it.
        let row = activation_code::Entity::find_by_id(found.id).one(db).await?;
        let over = row.is_none_or(|row| row.void_at.is_some());
        return Err(if over { Error::field("activation_code", problem::CODE_VOID) } else { Error::form(Why::DETAILS_WRONG) });
    }
    if counted {
        give_back_in_row::<activation_code::Entity>(db, this(), activation_code::Column::WrongTries).await?;
    }
    if found.used_at.is_some() {
        return Err(Error::field("activation_code", problem::CODE_USED));
    }
    let void = found.void_at.is_some() || !counted;
    if void || found.expires_at <= now.instant {
        // Who knows the code and the person gets a new one at once, at the address on file.
        mail_code(grant, &patient).await?;
        return Err(Error::field("activation_code", if void { problem::CODE_VOID } else { problem::CODE_EXPIRED }));
    }
    may_hold_account(&patient, now.today).map_err(|why| Error::field("birth_date", why))?;
    if has_account(db, patient.id).await? {
        return Err(Error::form(problem::HAS_ACCOUNT));
    }
    let name = format!("{} {}", patient.given_name, patient.family_name);
    let proved_email = patient.email.filter(|_| found.handed == CodeDelivery::Mailed);
    begin(grant, Begun { code: Some(found.id), invitation: None, patient: Some(patient.id), name, birth_date, proved_email }).await
}

/// A new code for a patient, shown to the caller once. Codes made before are void.
///
/// # Errors
/// When the database fails.
pub async fn issue(tx: &impl ConnectionTrait, patient: Uuid, handed: CodeDelivery, now: DateTime<Utc>) -> Result<String, Error> {
    let void = activation_code::ActiveModel { void_at: Set(Some(now)), ..Default::default() };
    activation_code::Entity::update_many()
        .set(void)
        .filter(activation_code::Column::PatientId.eq(patient))
        .filter(activation_code::Column::UsedAt.is_null())
        .filter(activation_code::Column::VoidAt.is_null())
        .exec(tx)
        .await?;
    let code = random_code(LENGTH)?;
    activation_code::Entity::insert(activation_code::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(patient),
        code_hash: Set(hash(&code)),
        handed: Set(handed),
        created_at: Set(now),
        expires_at: Set(now + LIFE),
        wrong_tries: Set(0),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(displayed(&code))
}

/// The newest code of a patient that can still be used.
///
/// # Errors
/// When the database fails.
pub(crate) async fn outstanding<P: Permission>(grant: &Grant<P>, patient: Uuid) -> Result<Option<activation_code::Model>, Error> {
    let open = activation_code::Entity::find()
        .filter(activation_code::Column::PatientId.eq(patient))
        .filter(activation_code::Column::UsedAt.is_null())
        .filter(activation_code::Column::VoidAt.is_null())
        .filter(activation_code::Column::ExpiresAt.gt(grant.now().instant));
    Ok(open.order_by_desc(activation_code::Column::CreatedAt).one(grant.db()).await?)
}

/// Mails a new code to the address on file; at most a few in a while.
pub(crate) async fn mail_code<P: Permission>(grant: &Grant<P>, patient: &patient::Model) -> Result<(), Error> {
    if patient.email.is_none() {
        return Ok(());
    }
    if may_hold_account(patient, grant.now().today).is_err() || has_account(grant.db(), patient.id).await? {
        return Ok(());
    }
    if !free(grant.db(), &format!("sign-up mail:{}", patient.id), MAILS).await? {
        return Ok(());
    }
    let tx = grant.begin().await?;
    mail_new_code(&tx, grant, patient).await?;
    tx.commit().await?;
    Ok(())
}

/// Mails a fresh code to the address in the record; `false` without one.
pub(super) async fn mail_new_code<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    patient: &patient::Model,
) -> Result<bool, Error> {
    let Some(email) = &patient.email else { return Ok(false) };
    let now = grant.now().instant;
    let code = issue(tx, patient.id, CodeDelivery::Mailed, now).await?;
    let locale = patient.language.as_deref().and_then(crate::base::i18n::Locale::from_tag).unwrap_or(grant.locale());
    let link = grant.link(&format!("/sign-up?code={code}"));
    let letter = activation_code(patient.given_name.clone(), code, link);
    post(tx, &Recipient::address(email, locale), letter, &organization_here()?, now, grant.zone()).await?;
    Ok(true)
}

/// The ZIP code, or the last four digits of any phone.
pub(super) fn knows_contact(patient: &patient::Model, zip: &str, phone: &str) -> bool {
    patient.has_zip(zip) || patient.has_phone(phone)
}
