//! From a code, a form or an invitation to an account.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, SqlErr};
use uuid::Uuid;

use super::{
    entity::{activation_code, sign_up},
    model::{Handed, LIFE, QUESTIONS, WRONG_TRIES},
    unmatched::UnmatchedPerson,
};
use crate::{
    access::{
        Grant,
        policy::{CreateAccounts, Permission, SignUp},
        proxy::is_adult,
    },
    base::{
        error::{Error, Problem, Why},
        ids::{AccountId, new_id},
        text::{LENGTH, answer_key, date, displayed, is_email, is_username, normalised, same_name, username_key},
    },
    desk::requests::store::open,
    features::{account::recovery, family::entity::invitation},
    people::{account, patient},
    platform::{
        mail::{
            letter::Letter,
            store::{Recipient, house_here, post},
        },
        password_hash::Passwords,
        passwords, throttle as attempts,
        throttle::Turn,
        tokens::{hash, random_code, token},
    },
};

/// A sign-up that was begun is kept so long.
const UNDER_WAY: TimeDelta = TimeDelta::hours(2);
/// Tries from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 20;
/// Codes that are mailed to one patient within a quarter of an hour.
const MAILS: i32 = 2;

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
        return Err(Error::field("zip", Why::NoContact));
    }
    let code = normalised(&typed.code).ok_or(Error::field("code", Why::CodeUnknown))?;
    let (now, db) = (grant.now(), grant.db());
    let found = activation_code::Entity::find().filter(activation_code::Column::CodeHash.eq(hash(&code))).one(db).await?;
    let found = found.ok_or(Error::field("code", Why::CodeUnknown))?;
    let patient = patient::Entity::find_by_id(found.patient_id).one(db).await?.ok_or(Error::field("code", Why::CodeUnknown))?;
    let proved = patient.birth_date == birth_date && knows_contact(&patient, &typed.zip, &typed.phone);
    if !proved {
        let tries = found.wrong_tries + 1;
        let mut row = activation_code::ActiveModel { wrong_tries: Set(tries), ..Default::default() };
        if tries >= WRONG_TRIES && found.void_at.is_none() {
            row.void_at = Set(Some(now.instant));
        }
        activation_code::Entity::update_many().set(row).filter(activation_code::Column::Id.eq(found.id)).exec(db).await?;
        return Err(if tries >= WRONG_TRIES { Error::field("code", Why::CodeVoid) } else { Error::form(Why::DetailsWrong) });
    }
    if found.used_at.is_some() {
        return Err(Error::field("code", Why::CodeUsed));
    }
    if found.void_at.is_some() || found.expires_at <= now.instant {
        // Who knows the code and the person gets a new one at once, at the address on file.
        mail_code(grant, &patient).await?;
        return Err(Error::field("code", if found.void_at.is_some() { Why::CodeVoid } else { Why::CodeExpired }));
    }
    if !may_hold_account(&patient, now.today) {
        return Err(Error::field("birth_date", Why::UnderAge));
    }
    if has_account(db, patient.id).await? {
        return Err(Error::form(Why::HasAccount));
    }
    let name = format!("{} {}", patient.given_name, patient.family_name);
    begin(grant, Begun { code: Some(found.id), invitation: None, patient: Some(patient.id), name, birth_date }).await
}

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
            problems.push(Problem { field: field.into(), why: Why::Missing });
        } else if text.chars().count() > 200 {
            problems.push(Problem { field: field.into(), why: Why::TooLong });
        }
    }
    if problems.is_empty() && !is_email(&typed.email) {
        problems.push(Problem { field: "email".into(), why: Why::NotAnEmail });
    }
    if typed.zip.trim().is_empty() && typed.phone.trim().is_empty() {
        problems.push(Problem { field: "zip".into(), why: Why::NoContact });
    }
    let birth_date = date("birth_date", &typed.birth_date)?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let now = grant.now();
    if birth_date >= now.today {
        return Err(Error::field("birth_date", Why::NotPast));
    }
    if !is_adult(birth_date, now.today) {
        return Err(Error::field("birth_date", Why::UnderAge));
    }
    let db = grant.db();
    let born = patient::Entity::find().filter(patient::Column::BirthDate.eq(birth_date)).all(db).await?;
    let mut matches = born.into_iter().filter(|patient| {
        same_name(&patient.given_name, &typed.given_name)
            && same_name(&patient.family_name, &typed.family_name)
            && knows_contact(patient, &typed.zip, &typed.phone)
    });
    match (matches.next(), matches.next()) {
        (Some(patient), None) if patient.email.is_some() => {
            if let Some(account) = account_of(db, patient.id).await? {
                // There is an account already: its owner is told the name, at the account's address.
                if let Some(to) = Recipient::account(&account)
                    && free(db, &format!("sign-up mail:{}", patient.id), MAILS).await?
                {
                    let letter = Letter::RecoverUsername { username: account.username.clone() };
                    post(db, &to, &letter, &house_here()?, now.instant, grant.zone()).await?;
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

/// A new code for a patient, shown to the caller once. Codes made before are void.
///
/// # Errors
/// When the database fails.
pub async fn issue(tx: &impl ConnectionTrait, patient: Uuid, handed: Handed, now: DateTime<Utc>) -> Result<String, Error> {
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

/// A sign-up that was begun in this browser.
///
/// # Errors
/// When the database fails.
pub async fn under_way(grant: &Grant<SignUp>, token: Option<String>) -> Result<Option<sign_up::Model>, Error> {
    let Some(token) = token else { return Ok(None) };
    let found = sign_up::Entity::find().filter(sign_up::Column::TokenHash.eq(hash(&token))).one(grant.db()).await?;
    Ok(found.filter(|row| Utc::now() - row.created_at < UNDER_WAY))
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
        refuse("username", Why::UsernameShape);
    } else if username_taken(db, &chosen.username).await? {
        refuse("username", Why::UsernameTaken);
    }
    let keeps = has_password && chosen.password.is_empty() && chosen.repeat.is_empty();
    if !keeps {
        if let Some(why) = passwords::problem(&chosen.password, &chosen.username) {
            refuse("password", why);
        } else if chosen.password != chosen.repeat {
            refuse("repeat", Why::NotConfirmed);
        }
    }
    if !QUESTIONS.contains(&chosen.question.as_str()) {
        refuse("question", Why::Missing);
    }
    let keeps_answer = keeps && chosen.answer.is_empty();
    let answer = answer_key(&chosen.answer);
    if !keeps_answer && (answer.chars().count() < 2 || chosen.password.to_lowercase().contains(&answer)) {
        refuse("answer", Why::AnswerShort);
    }
    Ok(problems)
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
            return Err(Error::field("username", Why::UsernameTaken));
        }
        Err(error) => return Err(error.into()),
    }
    account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)
}

/// Makes the account of a sign-up under way and opens its first session.
///
/// # Errors
/// `Invalid` for the address; `NotFound` when the steps before are missing.
pub async fn finish(grant: &Grant<SignUp>, row: sign_up::Model, email: &str, notices: bool) -> Result<(account::Model, String), Error> {
    if !is_email(email) {
        return Err(Error::field("email", if email.trim().is_empty() { Why::Missing } else { Why::NotAnEmail }));
    }
    let (Some(username), Some(password_hash)) = (row.username.clone(), row.password_hash.clone()) else { return Err(Error::NotFound) };
    let now = grant.now();
    let tx = grant.begin().await?;
    let code = match row.code_id {
        Some(id) => activation_code::Entity::find_by_id(id).one(&tx).await?,
        None => None,
    };
    if let Some(code) = &code {
        let used = activation_code::ActiveModel { used_at: Set(Some(now.instant)), ..Default::default() };
        let used = activation_code::Entity::update_many()
            .set(used)
            .filter(activation_code::Column::Id.eq(code.id))
            .filter(activation_code::Column::UsedAt.is_null())
            .filter(activation_code::Column::VoidAt.is_null())
            .exec(&tx)
            .await?;
        if used.rows_affected == 0 {
            return Err(Error::form(Why::CodeUsed));
        }
    }
    if let Some(patient) = row.patient_id
        && has_account(&tx, patient).await?
    {
        return Err(Error::form(Why::HasAccount));
    }
    let known = known_address(&tx, &row, code.as_ref()).await?;
    let verified = known.is_some_and(|known| known.eq_ignore_ascii_case(email.trim()));
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
    Ok((account, token))
}

/// Greets a new account, and asks to prove the address when nobody has yet.
pub(crate) async fn welcome<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    account: &account::Model,
    verified: bool,
) -> Result<(), Error> {
    let Some(to) = Recipient::account(account) else { return Ok(()) };
    let letter = Letter::Welcome { username: account.username.clone() };
    post(tx, &to, &letter, &house_here()?, grant.now().instant, grant.zone()).await?;
    if !verified && let Some(email) = &account.email {
        recovery::store::mail_proof(tx, grant, account, email).await?;
    }
    Ok(())
}

