//! Asking for a code: matched against the records, or decided by the front desk.

use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    by_code::{MAILS, knows_contact, mail_code},
    store::throttle,
    unmatched::UnmatchedPerson,
};
use crate::{
    access::{Grant, policy::SignUp, proxy::is_adult},
    base::{
        error::{Error, Problem},
        text::{date, is_email},
        why::Why,
    },
    desk::requests::opening::open,
    features::account::{
        core::{account_of, free},
        email::recover,
        problem,
    },
    people::patient,
    platform::mail::store::{organization_here, post},
};

/// What somebody types who has no code.
pub struct WithoutCode {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: String,
    pub zip: String,
    pub phone: String,
    pub email: String,
}

/// Matches a person against the records and mails a code to the address on file. Says nothing about whether there was a match.
///
/// # Errors
/// `Invalid` for what cannot be a person; `TooManyTries`.
pub async fn request_code(grant: &Grant<SignUp>, typed: &WithoutCode) -> Result<(), Error> {
    throttle(grant).await?;
    let mut problems = Vec::new();
    for (field, text) in [("given_name", &typed.given_name), ("family_name", &typed.family_name), ("email", &typed.email)] {
        if text.trim().is_empty() {
            problems.push(Problem { field: field.into(), why: Why::MISSING });
        } else if text.chars().count() > 200 {
            problems.push(Problem { field: field.into(), why: Why::TOO_LONG });
        }
    }
    if problems.is_empty() && !is_email(&typed.email) {
        problems.push(Problem { field: "email".into(), why: Why::NOT_AN_EMAIL });
    }
    if typed.zip.trim().is_empty() && typed.phone.trim().is_empty() {
        problems.push(Problem { field: "zip".into(), why: problem::NO_CONTACT });
    }
    let birth_date = Error::gather(date("birth_date", &typed.birth_date), &mut problems)?;
    let now = grant.now();
    let not_an_adult = birth_date.filter(|born| !is_adult(*born, now.today));
    if let Some(born) = not_an_adult {
        let why = if born >= now.today { Why::NOT_PAST } else { Why::UNDER_AGE };
        problems.push(Problem { field: "birth_date".into(), why });
    }
    let (Some(birth_date), true) = (birth_date, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let db = grant.db();
    let born = patient::Entity::in_use()
        .filter(patient::Column::BirthDate.eq(birth_date))
        .filter(patient::Column::BornBy.is_null())
        .all(db)
        .await?;
    let mut matches = born
        .into_iter()
        .filter(|patient| patient.is_named(&typed.given_name, &typed.family_name) && knows_contact(patient, &typed.zip, &typed.phone));
    match (matches.next(), matches.next()) {
        (Some(patient), None) if patient.email.is_some() => {
            if let Some(account) = account_of(db, patient.id).await? {
                // There is an account already: its owner is told the name, at the account's address.
                if let Some(to) = account.recipient().filter(|_| account.email_verified_at.is_some())
                    && free(db, &format!("sign-up mail:{}", patient.id), MAILS).await?
                {
                    let letter = recover(Some(account.username.clone()), None);
                    post(db, &to, letter, &organization_here()?, now.instant, grant.zone()).await?;
                }
            } else {
                mail_code(grant, &patient).await?;
            }
            Ok(())
        }
        _ => {
            let person = UnmatchedPerson {
                given_name: typed.given_name.trim().to_owned(),
                family_name: typed.family_name.trim().to_owned(),
                birth_date,
                zip: typed.zip.trim().to_owned(),
                phone: typed.phone.trim().to_owned(),
            };
            let name = format!("{} {}", typed.given_name.trim(), typed.family_name.trim());
            open(grant, &name, Some(typed.email.trim()), None, &person).await?;
            Ok(())
        }
    }
}
