//! A sign-up under way: how it begins, what is chosen, and the account at its end.

use chrono::{NaiveDate, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{activation_code, sign_up},
    model::QUESTIONS,
};
use crate::{
    access::{
        Grant, System,
        policy::{Permission, SignUp},
    },
    base::{
        error::{Error, Problem},
        ids::{AccountId, new_id},
        text::{answer_key, is_email, is_username},
        why::Why,
    },
    features::account::{
        core::{NewAccount, Opened, create, has_account, username_taken},
        email, problem, recovery,
    },
    people::account,
    platform::{
        mail::store::{organization_here, post},
        password_hash::Passwords,
        passwords, throttle as attempts,
        tokens::{hash, token},
    },
};

/// A sign-up that was begun is kept so long.
const UNDER_WAY: TimeDelta = TimeDelta::hours(2);
/// Tries from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 20;

/// What a sign-up begins with.
pub(crate) struct Begun {
    pub code: Option<Uuid>,
    pub invitation: Option<Uuid>,
    pub patient: Option<Uuid>,
    pub name: String,
    pub birth_date: NaiveDate,
    /// The address at which the code or the invitation arrived.
    pub proved_email: Option<String>,
}

/// Opens a sign-up and returns the token for its cookie.
pub(crate) async fn begin(grant: &Grant<SignUp>, begun: Begun) -> Result<String, Error> {
    let token = token()?;
    sign_up::Entity::insert(sign_up::ActiveModel {
        id: Set(new_id()),
        token_hash: Set(hash(&token)),
        code_id: Set(begun.code),
        invitation_id: Set(begun.invitation),
        patient_id: Set(begun.patient),
        name: Set(begun.name),
        birth_date: Set(begun.birth_date),
        proved_email: Set(begun.proved_email),
        created_at: Set(Utc::now()),
        ..Default::default()
    })
    .exec_without_returning(grant.db())
    .await?;
    Ok(token)
}

/// Counts a try of this address.
pub(crate) async fn throttle(grant: &Grant<SignUp>) -> Result<(), Error> {
    let key = format!("sign-up:{}", crate::platform::throttle::network(grant.address()));
    attempts::limit(grant.db(), &key, PER_ADDRESS).await
}

/// A sign-up that was begun in this browser.
///
/// # Errors
/// When the database fails.
pub async fn under_way(grant: &Grant<SignUp>, token: Option<String>) -> Result<Option<sign_up::Model>, Error> {
    let Some(token) = token else { return Ok(None) };
    let found = sign_up::Entity::find().filter(sign_up::Column::TokenHash.eq(hash(&token))).one(grant.db()).await?;
    Ok(found.filter(|row| Utc::now() - row.created_at < UNDER_WAY))
}

/// Deletes the sign-ups that nobody went on with.
///
/// # Errors
/// When the database fails.
pub async fn forget(system: &System) -> Result<u64, DbErr> {
    let over = sign_up::Column::CreatedAt.lt(Utc::now() - UNDER_WAY);
    Ok(sign_up::Entity::delete_many().filter(over).exec(system.db()).await?.rows_affected)
}

/// What somebody chooses as their ID.
pub struct Chosen {
    pub username: String,
    pub password: String,
    pub repeat: String,
    pub question: String,
    pub answer: String,
}

/// Keeps the user name, the password and the security question of a sign-up under way.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn choose_id(grant: &Grant<SignUp>, row: &sign_up::Model, passwords: &Passwords, chosen: Chosen) -> Result<(), Error> {
    let problems = id_problems(grant.db(), &chosen, row.password_hash.is_some()).await?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let mut changed = sign_up::ActiveModel {
        username: Set(Some(chosen.username.trim().to_owned())),
        security_question: Set(Some(chosen.question)),
        ..Default::default()
    };
    // Who comes back to this page need not choose the password again.
    if !chosen.password.is_empty() {
        changed.password_hash = Set(Some(passwords.hash(chosen.password).await?));
    }
    if !chosen.answer.is_empty() {
        changed.security_answer_hash = Set(Some(passwords.hash(answer_key(&chosen.answer)).await?));
    }
    sign_up::Entity::update_many().set(changed).filter(sign_up::Column::Id.eq(row.id)).exec(grant.db()).await?;
    Ok(())
}

