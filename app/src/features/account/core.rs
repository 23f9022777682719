//! What every part of an account needs: making one, whose it is, checking its password.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, SqlErr};
use uuid::Uuid;

use crate::{
    access::{Grant, policy::Permission, proxy::is_adult, session::SessionRules},
    base::{error::Error, ids::new_id, text::username_key, why::Why},
    features::account::problem,
    people::{account, patient},
    platform::{password_hash::Passwords, request as web, throttle as attempts, throttle::Throttle},
};

/// Says that somebody has signed in with this browser before: it offers a passkey first.
pub const KNOWN_COOKIE: &str = "known";
/// In seconds.
pub(crate) const A_YEAR: i64 = 31_536_000;

/// A session that was opened.
pub struct Opened {
    /// For the cookie.
    pub token: String,
    /// The language kept with the account.
    pub locale: String,
}

impl Opened {
    /// Takes its owner into this browser, in their language; from the next time on it is known that somebody has signed in here.
    ///
    /// # Errors
    /// When the server was put together without session rules.
    pub(crate) fn enter(&self) -> Result<(), Error> {
        let rules = web::context::<SessionRules>()?;
        web::set_cookie(&rules.cookie(&self.token));
        web::set_cookie(&web::language_cookie(&self.locale, rules.secure));
        web::keep_cookie(KNOWN_COOKIE, "1", A_YEAR)
    }
}

/// The account of whoever asks.
pub(crate) async fn own<P: Permission>(grant: &Grant<P>) -> Result<account::Model, Error> {
    account::Entity::find_by_id(grant.holder()?.account.0).one(grant.db()).await?.ok_or(Error::NotFound)
}

/// Compares the password of somebody who is signed in; failures count like those of signing in.
pub(crate) async fn check_password<P: Permission>(
    grant: &Grant<P>,
    passwords: &Passwords,
    account: &account::Model,
    password: String,
) -> Result<(), Error> {
    let key = format!("password:{}", account.id);
    let last = match attempts::count(grant.db(), &key, attempts::PER_ACCOUNT).await? {
        Throttle::Limited { minutes } => return Err(Error::Locked { minutes }),
        Throttle::Allowed { last } => last,
    };
    if !passwords.verify(password, Some(account.password_hash.clone())).await?.matches {
        if last {
            attempts::lock(grant.db(), &key).await?;
        }
        return Err(Error::field("password", problem::PASSWORD_WRONG));
    }
    attempts::reset(grant.db(), &key).await?;
    Ok(())
}

pub(crate) async fn change(db: &impl ConnectionTrait, account: Uuid, row: account::ActiveModel) -> Result<(), DbErr> {
    account::Entity::update_many().set(row).filter(account::Column::Id.eq(account)).exec(db).await?;
    Ok(())
}

pub(crate) async fn username_taken(db: &impl ConnectionTrait, username: &str) -> Result<bool, DbErr> {
    Ok(account::Entity::find().filter(account::Column::UsernameKey.eq(username_key(username))).count(db).await? > 0)
}

/// What is needed to make an account.
pub(crate) struct NewAccount {
    pub username: String,
    pub display_name: String,
    pub password_hash: String,
    pub question: Option<String>,
    pub answer_hash: Option<String>,
    pub email: Option<String>,
    /// The address is known to be this person's.
    pub verified: bool,
    pub notices: bool,
    pub patient: Option<Uuid>,
    pub birth_date: Option<NaiveDate>,
    pub locale: String,
}

/// Makes an account. The caller's transaction also says what led to it.
pub(crate) async fn create(tx: &impl ConnectionTrait, new: NewAccount, now: DateTime<Utc>) -> Result<account::Model, Error> {
    let id = new_id();
    let inserted = account::Entity::insert(account::ActiveModel {
        id: Set(id),
        username_key: Set(username_key(&new.username)),
        username: Set(new.username.trim().to_owned()),
        display_name: Set(new.display_name),
        password_hash: Set(new.password_hash),
        staff_role: Set(None),
        patient_id: Set(new.patient),
        locale: Set(new.locale),
        created_at: Set(now),
        email_verified_at: Set(new.email.as_ref().filter(|_| new.verified).map(|_| now)),
        email: Set(new.email),
        security_question: Set(new.question),
        security_answer_hash: Set(new.answer_hash),
        email_code_on: Set(false),
        mail_off: Set((!new.notices).then(|| crate::platform::mail::model::News::OPTIONAL.map(|news| news.as_str()).join(","))),
        birth_date: Set(new.birth_date),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await;
    match inserted {
        Ok(_) => {}
        // Somebody else was faster, or the same person twice.
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(Error::field("username", problem::USERNAME_TAKEN));
        }
        Err(error) => return Err(error.into()),
    }
    account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)
}

/// Adults, and minors who were recorded as emancipated, may hold an account.
///
/// # Errors
/// Why this patient may not.
pub(crate) fn may_hold_account(patient: &patient::Model, today: NaiveDate) -> Result<(), Why> {
    let decides = is_adult(patient.birth_date, today) || patient.emancipated_on.is_some_and(|day| day <= today);
    if patient.deceased || patient.merged_into.is_some() {
        return Err(problem::NO_ACCOUNT);
    }
    if patient.born_by.is_some() {
        return Err(problem::BIRTH_DATE_INCOMPLETE);
    }
    if decides { Ok(()) } else { Err(Why::UNDER_AGE) }
}

pub(crate) async fn has_account(db: &impl ConnectionTrait, patient: Uuid) -> Result<bool, DbErr> {
    Ok(account_of(db, patient).await?.is_some())
}

pub(crate) async fn account_of(db: &impl ConnectionTrait, patient: Uuid) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find().filter(account::Column::PatientId.eq(patient)).one(db).await
}

/// Whose account it is, born when.
pub(crate) async fn birth_date_of(db: &impl ConnectionTrait, account: &account::Model) -> Result<Option<NaiveDate>, Error> {
    match account.patient_id {
        Some(id) => Ok(patient::Entity::find_by_id(id).one(db).await?.map(|patient| patient.birth_date)),
        None => Ok(account.birth_date),
    }
}

/// Whether something may still be done in this quarter of an hour.
pub(crate) async fn free(db: &impl ConnectionTrait, key: &str, most: i32) -> Result<bool, Error> {
    match attempts::limit(db, key, most).await {
        Ok(()) => Ok(true),
        Err(Error::TooManyTries { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