/// The address that a code or an invitation has already proved.
async fn known_address(
    tx: &impl ConnectionTrait,
    row: &sign_up::Model,
    code: Option<&activation_code::Model>,
) -> Result<Option<String>, DbErr> {
    if let Some(id) = row.invitation_id {
        return Ok(invitation::Entity::find_by_id(id).one(tx).await?.map(|found| found.email));
    }
    match code.filter(|code| code.handed == Handed::Mailed) {
        Some(code) => Ok(patient::Entity::find_by_id(code.patient_id).one(tx).await?.and_then(|patient| patient.email)),
        None => Ok(None),
    }
}

/// Begins an account for somebody who was invited and has no chart here.
///
/// # Errors
/// `Invalid` for a minor or a missing name; `NotFound` for an invitation that is over.
pub async fn begin_as_invited(grant: &Grant<SignUp>, token: &str, name: &str, birth_date: &str) -> Result<String, Error> {
    throttle(grant).await?;
    let birth_date = date("birth_date", birth_date)?;
    let found = crate::features::family::invitations::open_invitation(grant, token).await?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::field("name", if name.is_empty() { Why::Missing } else { Why::TooLong }));
    }
    if !is_adult(birth_date, grant.now().today) {
        return Err(Error::field("birth_date", Why::UnderAge));
    }
    begin(grant, Begun { code: None, invitation: Some(found.id), patient: None, name: name.to_owned(), birth_date }).await
}

