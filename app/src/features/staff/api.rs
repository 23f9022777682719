//! What staff do for a patient.

// The fields of a form are the arguments of its server function.
#![allow(clippy::too_many_arguments)]

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId, why::Why};

/// Hands out an activation code, after the identity was checked.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` for a minor or somebody who has an account.
#[server(endpoint = "staff/hand-out-code", output = Answer)]
pub async fn hand_out_code(
    patient: PatientId,
    #[server(default)] photo_id: String,
    #[server(default)] birth_date_said: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::CreateAccounts>(patient).await?;
    identity_checked(&photo_id, &birth_date_said)?;
    let code = crate::features::account::sign_up::at_desk::hand_out(&grant).await?;
    web::show_once(patient, &code)?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}/code"));
    Ok(())
}

/// Creates the account at the desk, the patient typing name, password and answer.
///
/// # Errors
/// As [`hand_out_code`], and `Invalid` with everything that is wrong.
#[server(endpoint = "staff/create-account", output = Answer)]
pub async fn create_account(
    patient: PatientId,
    #[server(default)] photo_id: String,
    #[server(default)] birth_date_said: String,
    username: String,
    password: String,
    repeat: String,
    #[server(default)] question: String,
    answer: String,
    email: String,
    #[server(default)] notices: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        features::account::sign_up::{at_desk::create_at_office, store::Chosen},
        platform::{password_hash::Passwords, request as web},
    };
    let passwords = web::context::<Passwords>()?;
    let grant = allow::<policy::CreateAccounts>(patient).await?;
    identity_checked(&photo_id, &birth_date_said)?;
    let chosen = Chosen { username, password, repeat, question, answer };
    create_at_office(&grant, &passwords, chosen, &email, notices != "no").await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=created"));
    Ok(())
}

/// Records access from a paper form.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` with what is wrong.
#[server(endpoint = "staff/record-access", output = Answer)]
pub async fn record_access(
    patient: PatientId,
    username: String,
    #[server(default)] basis: String,
    #[server(default)] level: String,
    #[server(default)] until: String,
) -> Result<(), Error> {
    use crate::{
        access::{Level, allow, policy},
        people::relation::{AdultLevel, Basis, Relationship},
        platform::request as web,
    };
    let grant = allow::<policy::RecordAccess>(patient).await?;
    let (basis, relationship) = match basis.as_str() {
        "parent_child" => (Basis::ParentChild, Relationship::Parent),
        "papers" => (Basis::Papers, Relationship::Guardian),
        "adult_adult" => (Basis::AdultAdult, Relationship::Caregiver),
        _ => return Err(Error::field("basis", Why::MISSING)),
    };
    let level = AdultLevel::ALL.iter().copied().find(|found| found.as_str() == level).filter(|_| basis != Basis::ParentChild);
    if basis == Basis::AdultAdult && level.is_none() {
        return Err(Error::field("level", Why::MISSING));
    }
    let opens = crate::features::family::recorded::record(&grant, &username, basis, relationship, level, &until).await?;
    let done = match opens {
        Ok(Level::Demographics) => "recorded-demographics",
        Ok(_) => "recorded",
        Err(_) => "recorded-nothing",
    };
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done={done}"));
    Ok(())
}

/// Ends somebody's access, with a reason.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` without a reason.
#[server(endpoint = "staff/end-access", output = Answer)]
pub async fn end_access(patient: PatientId, id: Uuid, #[server(default)] reason: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RecordAccess>(patient).await?;
    if reason.trim().is_empty() {
        return Err(Error::field("reason", Why::MISSING));
    }
    crate::features::family::grants::end_with_reason(&grant, id, &reason).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=ended"));
    Ok(())
}

/// Completes a birth date of which the record knows the year or the month only, from papers that were seen.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` for a day that the record excludes.
#[server(endpoint = "staff/complete-birth-date", output = Answer)]
pub async fn complete_birth_date(
    patient: PatientId,
    #[server(default)] birth_date: String,
    #[server(default)] photo_id: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RecordAccess>(patient).await?;
    let born = crate::base::text::date("birth_date", &birth_date)?;
    if photo_id != "true" {
        return Err(Error::field("photo_id", Why::NOT_CONFIRMED));
    }
    super::store::complete_birth_date(&grant, born).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=completed"));
    Ok(())
}

/// Undoes an emancipation that was recorded by mistake, with a reason: the parents' access is as it was.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` without a reason, or without an emancipation.
#[server(endpoint = "staff/undo-emancipation", output = Answer)]
pub async fn undo_emancipation(patient: PatientId, #[server(default)] reason: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RecordAccess>(patient).await?;
    if reason.trim().is_empty() {
        return Err(Error::field("reason", Why::MISSING));
    }
    crate::features::family::recorded::undo_emancipation(&grant, &reason).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=undone"));
    Ok(())
}

/// Records that a minor is emancipated: the parents' access ends at once.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` for an adult or without the papers seen.
#[server(endpoint = "staff/record-emancipation", output = Answer)]
pub async fn record_emancipation(patient: PatientId, #[server(default)] papers_seen: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::RecordAccess>(patient).await?;
    if papers_seen != "true" {
        return Err(Error::field("papers_seen", Why::NOT_CONFIRMED));
    }
    crate::features::family::recorded::record_emancipation(&grant).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=emancipated"));
    Ok(())
}

/// Puts another record of the same person into this one: one chart with both parts.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` when nothing says how it is known that both are one person's.
#[server(endpoint = "staff/join-records", output = Answer)]
pub async fn join_records(
    patient: PatientId,
    other: PatientId,
    #[server(default)] differences_confirmed: String,
    #[server(default)] known_by: String,
) -> Result<(), Error> {
    use super::joining::{self, Known};
    use crate::{
        access::{allow, policy},
        people::regroup::Regroup,
        platform::request as web,
    };
    let regroup = web::context::<Regroup>()?;
    let (kept, joined) = (allow::<policy::JoinRecords>(patient).await?, allow::<policy::JoinRecords>(other).await?);
    let known = Known { differences_confirmed: differences_confirmed == "true", known_by };
    joining::join(&kept, &joined, &known, &regroup).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=joined"));
    Ok(())
}

/// Takes apart two records that were joined by mistake, with a reason.
///
/// # Errors
/// `NotFound` for everybody but the front desk; `Invalid` without a reason.
#[server(endpoint = "staff/separate-records", output = Answer)]
pub async fn separate_records(patient: PatientId, id: Uuid, #[server(default)] reason: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        people::regroup::Regroup,
        platform::request as web,
    };
    let regroup = web::context::<Regroup>()?;
    let grant = allow::<policy::JoinRecords>(patient).await?;
    if reason.trim().is_empty() {
        return Err(Error::field("reason", Why::MISSING));
    }
    // Both charts' logs tell it.
    allow::<policy::JoinRecords>(super::joining::other(&grant, id).await?).await?;
    super::joining::separate(&grant, id, &reason, &regroup).await?;
    web::redirect_plain_form(&format!("/staff/patients/{patient}?done=separated"));
    Ok(())
}

/// Nobody gets an account without showing who they are.
#[cfg(feature = "ssr")]
fn identity_checked(photo_id: &str, birth_date_said: &str) -> Result<(), Error> {
    use crate::base::error::Problem;
    let unchecked = [("photo_id", photo_id), ("birth_date_said", birth_date_said)].into_iter().filter(|(_, ticked)| *ticked != "true");
    let problems: Vec<Problem> = unchecked.map(|(field, _)| Problem { field: field.into(), why: Why::NOT_CONFIRMED }).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