/// What is wrong with a chosen ID.
pub(crate) async fn id_problems(db: &impl ConnectionTrait, chosen: &Chosen, has_password: bool) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    if !is_username(&chosen.username) {
        refuse("username", problem::USERNAME_SHAPE);
    } else if username_taken(db, &chosen.username).await? {
        refuse("username", problem::USERNAME_TAKEN);
    }
    let keeps = has_password && chosen.password.is_empty() && chosen.repeat.is_empty();
    if !keeps {
        if let Some(why) = passwords::problem(&chosen.password, &chosen.username) {
            refuse("password", why);
        } else if chosen.password != chosen.repeat {
            refuse("repeat", problem::PASSWORDS_DIFFER);
        }
    }
    if !QUESTIONS.contains(&chosen.question.as_str()) {
        refuse("question", Why::MISSING);
    }
    let keeps_answer = keeps && chosen.answer.is_empty();
    let answer = answer_key(&chosen.answer);
    if !keeps_answer && (answer.chars().count() < 2 || chosen.password.to_lowercase().contains(&answer)) {
        refuse("answer", problem::ANSWER_SHORT);
    }
    Ok(problems)
}

/// Makes the account of a sign-up under way and opens its first session.
///
/// # Errors
/// `Invalid` for the address; `NotFound` when the steps before are missing.
pub async fn finish(grant: &Grant<SignUp>, row: sign_up::Model, email: &str, notices: bool) -> Result<Opened, Error> {
    if !is_email(email) {
        return Err(Error::field("email", if email.trim().is_empty() { Why::MISSING } else { Why::NOT_AN_EMAIL }));
    }
    let (Some(username), Some(password_hash)) = (row.username.clone(), row.password_hash.clone()) else { return Err(Error::NotFound) };
    let now = grant.now();
    let tx = grant.begin().await?;
    if let Some(code) = row.code_id {
        let used = activation_code::ActiveModel { used_at: Set(Some(now.instant)), ..Default::default() };
        let used = activation_code::Entity::update_many()
            .set(used)
            .filter(activation_code::Column::Id.eq(code))
            .filter(activation_code::Column::UsedAt.is_null())
            .filter(activation_code::Column::VoidAt.is_null())
            .exec(&tx)
            .await?;
        if used.rows_affected == 0 {
            return Err(Error::form(problem::CODE_USED));
        }
    }
    if let Some(patient) = row.patient_id
        && has_account(&tx, patient).await?
    {
        return Err(Error::form(problem::HAS_ACCOUNT));
    }
    let verified = row.proved_email.is_some_and(|proved| proved.eq_ignore_ascii_case(email.trim()));
    let account = create(
        &tx,
        NewAccount {
            username,
            display_name: row.name.clone(),
            password_hash,
            question: row.security_question.clone(),
            answer_hash: row.security_answer_hash.clone(),
            email: Some(email.trim().to_owned()),
            verified,
            notices,
            patient: row.patient_id,
            birth_date: Some(row.birth_date),
            locale: grant.locale().tag().to_owned(),
        },
        now.instant,
    )
    .await?;
    welcome(&tx, grant, &account, verified).await?;
    sign_up::Entity::delete_by_id(row.id).exec(&tx).await?;
    let token = crate::access::session::open(&tx, AccountId(account.id), grant.device(), false).await?;
    tx.commit().await?;
    Ok(Opened { token, locale: account.locale })
}

/// Greets a new account, and asks to prove the address when nobody has yet.
pub(crate) async fn welcome<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    account: &account::Model,
    verified: bool,
) -> Result<(), Error> {
    let Some(to) = account.recipient() else { return Ok(()) };
    post(tx, &to, email::welcome(account.username.clone()), &organization_here()?, grant.now().instant, grant.zone()).await?;
    if !verified && let Some(email) = &account.email {
        recovery::store::mail_proof(tx, grant, account, email).await?;
    }
    Ok(())
}