/// Hands out a code at the office.
///
/// # Errors
/// `Invalid` for a minor or somebody who has an account.
pub async fn hand_out(grant: &Grant<CreateAccounts>) -> Result<String, Error> {
    let tx = grant.begin().await?;
    patient_without_account(&tx, grant).await?;
    let code = issue(&tx, grant.patient().0, Handed::Office, grant.now().instant).await?;
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
        problems.push(Problem { field: "email".into(), why: Why::NotAnEmail });
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
    if !may_hold_account(&patient, grant.now().today) {
        return Err(Error::form(Why::UnderAge));
    }
    if has_account(tx, patient.id).await? {
        return Err(Error::form(Why::HasAccount));
    }
    Ok(patient)
}

/// Mails a new code to the address on file; at most a few in a while.
pub(crate) async fn mail_code<P: Permission>(grant: &Grant<P>, patient: &patient::Model) -> Result<(), Error> {
    let Some(email) = &patient.email else { return Ok(()) };
    if !may_hold_account(patient, grant.now().today) || has_account(grant.db(), patient.id).await? {
        return Ok(());
    }
    if !free(grant.db(), &format!("sign-up mail:{}", patient.id), MAILS).await? {
        return Ok(());
    }
    let now = grant.now().instant;
    let tx = grant.begin().await?;
    let code = issue(&tx, patient.id, Handed::Mailed, now).await?;
    let locale = patient.language.as_deref().and_then(crate::base::i18n::Locale::from_tag).unwrap_or(grant.locale());
    let link = grant.link(&format!("/sign-up?code={code}"));
    let letter = Letter::ActivationCode { name: patient.given_name.clone(), code, link };
    post(&tx, &Recipient::address(email, locale), &letter, &house_here()?, now, grant.zone()).await?;
    tx.commit().await?;
    Ok(())
}

struct Begun {
    code: Option<Uuid>,
    invitation: Option<Uuid>,
    patient: Option<Uuid>,
    name: String,
    birth_date: NaiveDate,
}

async fn begin(grant: &Grant<SignUp>, begun: Begun) -> Result<String, Error> {
    let token = token()?;
    sign_up::Entity::insert(sign_up::ActiveModel {
        id: Set(new_id()),
        token_hash: Set(hash(&token)),
        code_id: Set(begun.code),
        invitation_id: Set(begun.invitation),
        patient_id: Set(begun.patient),
        name: Set(begun.name),
        birth_date: Set(begun.birth_date),
        created_at: Set(Utc::now()),
        ..Default::default()
    })
    .exec_without_returning(grant.db())
    .await?;
    Ok(token)
}

async fn throttle(grant: &Grant<SignUp>) -> Result<(), Error> {
    let key = format!("sign-up:{}", crate::platform::throttle::network(grant.address()));
    match attempts::take(grant.db(), &key, PER_ADDRESS).await? {
        Turn::Wait { minutes } => Err(Error::TooManyTries { minutes }),
        Turn::Free { .. } => Ok(()),
    }
}

/// Whether something may still be done in this quarter of an hour.
pub(crate) async fn free(db: &impl ConnectionTrait, key: &str, most: i32) -> Result<bool, Error> {
    Ok(matches!(attempts::take(db, key, most).await?, Turn::Free { .. }))
}

/// Adults, and minors who were recorded as emancipated.
pub(crate) fn may_hold_account(patient: &patient::Model, today: NaiveDate) -> bool {
    is_adult(patient.birth_date, today) || patient.emancipated_on.is_some_and(|day| day <= today)
}

pub(crate) async fn has_account(db: &impl ConnectionTrait, patient: Uuid) -> Result<bool, DbErr> {
    Ok(account_of(db, patient).await?.is_some())
}

pub(crate) async fn account_of(db: &impl ConnectionTrait, patient: Uuid) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find().filter(account::Column::PatientId.eq(patient)).one(db).await
}

/// The ZIP code, or the last four digits of any phone.
fn knows_contact(patient: &patient::Model, zip: &str, phone: &str) -> bool {
    let zip = digits(zip);
    let knows_zip = zip.len() >= 5 && patient.postal_code.as_deref().is_some_and(|known| digits(known).get(..5) == zip.get(..5));
    let phone = digits(phone);
    let last_four = phone.get(phone.len().saturating_sub(4)..).unwrap_or_default();
    let phones = [&patient.phone_mobile, &patient.phone_home, &patient.phone_work];
    let knows_phone = last_four.len() == 4 && phones.into_iter().flatten().any(|known| digits(known).ends_with(last_four));
    knows_zip || knows_phone
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
